/* math/shard_tree: who gets which rows, which nodes cover a run of shards, and the order of sums.
 * */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "math/shard_tree.h"

#include <cmocka.h>

enum { MOST_SHARDS = 17 };

/* Values whose sum depends on the order: large ones that cancel, small ones that get lost. */
static double awkward(size_t i) {
  static const double values[] = {1, 1e16, -1e16, 1, 0.1, 3e15, -3e15, 7e-9};
  return values[i % 8] * (double)(1 + i / 8);
}

static void assert_same_double(double found, double expected) {
  if (memcmp(&found, &expected, sizeof found) != 0)
    fail_msg("found %a, expected %a", found, expected);
}

/* ---- rows of shards ---- */

static void shards_take_every_row_once(void **state) {
  (void)state;
  for (size_t n_shards = 1; n_shards <= MOST_SHARDS; n_shards++) {
    for (size_t n_rows = 0; n_rows <= 64; n_rows++) {
      size_t next = 0;
      for (size_t shard = 0; shard < n_shards; shard++) {
        Range rows = shard_rows(n_rows, n_shards, shard);
        assert_int_equal(rows.begin, next);
        assert_true(rows.end >= rows.begin);
        next = rows.end;
      }
      assert_int_equal(next, n_rows);
    }
  }
}

static void shards_of_a_batch_differ_by_at_most_one_row(void **state) {
  (void)state;
  for (size_t n_shards = 1; n_shards <= MOST_SHARDS; n_shards++) {
    for (size_t n_rows = 0; n_rows <= 64; n_rows++) {
      for (size_t shard = 0; shard < n_shards; shard++) {
        size_t count = range_count(shard_rows(n_rows, n_shards, shard));
        assert_true(count == n_rows / n_shards || count == n_rows / n_shards + 1);
      }
    }
  }
}

static void shards_are_cut_where_the_formula_says(void **state) {
  (void)state;
  /* floor(s 5 / 8) for s = 0..8 */
  static const size_t cuts[] = {0, 0, 1, 1, 2, 3, 3, 4, 5};
  for (size_t shard = 0; shard < 8; shard++) {
    Range rows = shard_rows(5, 8, shard);
    assert_int_equal(rows.begin, cuts[shard]);
    assert_int_equal(rows.end, cuts[shard + 1]);
  }
}

static void shard_count_auto_is_a_function_of_the_batch_size(void **state) {
  (void)state;
  static const size_t expected[][2] = {{0, 1},    {1, 1},    {16, 1},    {31, 1},    {32, 2},
                                       {63, 2},   {64, 4},   {127, 4},   {128, 8},   {256, 16},
                                       {511, 16}, {512, 32}, {1023, 32}, {1024, 64}, {60000, 64}};
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    assert_int_equal(shard_count_auto(expected[i][0]), expected[i][1]);
  }
}

/* ---- nodes ---- */

static void root_holds_all_shards_and_no_smaller_node_does(void **state) {
  (void)state;
  for (size_t n_shards = 1; n_shards <= 70; n_shards++) {
    ShardNode root = shard_root(n_shards);
    Range leaves = shard_node_leaves(n_shards, root);
    assert_int_equal(leaves.begin, 0);
    assert_int_equal(leaves.end, n_shards);
    assert_true(root.level == 0 || (size_t)1 << (root.level - 1) < n_shards);
  }
}

static void halves_of_a_node_are_its_leaves(void **state) {
  (void)state;
  for (size_t n_shards = 1; n_shards <= MOST_SHARDS; n_shards++) {
    for (unsigned level = 1; level <= shard_root(n_shards).level; level++) {
      for (size_t index = 0; index << level < n_shards; index++) {
        ShardNode node = {level, index};
        Range whole = shard_node_leaves(n_shards, node);
        Range left = shard_node_leaves(n_shards, shard_left(node));
        Range right = shard_node_leaves(n_shards, shard_right(node));
        assert_int_equal(left.begin, whole.begin);
        assert_int_equal(left.end, right.begin);
        assert_int_equal(right.end, whole.end);
      }
    }
  }
}

static void rows_of_a_node_are_those_of_its_shards(void **state) {
  (void)state;
  for (size_t n_shards = 1; n_shards <= MOST_SHARDS; n_shards++) {
    for (size_t n_rows = 0; n_rows <= 40; n_rows++) {
      for (size_t index = 0; index << 2 < n_shards; index++) {
        ShardNode node = {2, index};
        Range leaves = shard_node_leaves(n_shards, node);
        Range rows = shard_node_rows(n_rows, n_shards, node);
        assert_int_equal(rows.begin, shard_rows(n_rows, n_shards, leaves.begin).begin);
        assert_int_equal(rows.end, shard_rows(n_rows, n_shards, leaves.end - 1).end);
      }
    }
  }
}

/* Runs `assert_cover` on every run of shards of every small tree. */
static void for_every_run(void (*assert_cover)(size_t n_shards, Range leaves)) {
  for (size_t n_shards = 1; n_shards <= MOST_SHARDS; n_shards++) {
    for (size_t begin = 0; begin < n_shards; begin++) {
      for (size_t end = begin + 1; end <= n_shards; end++) {
        assert_cover(n_shards, (Range){begin, end});
      }
    }
  }
}

static void assert_covers_once(size_t n_shards, Range leaves) {
  ShardNode nodes[SHARD_MOST_NODES];
  size_t count = shard_cover(n_shards, leaves, nodes), next = leaves.begin;
  for (size_t i = 0; i < count; i++) {
    Range own = shard_node_leaves(n_shards, nodes[i]);
    assert_int_equal(own.begin, next);
    assert_true(own.end > own.begin);
    next = own.end;
  }
  assert_int_equal(next, leaves.end);
}

static void cover_holds_every_shard_of_a_run_once_and_in_order(void **state) {
  (void)state;
  for_every_run(assert_covers_once);
}

static void assert_maximal(size_t n_shards, Range leaves) {
  ShardNode nodes[SHARD_MOST_NODES];
  size_t count = shard_cover(n_shards, leaves, nodes);
  for (size_t i = 0; i < count; i++) {
    if (nodes[i].level == shard_root(n_shards).level) continue;
    ShardNode parent = {nodes[i].level + 1, nodes[i].index / 2};
    Range wider = shard_node_leaves(n_shards, parent);
    assert_true(wider.begin < leaves.begin || wider.end > leaves.end);
  }
}

static void cover_consists_of_the_largest_nodes(void **state) {
  (void)state;
  for_every_run(assert_maximal);
}

static void cover_of_an_empty_run_is_empty(void **state) {
  (void)state;
  ShardNode nodes[SHARD_MOST_NODES];
  assert_int_equal(shard_cover(8, (Range){3, 3}, nodes), 0);
}

/* ---- sums ---- */

/* The definition, written another way: a block of `width` leaves from `begin` on. */
static bool block_sum(size_t n_shards, size_t begin, size_t width, const bool *present,
                      const double *values, double *sum) {
  if (begin >= n_shards) return false;
  if (width == 1) {
    *sum = values[begin];
    return present[begin];
  }
  double halves[2] = {0};
  bool has_left = block_sum(n_shards, begin, width / 2, present, values, &halves[0]);
  bool has_right = block_sum(n_shards, begin + width / 2, width / 2, present, values, &halves[1]);
  *sum = has_left && has_right ? halves[0] + halves[1] : has_left ? halves[0] : halves[1];
  return has_left || has_right;
}

static void sums_follow_the_tree_whichever_shards_are_absent(void **state) {
  (void)state;
  for (size_t n_shards = 1; n_shards <= 11; n_shards++) {
    for (unsigned mask = 1; mask < 1u << n_shards; mask++) {
      bool present[MOST_SHARDS];
      double values[MOST_SHARDS], expected;
      for (size_t i = 0; i < n_shards; i++) {
        present[i] = mask >> i & 1;
        values[i] = present[i] ? awkward(i) : NAN;
      }
      block_sum(n_shards, 0, 16, present, values, &expected);
      assert_same_double(shard_sum(n_shards, present, values, 1), expected);
    }
  }
}

static void sums_do_depend_on_the_order(void **state) {
  (void)state;
  bool present[8];
  double values[8], in_order = 0;
  for (size_t i = 0; i < 8; i++) {
    present[i] = true;
    values[i] = awkward(i);
    in_order += values[i];
  }
  /* Otherwise the test above would prove nothing. */
  assert_true(shard_sum(8, present, values, 1) != in_order);
}

static void absent_shard_is_not_a_zero(void **state) {
  (void)state;
  bool present[] = {false, true, false};
  double values[] = {0, -0.0, 0};
  assert_same_double(shard_sum(3, present, values, 1), -0.0);
}

static void sum_without_any_shard_is_zero(void **state) {
  (void)state;
  bool present[4] = {false};
  double values[4] = {1, 2, 3, 4};
  assert_same_double(shard_sum(4, present, values, 1), 0.0);
}

static void sum_takes_every_stride_th_number(void **state) {
  (void)state;
  bool present[] = {true, true, true};
  double values[] = {1, 10, 100, 2, 20, 200, 4, 40, 400};
  assert_same_double(shard_sum(3, present, values, 3), 7);
  assert_same_double(shard_sum(3, present, values + 2, 3), 700);
}

/* ---- programs ---- */

/* Runs a program on one number per shard with rows; false if it is no program of that many. */
static bool execute(const ShardProgram *program, const double *values, double *sum) {
  double stack[SHARD_MOST_DEPTH + 1];
  size_t depth = 0;
  for (size_t r = 0; r < program->n_runs; r++) {
    if (depth > SHARD_MOST_DEPTH) return false;
    stack[depth++] = values[r];
    for (size_t i = 0; i < program->runs[r].additions; i++) {
      if (depth < 2) return false;
      depth--;
      stack[depth - 1] += stack[depth];
    }
  }
  *sum = stack[0];
  return depth == 1;
}

static void assert_program(size_t n_rows, size_t n_shards) {
  ShardProgram program;
  bool present[64];
  double values[64], of_runs[64], found = 0;
  size_t n_runs = 0;
  for (size_t s = 0; s < n_shards; s++) {
    values[s] = awkward(s);
    present[s] = range_count(shard_rows(n_rows, n_shards, s)) > 0;
    if (present[s]) of_runs[n_runs++] = values[s];
  }
  shard_program(n_rows, n_shards, shard_root(n_shards), &program);
  assert_int_equal(program.n_runs, n_runs);
  assert_true(execute(&program, of_runs, &found));
  assert_same_double(found, shard_sum(n_shards, present, values, 1));
}

static void program_of_a_batch_adds_as_the_tree_does(void **state) {
  (void)state;
  for (size_t n_shards = 1; n_shards <= 40; n_shards++) {
    for (size_t n_rows = 1; n_rows <= 2 * n_shards + 1; n_rows++) assert_program(n_rows, n_shards);
  }
}

static void assert_runs(size_t n_rows, size_t n_shards, ShardNode node) {
  ShardProgram program;
  Range leaves = shard_node_leaves(n_shards, node);
  size_t first = shard_node_rows(n_rows, n_shards, node).begin, run = 0;
  shard_program(n_rows, n_shards, node, &program);
  for (size_t s = leaves.begin; s < leaves.end; s++) {
    Range rows = shard_rows(n_rows, n_shards, s);
    if (range_count(rows) == 0) continue;
    assert_int_equal(program.runs[run].rows.begin, rows.begin - first);
    assert_int_equal(program.runs[run].rows.end, rows.end - first);
    run++;
  }
  assert_int_equal(program.n_runs, run);
  assert_int_equal(shard_program_rows(&program),
                   range_count(shard_node_rows(n_rows, n_shards, node)));
}

static void program_of_a_node_holds_its_shards_that_have_rows(void **state) {
  (void)state;
  for (size_t n_shards = 1; n_shards <= MOST_SHARDS; n_shards++) {
    for (size_t n_rows = 0; n_rows <= 40; n_rows += 3) {
      for (unsigned level = 0; level <= shard_root(n_shards).level; level++) {
        for (size_t index = 0; index << level < n_shards; index++) {
          assert_runs(n_rows, n_shards, (ShardNode){level, index});
        }
      }
    }
  }
}

static void program_of_the_most_runs_is_executed_within_its_depth(void **state) {
  (void)state;
  static const size_t shards[] = {SHARD_MOST_RUNS, 4096};
  for (size_t i = 0; i < 2; i++) {
    ShardProgram program;
    double ones[SHARD_MOST_RUNS], sum = 0;
    for (size_t r = 0; r < SHARD_MOST_RUNS; r++) ones[r] = 1;
    shard_program(SHARD_MOST_RUNS, shards[i], shard_root(shards[i]), &program);
    assert_int_equal(program.n_runs, SHARD_MOST_RUNS);
    assert_true(execute(&program, ones, &sum));
    assert_same_double(sum, SHARD_MOST_RUNS);
  }
}

static void program_of_rows_that_belong_together_is_one_run(void **state) {
  (void)state;
  ShardProgram program;
  shard_program_single(37, &program);
  assert_int_equal(program.n_runs, 1);
  assert_int_equal(range_count(program.runs[0].rows), 37);
  assert_int_equal(program.runs[0].additions, 0);
  assert_int_equal(shard_program_rows(&program), 37);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shards_take_every_row_once),
      cmocka_unit_test(shards_of_a_batch_differ_by_at_most_one_row),
      cmocka_unit_test(shards_are_cut_where_the_formula_says),
      cmocka_unit_test(shard_count_auto_is_a_function_of_the_batch_size),
      cmocka_unit_test(root_holds_all_shards_and_no_smaller_node_does),
      cmocka_unit_test(halves_of_a_node_are_its_leaves),
      cmocka_unit_test(rows_of_a_node_are_those_of_its_shards),
      cmocka_unit_test(cover_holds_every_shard_of_a_run_once_and_in_order),
      cmocka_unit_test(cover_consists_of_the_largest_nodes),
      cmocka_unit_test(cover_of_an_empty_run_is_empty),
      cmocka_unit_test(sums_follow_the_tree_whichever_shards_are_absent),
      cmocka_unit_test(sums_do_depend_on_the_order),
      cmocka_unit_test(absent_shard_is_not_a_zero),
      cmocka_unit_test(sum_without_any_shard_is_zero),
      cmocka_unit_test(sum_takes_every_stride_th_number),
      cmocka_unit_test(program_of_a_batch_adds_as_the_tree_does),
      cmocka_unit_test(program_of_a_node_holds_its_shards_that_have_rows),
      cmocka_unit_test(program_of_the_most_runs_is_executed_within_its_depth),
      cmocka_unit_test(program_of_rows_that_belong_together_is_one_run),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
