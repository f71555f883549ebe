/* distributed/step_report: the sums of all shards, and the wish to stop. */

#include <string.h>

#include "base/memory.h"
#include "distributed/node_group.h"
#include "distributed/step_report.h"
#include "math/shard_tree.h"
#include "unit/distributed/ranks.h"

enum { N_SUMS = 3 };

static bool passes_report_of(size_t n_shards, size_t n_rows, size_t ranks_per_node) {
  ShardPlan plan;
  shard_plan_create(n_shards, (size_t)n_ranks, (size_t)rank, &plan);
  NodeGroup *group = node_group_create(ranks, ranks_per_node);
  StepReport *report = step_report_create(ranks, group, &plan, N_SUMS);
  Range own = shard_plan_leaves(&plan, (size_t)rank);
  double *shards = step_report_shards(report), *all = NEW_ARRAY(double, n_shards *N_SUMS);
  bool *present = NEW_ARRAY(bool, n_shards), good = true;
  for (size_t s = 0; s < n_shards; s++) {
    present[s] = range_count(shard_rows(n_rows, n_shards, s)) > 0;
    for (size_t i = 0; i < N_SUMS; i++) {
      all[s * N_SUMS + i] = awkward(s + i) * (double)(i + 1);
      bool is_own = s >= own.begin && s < own.end;
      if (is_own) shards[s * N_SUMS + i] = all[s * N_SUMS + i];
    }
  }
  double sums[N_SUMS];
  step_report_post(report, false);
  node_group_wait(group);
  bool stop = step_report_collect(report, n_rows, sums);
  for (size_t i = 0; i < N_SUMS; i++) {
    double expected = shard_sum(n_shards, present, all + i, N_SUMS);
    good &= memcmp(&sums[i], &expected, sizeof expected) == 0;
  }
  memory_release(all), memory_release(present);
  step_report_destroy(report);
  node_group_destroy(group);
  shard_plan_release(&plan);
  return good && !stop;
}

/* On one host, and on one that is taken for several. */
static bool passes_report(size_t n_shards, size_t n_rows) {
  bool on_one = passes_report_of(n_shards, n_rows, 0);
  return passes_report_of(n_shards, n_rows, 2) && on_one;
}

static void sums_of_shards_are_added_in_tree_order(void **state) {
  (void)state;
  bool good = true;
  for (size_t n_shards = (size_t)n_ranks; n_shards <= 17; n_shards++) {
    good &= passes_report(n_shards, 5 * n_shards + 1);
    good &= passes_report(n_shards, n_shards / 2 + 1);
    good &= passes_report(n_shards, 1);
  }
  assert_on_all(good);
}

static void wish_of_any_rank_to_stop_reaches_all(void **state) {
  (void)state;
  ShardPlan plan;
  shard_plan_create(16, (size_t)n_ranks, (size_t)rank, &plan);
  bool good = true;
  for (size_t ranks_per_node = 0; ranks_per_node < 3; ranks_per_node++) {
    NodeGroup *group = node_group_create(ranks, ranks_per_node);
    StepReport *report = step_report_create(ranks, group, &plan, 1);
    for (int wishing = -1; wishing < n_ranks; wishing++) { /* at first nobody */
      double sum;
      step_report_post(report, rank == wishing);
      node_group_wait(group);
      bool stop = step_report_collect(report, 16, &sum);
      good &= stop == (wishing >= 0);
      communicator_wait(ranks); /* as the publication of the parameters does in a step */
    }
    step_report_destroy(report);
    node_group_destroy(group);
  }
  shard_plan_release(&plan);
  assert_on_all(good);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sums_of_shards_are_added_in_tree_order),
      cmocka_unit_test(wish_of_any_rank_to_stop_reaches_all),
  };
  RUN_ON_RANKS(tests);
}
