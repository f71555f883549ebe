#pragma once
/* A run in words, for people: before it, what will be computed, by whom, in what pieces; after it,
 * what came of it.
 *
 * Ranks       local: describes the whole run
 */

#include "training/run.h"

/* Layers, shapes, parameters, batches, shards, ranks, memory, bytes moved. Ownership:
 * memory_release. */
char *run_plan_text(const Run *run);

/* The metrics of every epoch as a table; columns without any value are left out. Ownership:
 * memory_release. */
char *run_history_text(const MetricTable *epochs);
