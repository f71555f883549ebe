#include "distributed/shard_plan.h"

#include "base/memory.h"

Range shard_plan_leaves(const ShardPlan *plan, size_t rank) {
  return shard_rows(plan->n_shards, plan->n_ranks, rank);
}

Status shard_plan_create(size_t n_shards, size_t n_ranks, size_t rank, ShardPlan *out) {
  *out = (ShardPlan){.n_shards = n_shards, .n_ranks = n_ranks, .rank = rank};
  if (n_ranks > n_shards) {
    return fail(ERR_CONFIG,
                "found %zu ranks for %zu shard%s, expected at most one rank per shard; start fewer "
                "ranks, or set training.shards to %zu or more",
                n_ranks, n_shards, n_shards == 1 ? "" : "s", n_ranks);
  }

  out->nodes = NEW_ARRAY(ShardNode, n_shards + SHARD_MOST_NODES);
  out->first_of_rank = NEW_ARRAY(size_t, n_ranks + 1);
  for (size_t r = 0; r < n_ranks; r++) {
    out->first_of_rank[r] = out->n_nodes;
    out->n_nodes += shard_cover(n_shards, shard_plan_leaves(out, r), out->nodes + out->n_nodes);
  }
  out->first_of_rank[n_ranks] = out->n_nodes;
  return OK;
}

void shard_plan_release(ShardPlan *plan) {
  memory_release(plan->nodes);
  memory_release(plan->first_of_rank);
  *plan = (ShardPlan){0};
}
