#pragma once
/* The checkpoints below a folder, each verified, with what they say of themselves in short.
 *
 * Ranks       local
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text_list.h"
#include "storage/metric_table.h"

typedef struct ListedCheckpoint {
  char *path;
  TextList other_names; /* of the same file in the same folder, such as last.h5 */
  uint64_t bytes;
  char *reason;        /* why it cannot be used, in one line; NULL: it is whole */
  bool newest;         /* the highest step among the whole ones of its folder */
  uint64_t step;       /* finished updates; of a whole one, as all that follows */
  uint64_t epoch;      /* finished epochs */
  MetricTable metrics; /* the last row of its epochs; no row where none is finished */
} ListedCheckpoint;

typedef struct CheckpointList {
  size_t count;
  ListedCheckpoint *items; /* folder by folder, in the order of their names */
} CheckpointList;

/* Lists the .h5 files in a folder's `checkpoints` and in the `checkpoints` of every folder in it;
 * where there are none, those in the folder itself: so it may be the folder of a run, of many runs,
 * or of checkpoints alone.
 *
 * A run that goes on may remove files meanwhile: those are left out.
 * Ownership   *out is released with checkpoint_list_release
 * Errors      ERR_NO_INPUT for a folder that cannot be read or without any such file; *out is then
 *             empty
 */
Status checkpoint_list_read(const char *folder, CheckpointList *out);

/* Releases the list and empties it. */
void checkpoint_list_release(CheckpointList *list);
