#pragma once
/* A run in words, for people: before it, what will be computed, by whom, in what pieces; after it,
 * what came of it.
 *
 * Ranks       local: describes the whole run
 */

#include "base/text.h"
#include "report/table.h"
#include "training/run.h"

/* Layers, shapes, parameters, batches, shards, ranks, memory, bytes moved. Ownership:
 * memory_release. */
char *run_plan_text(const Run *run);

/* The gradient noise scale and what it says of the batch size, as a line; NULL if it is not known.
 *
 * Source      McCandlish et al. 2018, section 2.2: a batch of the scale's size takes twice the
 *             fewest steps and twice the fewest samples
 * Ownership   memory_release
 */
char *run_noise_text(const Run *run);

/* Writes a value of a column of the metrics with the digits that it deserves; nothing for NaN.
 * Returns `out`. */
char *run_value_text(char out[NUMBER_TEXT_BYTES], const char *column, double value);

/* The metrics of every epoch as a table; columns without any value are left out. Ownership:
 * text_table_destroy. */
TextTable *run_history_table(const MetricTable *epochs);

/* That table as text. Ownership: memory_release. */
char *run_history_text(const MetricTable *epochs);
