#pragma once
/* The plan of a run, for people: what will be computed, by whom, in what pieces.
 *
 * Ranks       local: describes the whole run
 */

#include "training/run.h"

/* Layers, shapes, parameters, batches, shards, ranks, memory, bytes moved. Ownership:
 * memory_release. */
char *run_plan_text(const Run *run);
