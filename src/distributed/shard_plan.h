#pragma once
/* Who carries which shards, and which partial sums that gives.
 *
 * Of R ranks, rank r carries the shards [floor(r S / R), floor((r + 1) S / R)) and publishes one
 * partial sum for each maximal node of the tree in that run. Which shards a rank carries depends on
 * the number of ranks; nothing else does.
 *
 * Ranks       local: every rank computes the same plan
 */

#include "base/status.h"
#include "math/shard_tree.h"

typedef struct ShardPlan {
  size_t n_shards;       /* S */
  size_t n_ranks;        /* R */
  size_t rank;           /* this one */
  size_t n_nodes;        /* partial sums of all ranks */
  ShardNode *nodes;      /* in leaf order */
  size_t *first_of_rank; /* (R + 1): rank r publishes nodes first_of_rank[r], ... */
} ShardPlan;

/* Makes the plan.
 *
 * Ownership   shard_plan_release
 * Errors      ERR_CONFIG if there are more ranks than shards
 */
Status shard_plan_create(size_t n_shards, size_t n_ranks, size_t rank, ShardPlan *out);

/* Releases the plan's memory. */
void shard_plan_release(ShardPlan *plan);

/* The shards of a rank. */
Range shard_plan_leaves(const ShardPlan *plan, size_t rank);
