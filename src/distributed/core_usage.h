#pragma once
/* Which cores of this host the ranks may use: one thread computes per rank, so a core without a
 * rank is idle, and ranks that share a core wait for each other.
 */

#include "distributed/communicator.h"

typedef struct CoreUsage {
  int ranks; /* on this host */
  int cores; /* of this host */
  int bound; /* cores that at least one of those ranks may use */
} CoreUsage;

/* Asks all ranks for the cores that they may use. Ranks: collective. */
CoreUsage core_usage_find(Communicator *communicator);

/* Cores that no rank computes on. Ranks: local. */
int core_usage_idle(const CoreUsage *usage);

/* What is wrong with the binding and the command that would be better, or NULL if nothing is.
 * Ownership: memory_release. Ranks: local.
 */
char *core_usage_advice(const CoreUsage *usage);
