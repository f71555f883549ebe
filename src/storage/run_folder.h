#pragma once
/* The folder of a run: what lies where, which checkpoints there are, which of them stay.
 *
 *     RUN/config.yaml               the resolved configuration
 *     RUN/metrics.csv               a row per epoch
 *     RUN/curves.svg                loss and accuracy against epochs
 *     RUN/report.html               what `lockstep report` writes
 *     RUN/tensorboard/              storage/event_folder.h
 *     RUN/checkpoints/step_00002345.h5
 *     RUN/checkpoints/last.h5       the newest, a second name of it
 *     RUN/lock                      while a run goes on: storage/folder_lock.h
 *
 * Ranks       local: one rank writes
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "storage/checkpoint.h"

/* The path of a file of the run; slashes at the end of the folder are left out. Ownership: the
 * caller releases it. */
char *run_folder_path(const char *folder, const char *name);

/* True if the folder holds a run: a configuration or a checkpoint. */
bool run_folder_is_used(const char *folder);

/* Makes the folder and its parts, and tries that a file can be written there.
 *
 * Errors      ERR_OUTPUT
 */
Status run_folder_create(const char *folder);

/* Removes everything that Lockstep writes into a run's folder, and nothing else. Of what was
 * exported that is what bears the name of a checkpoint: it would seem to be of the next run. */
void run_folder_clear(const char *folder);

/* Opens the newest checkpoint that is whole, with a warning for each broken one that is passed
 * over to reach it. The run may go on meanwhile.
 *
 * Errors      ERR_DATA if there are checkpoints and none is whole; *out is NULL without any
 * Ownership   *out is released with checkpoint_close
 */
Status run_folder_newest(const char *folder, Checkpoint **out);

/* Opens a checkpoint by its own name, or by that of a run's folder or of the folder of checkpoints
 * in it: then the newest that is whole.
 *
 * Ownership   *out is released with checkpoint_close
 * Errors      as checkpoint_open and run_folder_newest; ERR_NO_INPUT for a folder without any
 */
Status run_folder_open(const char *path, Checkpoint **out);

/* Writes a checkpoint of a step and makes it the last one; older ones beyond `keep` are removed.
 *
 * Errors      as checkpoint_write; the files that were there are then still there
 */
Status run_folder_save(const char *folder, const CheckpointContent *content, size_t keep);
