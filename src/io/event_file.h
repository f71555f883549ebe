#pragma once
/* TensorBoard's event files: records of what was measured at which step.
 *
 * Records are appended to bytes in memory, which the caller writes to a file, or behind what it
 * has; knows nothing of files. Order of calls: event_file_begin for the first bytes of a file, then
 * any number of events. The only door to the messages of TensorBoard.
 *
 * Source      TensorFlow, core/lib/io/record_writer: u64 length, masked CRC-32C of it, data, masked
 *             CRC-32C of the data, all little-endian; messages: io/protos/event.proto
 */

#include <stdint.h>

#include "base/text.h"

typedef struct EventTime {
  double wall_s; /* since 1970-01-01 UTC */
  int64_t step;
} EventTime;

/* Counts in buckets of equal width. */
typedef struct EventHistogram {
  double minimum, maximum;
  size_t n_buckets;
  const int64_t *counts;
} EventHistogram;

/* The beginning of a file. It also says that a session starts at step 0, at which a reader forgets
 * what it has read from other files of the folder.
 */
void event_file_begin(Text *bytes, double wall_s);

/* A number, which is stored as a float. */
void event_file_add_scalar(Text *bytes, const EventTime *time, const char *tag, double value);

/* A histogram; sums of its numbers are not stored. */
void event_file_add_histogram(Text *bytes, const EventTime *time, const char *tag,
                              const EventHistogram *histogram);
