#pragma once
/* The training loop.
 *
 * Ranks       collective
 */

#include "training/run.h"

/* Trains from where run->progress stands to the end that the configuration sets.
 *
 * Errors      ERR_STOPPED if the run was asked to stop, and has saved; ERR_DIVERGED; failures of
 *             files
 */
Status trainer_run(Run *run);
