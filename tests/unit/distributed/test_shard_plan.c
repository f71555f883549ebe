/* distributed/shard_plan: which rank carries which shards, and that the partial sums which that
 * gives add up to the same bits on any number of ranks. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "distributed/shard_plan.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

enum { MOST_SHARDS = 17 };

static ShardPlan plan_of(size_t n_shards, size_t n_ranks) {
  ShardPlan plan;
  if (shard_plan_create(n_shards, n_ranks, 0, &plan) != OK) fail_msg("%s", status_message());
  return plan;
}

/* Runs `assert_plan` on the plan of every number of shards and ranks. */
static void for_every_plan(void (*assert_plan)(const ShardPlan *plan)) {
  for (size_t n_shards = 1; n_shards <= MOST_SHARDS; n_shards++) {
    for (size_t n_ranks = 1; n_ranks <= n_shards; n_ranks++) {
      ShardPlan plan = plan_of(n_shards, n_ranks);
      assert_plan(&plan);
      shard_plan_release(&plan);
    }
  }
}

static void assert_ranks_carry_all_shards(const ShardPlan *plan) {
  size_t next = 0;
  for (size_t rank = 0; rank < plan->n_ranks; rank++) {
    Range leaves = shard_plan_leaves(plan, rank);
    assert_int_equal(leaves.begin, rank * plan->n_shards / plan->n_ranks);
    assert_int_equal(leaves.begin, next);
    assert_true(leaves.end > leaves.begin); /* nobody is idle */
    next = leaves.end;
  }
  assert_int_equal(next, plan->n_shards);
}

static void every_shard_is_carried_by_one_rank(void **state) {
  (void)state;
  for_every_plan(assert_ranks_carry_all_shards);
}

static void assert_nodes_cover_ranks(const ShardPlan *plan) {
  assert_int_equal(plan->first_of_rank[0], 0);
  assert_int_equal(plan->first_of_rank[plan->n_ranks], plan->n_nodes);
  for (size_t rank = 0; rank < plan->n_ranks; rank++) {
    Range leaves = shard_plan_leaves(plan, rank);
    size_t next = leaves.begin;
    for (size_t i = plan->first_of_rank[rank]; i < plan->first_of_rank[rank + 1]; i++) {
      Range own = shard_node_leaves(plan->n_shards, plan->nodes[i]);
      assert_int_equal(own.begin, next);
      next = own.end;
    }
    assert_int_equal(next, leaves.end);
  }
}

static void nodes_of_a_rank_hold_its_shards_in_order(void **state) {
  (void)state;
  for_every_plan(assert_nodes_cover_ranks);
}

/* A sum of the tree that takes published nodes where it meets them, as the reduction does. */
static double add_nodes(const ShardPlan *plan, ShardNode node, const double *partials) {
  for (size_t i = 0; i < plan->n_nodes; i++) {
    bool same = plan->nodes[i].level == node.level && plan->nodes[i].index == node.index;
    if (same) return partials[i];
  }
  assert_true(node.level > 0);
  double left = add_nodes(plan, shard_left(node), partials);
  ShardNode right = shard_right(node);
  if (right.index << right.level >= plan->n_shards) return left;
  return left + add_nodes(plan, right, partials);
}

static void assert_same_sum(const ShardPlan *plan) {
  bool present[MOST_SHARDS] = {false}, all[MOST_SHARDS];
  double values[MOST_SHARDS], partials[MOST_SHARDS];
  for (size_t i = 0; i < plan->n_shards; i++) {
    static const double awkward[] = {1, 1e16, -1e16, 1, 0.1, 3e15, -3e15, 7e-9};
    values[i] = awkward[i % 8] * (double)(1 + i / 8);
    all[i] = true;
  }
  for (size_t i = 0; i < plan->n_nodes; i++) {
    Range leaves = shard_node_leaves(plan->n_shards, plan->nodes[i]);
    for (size_t s = leaves.begin; s < leaves.end; s++) present[s] = true;
    partials[i] = shard_sum(plan->n_shards, present, values, 1);
    for (size_t s = leaves.begin; s < leaves.end; s++) present[s] = false;
  }
  double found = add_nodes(plan, shard_root(plan->n_shards), partials);
  double expected = shard_sum(plan->n_shards, all, values, 1);
  if (memcmp(&found, &expected, sizeof found) != 0) {
    fail_msg("%zu shards on %zu ranks: found %a, expected %a", plan->n_shards, plan->n_ranks, found,
             expected);
  }
}

static void partial_sums_of_any_number_of_ranks_add_up_to_the_same_bits(void **state) {
  (void)state;
  for_every_plan(assert_same_sum);
}

static void every_rank_makes_the_same_plan(void **state) {
  (void)state;
  ShardPlan first = plan_of(13, 5);
  for (size_t rank = 1; rank < 5; rank++) {
    ShardPlan plan;
    assert_int_equal(shard_plan_create(13, 5, rank, &plan), OK);
    assert_int_equal(plan.rank, rank);
    assert_int_equal(plan.n_nodes, first.n_nodes);
    for (size_t i = 0; i < plan.n_nodes; i++) {
      assert_int_equal(plan.nodes[i].level, first.nodes[i].level);
      assert_int_equal(plan.nodes[i].index, first.nodes[i].index);
    }
    shard_plan_release(&plan);
  }
  shard_plan_release(&first);
}

static void rank_publishes_one_sum_where_its_shards_are_aligned(void **state) {
  (void)state;
  static const size_t plans[][2] = {{16, 1}, {16, 2}, {16, 4}, {16, 16}, {12, 3}, {11, 1}, {5, 5}};
  for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
    ShardPlan plan = plan_of(plans[i][0], plans[i][1]);
    assert_int_equal(plan.n_nodes, plan.n_ranks);
    shard_plan_release(&plan);
  }
}

static void more_ranks_than_shards_are_refused_with_both_numbers(void **state) {
  (void)state;
  ShardPlan plan;
  assert_int_equal(shard_plan_create(8, 9, 0, &plan), ERR_CONFIG);
  assert_string_equal(
      status_message(),
      "found 9 ranks for 8 shards, expected at most one rank per shard; start fewer "
      "ranks, or set training.shards to 9 or more");
  shard_plan_release(&plan);
  assert_int_equal(shard_plan_create(1, 2, 1, &plan), ERR_CONFIG);
  assert_non_null(strstr(status_message(), "found 2 ranks for 1 shard, expected"));
  shard_plan_release(&plan);
}

static void plan_of_the_most_shards_and_ranks_fits(void **state) {
  (void)state;
  static const size_t ranks[] = {1, 3, 1000, 4095, 4096};
  for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++) {
    ShardPlan plan = plan_of(4096, ranks[i]);
    assert_nodes_cover_ranks(&plan);
    shard_plan_release(&plan);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_shard_is_carried_by_one_rank),
      cmocka_unit_test(nodes_of_a_rank_hold_its_shards_in_order),
      cmocka_unit_test(partial_sums_of_any_number_of_ranks_add_up_to_the_same_bits),
      cmocka_unit_test(every_rank_makes_the_same_plan),
      cmocka_unit_test(rank_publishes_one_sum_where_its_shards_are_aligned),
      cmocka_unit_test(more_ranks_than_shards_are_refused_with_both_numbers),
      cmocka_unit_test(plan_of_the_most_shards_and_ranks_fits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
