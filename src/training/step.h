#pragma once
/* One step of training: gradient, reduction, update, publication.
 *
 * Ranks       collective
 */

#include "training/run.h"

/* What a step was, the same on all ranks but for the times. */
typedef struct StepFacts {
  size_t n_rows;
  double loss; /* of the batch, before the update */
  double learning_rate;
  double seconds_computing, seconds_reducing;
  bool stop; /* some rank was asked to stop */
} StepFacts;

/* Makes one update and moves run->progress on.
 *
 * Errors      ERR_DIVERGED if the loss is not finite; nothing has been updated then
 */
Status step_run(Run *run, StepFacts *facts);
