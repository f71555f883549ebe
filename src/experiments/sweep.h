#pragma once
/* A sweep: a grid of runs of one configuration, each an ordinary run folder.
 *
 *     SWEEP/batch_size=32_seed=1/        a run's folder
 *     SWEEP/batch_size=32_seed=1.log     what the run said, where it said anything
 *     SWEEP/sweep.csv, sweep.h5          what came of it (experiments/sweep_files.h)
 *     SWEEP/curves.svg, result.svg       pictures (experiments/sweep_pictures.h)
 *
 * A run that is finished is not run again; one that is not goes on from its newest checkpoint. So
 * the outcome of a sweep is the same however often it was killed. Order of calls: sweep_create,
 * sweep_run, sweep_destroy.
 *
 * Ranks       local, before MPI: the runs are processes of their own
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text_list.h"
#include "experiments/sweep_grid.h"
#include "storage/folder_lock.h"
#include "storage/metric_table.h"

typedef struct SweepSettings {
  const char *config;
  TextList changes; /* KEY=VALUE, of all runs */
  SweepGrid grid;
  size_t n_seeds; /* the configuration's and those that follow it */
  size_t n_ranks; /* of each run */
  size_t n_jobs;  /* runs at a time */
  double target;  /* of the goal (experiments/sweep_result.h); NaN: none */
  const char *folder;
  const char *launcher; /* as launcher_find */
  bool resume, force;
} SweepSettings;

typedef enum SweepRunState {
  SWEEP_RUN_OPEN,     /* not finished yet */
  SWEEP_RUN_FINISHED, /* all epochs or steps are done */
  SWEEP_RUN_DIVERGED, /* its loss left the finite numbers */
  SWEEP_RUN_FAILED,
} SweepRunState;

/* "open", "finished", ...; in the order of the enum. */
extern const char *const sweep_run_state_names[];

typedef struct SweepRun {
  size_t point;
  int64_t seed;
  char *name, *folder, *log;
  SweepRunState state;
  bool is_at_end;     /* its newest checkpoint has all epochs or steps */
  MetricTable epochs; /* as the newest checkpoint has it */
} SweepRun;

typedef struct Sweep {
  const SweepSettings *settings;
  size_t n_runs;
  SweepRun *runs; /* point after point, seed after seed */
  FolderLock lock;
} Sweep;

/* Checks the configuration of every run and looks what is finished. The sweep holds its folder, and
 * every run holds its own.
 *
 * Ownership   *out is released with sweep_destroy; the settings must outlive it
 * Errors      as run_config_read and work_folder_enter; ERR_CONFIG if a run's folder is of another
 *             configuration; *out is then NULL
 */
Status sweep_create(const SweepSettings *settings, Sweep **out);

/* Releases it; NULL is fine. */
void sweep_destroy(Sweep *sweep);

/* Runs what is not finished, says a line about each run, and keeps sweep.csv up to date.
 *
 * Errors      ERR_STOPPED if this process was asked to stop: the runs have saved; ERR_CONFIG,
 *             ERR_DATA or ERR_NO_INPUT of the first run that fails so, at once, for the others
 *             would too; ERR_INTERNAL for other failures of runs, after all others have ended;
 *             failures of files. A run that diverges is no failure.
 */
Status sweep_run(Sweep *sweep);

/* Appends the changes that make the configuration that of a run: "training.batch_size=8", ... */
void sweep_run_changes(const Sweep *sweep, const SweepRun *run, TextList *changes);

/* Finds out how far a run has come, by its newest checkpoint. Errors: as sweep_create. */
Status sweep_run_update(const Sweep *sweep, SweepRun *run);

/* The runs of a point: as many as there are seeds. Borrowed. */
const SweepRun *sweep_point_runs(const Sweep *sweep, size_t point);

/* Runs of one point in a state. */
size_t sweep_count(const Sweep *sweep, size_t point, SweepRunState state);
