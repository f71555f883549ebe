#pragma once
/* The files of a scaling measurement.
 *
 *     FOLDER/strong_ranks=2_repeat=1.json   what a measurement printed; likewise weak_...
 *     FOLDER/strong_ranks=2_repeat=1.log    what it complained of
 *     FOLDER/scaling.csv, scaling.svg       what came of all (experiments/scaling_report.h)
 *
 * Ranks       local
 */

#include "experiments/scaling.h"

/* Where a repeat of a point leaves what it says.
 *
 * Range       repeat from 0; ending: json or log
 * Ownership   the caller releases it
 */
char *scaling_output_path(const Scaling *scaling, const ScalingPoint *point, size_t repeat,
                          const char *ending);

/* Removes these files from a folder, and nothing else. */
void scaling_remove_files(const char *folder);
