#pragma once
/* The files of a sweep: sweep.csv, a row per point, and sweep.h5, which has the runs' epochs too.
 *
 *     /                    attributes: title, config (the path), goal, target
 *     /points/COLUMN       as the columns of sweep.csv; columns of texts are attributes of /points
 *     /runs/NAME/COLUMN    the epochs of a run; attributes: KEY (each swept key), seed, state
 *
 * Ranks       local
 */

#include "experiments/sweep_result.h"

/* Writes SWEEP/sweep.csv. Errors: as file_write. */
Status sweep_write_csv(const Sweep *sweep, const SweepGoal *goal);

/* Writes SWEEP/sweep.h5. Errors: as file_write. */
Status sweep_write_h5(const Sweep *sweep, const SweepGoal *goal);
