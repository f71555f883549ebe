#pragma once
/* The event files of a run, for TensorBoard: which there are, what they are called.
 *
 *     RUN/tensorboard/train/events.out.tfevents.<unix seconds>.<host>.<process>.<part>
 *     RUN/tensorboard/validation/...
 *
 * A process that begins or continues a run makes one file a part, which replaces those of the
 * processes before it.
 *
 * Ranks       local: one rank writes
 */

#include <stdint.h>

#include "base/status.h"
#include "base/text.h"

typedef enum EventPart { EVENTS_TRAIN, EVENTS_VALIDATION, EVENT_PARTS } EventPart;

/* By what the files of a process are called. */
typedef struct EventFolder {
  const char *run_folder; /* borrowed */
  const char *host;       /* borrowed */
  int64_t begin_s;        /* of this process, since 1970-01-01 UTC */
} EventFolder;

/* Makes the file of a part and removes the part's other event files. The new one is there before
 * the others are gone.
 *
 * Errors      ERR_OUTPUT, ERR_IO; the others are then still there
 */
Status event_folder_replace(const EventFolder *folder, EventPart part, const Text *bytes);

/* Appends to the file of a part.
 *
 * Errors      ERR_OUTPUT, ERR_IO
 */
Status event_folder_append(const EventFolder *folder, EventPart part, const Text *bytes);

/* Removes all event files of a run, and folders that are empty then; nothing else. */
void event_folder_clear(const char *run_folder);
