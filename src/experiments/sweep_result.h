#pragma once
/* What came of a sweep: for every point, means over its finished runs.
 *
 * Ranks       local
 */

#include <stdbool.h>

#include "base/spread.h"
#include "experiments/result_table.h"
#include "experiments/sweep.h"

/* The number that runs are compared by: the first metric, of the validation samples if there are
 * any. */
typedef struct SweepGoal {
  char name[METRIC_NAME_BYTES]; /* "val_accuracy"; empty while no run is finished */
  bool larger_is_better;
  double target; /* NaN: none */
} SweepGoal;

/* The goal of a sweep, with its target. */
SweepGoal sweep_goal(const Sweep *sweep);

/* The last value of a run's column, and the best of all epochs; NaN without any. */
double sweep_run_final(const SweepRun *run, const char *column);
double sweep_run_best(const SweepRun *run, const char *column, bool larger_is_better);

/* Epochs and training seconds until a run reached the target; NaN if it did not. */
double sweep_run_epochs_to(const SweepRun *run, const SweepGoal *goal);
double sweep_run_seconds_to(const SweepRun *run, const SweepGoal *goal);

/* The mean over a point's finished runs of a number that each gives; NaN counts as none. */
typedef double (*SweepNumber)(const SweepRun *run, const SweepGoal *goal);
Mean sweep_point_mean(const Sweep *sweep, size_t point, SweepNumber number, const SweepGoal *goal);

/* One row per point: the values on the axes, runs, diverged, epochs, seconds per epoch, loss and
 * metrics at the end and at their best, and the way to the target. Ownership:
 * result_table_destroy. */
ResultTable *sweep_result_table(const Sweep *sweep, const SweepGoal *goal);
