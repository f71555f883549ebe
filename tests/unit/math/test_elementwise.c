/* math/elementwise: the loops do what their formulas say, however a range is cut and aligned. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "math/elementwise.h"
#include "support/networks.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

enum { COUNT = 67 };

static void elements_add_is_the_sum_however_it_is_cut(void **state) {
  (void)state;
  real a[COUNT], b[COUNT], whole[COUNT], cut[COUNT];
  fill_numbers(1, -3, 3, COUNT, a);
  fill_numbers(2, -1e-3f, 1e-3f, COUNT, b);
  for (size_t i = 0; i < COUNT; i++) whole[i] = a[i] + b[i];
  for (size_t at = 0; at <= COUNT; at++) {
    memcpy(cut, a, sizeof cut);
    elements_add(at, b, cut);
    elements_add(COUNT - at, b + at, cut + at);
    assert_same_bits("sum", COUNT, cut, whole);
  }
}

static void elements_sum_is_the_sum_however_it_is_cut_and_in_place(void **state) {
  (void)state;
  real a[COUNT], b[COUNT], whole[COUNT], cut[COUNT];
  fill_numbers(1, -3, 3, COUNT, a);
  fill_numbers(2, -1e-3f, 1e-3f, COUNT, b);
  for (size_t i = 0; i < COUNT; i++) whole[i] = a[i] + b[i];
  for (size_t at = 0; at <= COUNT; at++) {
    elements_sum(at, a, b, cut);
    elements_sum(COUNT - at, a + at, b + at, cut + at);
    assert_same_bits("sum", COUNT, cut, whole);
  }
  elements_sum(COUNT, a, b, a); /* out is left, then right */
  assert_same_bits("left", COUNT, a, whole);
  fill_numbers(1, -3, 3, COUNT, a);
  elements_sum(COUNT, a, b, b);
  assert_same_bits("right", COUNT, b, whole);
}

static void elements_scale_is_the_product_however_it_is_cut(void **state) {
  (void)state;
  real a[COUNT], whole[COUNT], cut[COUNT];
  fill_numbers(1, -3, 3, COUNT, a);
  for (size_t i = 0; i < COUNT; i++) whole[i] = a[i] * (real)0.3;
  for (size_t at = 0; at <= COUNT; at++) {
    elements_scale(at, (real)0.3, a, cut);
    elements_scale(COUNT - at, (real)0.3, a + at, cut + at);
    assert_same_bits("product", COUNT, cut, whole);
  }
}

static void elements_leave_their_neighbours_alone(void **state) {
  (void)state;
  real out[COUNT], before[COUNT], addend[COUNT];
  fill_numbers(1, 1, 2, COUNT, before);
  fill_numbers(2, 1, 2, COUNT, addend);
  memcpy(out, before, sizeof out);
  elements_add(0, addend, out);
  elements_scale(0, 2, addend, out);
  elements_add(20, addend, out + 10);
  elements_sum(20, addend, addend, out + 10);
  elements_scale(20, 2, addend, out + 10);
  assert_same_bits("before the range", 10, out, before);
  assert_same_bits("behind the range", COUNT - 30, out + 30, before + 30);
}

static void rows_add_gives_every_row_the_same_vector(void **state) {
  (void)state;
  enum { N = 5, M = 13 };
  real y[N * M], b[M], expected[N * M];
  fill_numbers(1, -1, 1, N * M, y);
  fill_numbers(2, -1, 1, M, b);
  for (size_t i = 0; i < N * M; i++) expected[i] = y[i] + b[i % M];
  rows_add(N, M, b, y);
  assert_same_bits("y", N * M, y, expected);
}

/* ---- sums of columns ---- */

enum { ROWS = 37, MOST_COLUMNS = 150 };

static const Range ALL = {0, MOST_COLUMNS};

/* One run from the first row to the last: the order that is promised within a shard. */
static void sum_run(Range rows, size_t m, const real *y, real *sum) {
  for (size_t j = 0; j < m; j++) {
    sum[j] = 0;
    for (size_t row = rows.begin; row < rows.end; row++) sum[j] += y[row * m + j];
  }
}

static void rows_of_one_run_are_added_from_the_first_to_the_last(void **state) {
  (void)state;
  static const size_t widths[] = {1, 7, 63, 64, 65, 128, 130, 150};
  static real y[ROWS * MOST_COLUMNS];
  ShardProgram program;
  shard_program_single(ROWS, &program);
  fill_numbers(1, -1, 1, ROWS * MOST_COLUMNS, y);
  for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
    real found[MOST_COLUMNS], expected[MOST_COLUMNS];
    fill_numbers(2, -1, 1, MOST_COLUMNS, found); /* what was there is replaced */
    sum_run((Range){0, ROWS}, widths[i], y, expected);
    rows_sum(&program, widths[i], (Range){0, widths[i]}, y, false, found);
    assert_same_bits("sum", widths[i], found, expected);
  }
}

/* Shards apart, then their sums in tree order: written as the definition has it. */
static bool sum_node(size_t n_shards, ShardNode node, size_t m, const real *y, real *sum) {
  Range rows = shard_node_rows(ROWS, n_shards, node);
  if (range_count(rows) == 0) return false;
  if (node.level == 0) {
    sum_run(rows, m, y, sum);
    return true;
  }
  real right[MOST_COLUMNS];
  if (!sum_node(n_shards, shard_left(node), m, y, sum)) {
    return sum_node(n_shards, shard_right(node), m, y, sum);
  }
  if (sum_node(n_shards, shard_right(node), m, y, right)) {
    for (size_t j = 0; j < m; j++) sum[j] += right[j];
  }
  return true;
}

static void runs_are_added_in_the_order_of_the_tree(void **state) {
  (void)state;
  static real y[ROWS * MOST_COLUMNS];
  fill_numbers(1, -1, 1, ROWS * MOST_COLUMNS, y);
  for (size_t n_shards = 1; n_shards <= 50; n_shards++) { /* some have no rows */
    real found[MOST_COLUMNS], expected[MOST_COLUMNS];
    ShardProgram program;
    shard_program(ROWS, n_shards, shard_root(n_shards), &program);
    sum_node(n_shards, shard_root(n_shards), MOST_COLUMNS, y, expected);
    rows_sum(&program, MOST_COLUMNS, ALL, y, false, found);
    assert_same_bits("sum", MOST_COLUMNS, found, expected);
  }
}

static void order_of_the_runs_is_visible(void **state) {
  (void)state;
  static real y[ROWS * MOST_COLUMNS];
  real one[MOST_COLUMNS], eight[MOST_COLUMNS];
  ShardProgram program;
  fill_numbers(1, -1, 1, ROWS * MOST_COLUMNS, y);
  shard_program_single(ROWS, &program);
  rows_sum(&program, MOST_COLUMNS, ALL, y, false, one);
  shard_program(ROWS, 8, shard_root(8), &program);
  rows_sum(&program, MOST_COLUMNS, ALL, y, false, eight);
  assert_true(memcmp(one, eight, sizeof one) != 0);
}

static void sum_that_accumulates_adds_the_finished_sum(void **state) {
  (void)state;
  static real y[ROWS * MOST_COLUMNS];
  real found[MOST_COLUMNS], expected[MOST_COLUMNS], before[MOST_COLUMNS];
  ShardProgram program;
  shard_program_single(ROWS, &program);
  fill_numbers(1, -1, 1, ROWS * MOST_COLUMNS, y);
  fill_numbers(2, 50, 60, MOST_COLUMNS, before);
  memcpy(found, before, sizeof found);
  sum_run((Range){0, ROWS}, MOST_COLUMNS, y, expected);
  for (size_t j = 0; j < MOST_COLUMNS; j++) expected[j] = before[j] + expected[j];
  rows_sum(&program, MOST_COLUMNS, ALL, y, true, found);
  assert_same_bits("sum", MOST_COLUMNS, found, expected);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(elements_add_is_the_sum_however_it_is_cut),
      cmocka_unit_test(elements_sum_is_the_sum_however_it_is_cut_and_in_place),
      cmocka_unit_test(elements_scale_is_the_product_however_it_is_cut),
      cmocka_unit_test(elements_leave_their_neighbours_alone),
      cmocka_unit_test(rows_add_gives_every_row_the_same_vector),
      cmocka_unit_test(rows_of_one_run_are_added_from_the_first_to_the_last),
      cmocka_unit_test(runs_are_added_in_the_order_of_the_tree),
      cmocka_unit_test(order_of_the_runs_is_visible),
      cmocka_unit_test(sum_that_accumulates_adds_the_finished_sum),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
