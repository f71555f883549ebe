/* experiments/sweep_grid: values, points, and names that are unlike each other. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "experiments/sweep_grid.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static void add(SweepGrid *grid, const char *text) {
  if (sweep_grid_add(grid, text) != OK) fail_msg("%s", status_message());
}

static void assert_refused(SweepGrid *grid, const char *text, const char *expected) {
  assert_int_equal(sweep_grid_add(grid, text), ERR_USAGE);
  if (!strstr(status_message(), expected)) {
    fail_msg("'%s' lacks '%s'", status_message(), expected);
  }
}

static void the_last_key_varies_fastest(void **state) {
  (void)state;
  SweepGrid grid = {0};
  add(&grid, "training.batch_size=8,32");
  add(&grid, "optimizer.learning_rate=0.1,0.2,0.3");
  assert_int_equal(sweep_grid_points(&grid), 6);
  assert_string_equal(sweep_grid_value(&grid, 0, 0), "8");
  assert_string_equal(sweep_grid_value(&grid, 2, 0), "8");
  assert_string_equal(sweep_grid_value(&grid, 2, 1), "0.3");
  assert_string_equal(sweep_grid_value(&grid, 3, 0), "32");
  assert_string_equal(sweep_grid_value(&grid, 3, 1), "0.1");
  char *name = sweep_point_name(&grid, 5);
  assert_string_equal(name, "batch_size=32, learning_rate=0.3");
  memory_release(name);
  sweep_grid_release(&grid);
}

static void commas_within_a_value_divide_nothing(void **state) {
  (void)state;
  SweepGrid grid = {0};
  add(&grid, "optimizer={name: sgd, momentum: 0.9}, {name: adam},\"a,b\",[1,2]");
  assert_int_equal(sweep_grid_points(&grid), 4);
  assert_string_equal(sweep_grid_value(&grid, 0, 0), "{name: sgd, momentum: 0.9}");
  assert_string_equal(sweep_grid_value(&grid, 1, 0), "{name: adam}");
  assert_string_equal(sweep_grid_value(&grid, 2, 0), "\"a,b\"");
  assert_string_equal(sweep_grid_value(&grid, 3, 0), "[1,2]");
  sweep_grid_release(&grid);
}

static void keys_that_end_alike_are_written_in_full(void **state) {
  (void)state;
  SweepGrid grid = {0};
  add(&grid, "optimizer.learning_rate=1");
  add(&grid, "other.learning_rate=2");
  add(&grid, "training.shuffle=true");
  assert_string_equal(sweep_grid_label(&grid, 0), "optimizer.learning_rate");
  assert_string_equal(sweep_grid_label(&grid, 2), "shuffle");
  sweep_grid_release(&grid);
}

static void folders_have_plain_names_unlike_each_other(void **state) {
  (void)state;
  static const char *const expected[] = {"scale=1e-3", "scale=.._etc", "scale=_a__point=3",
                                         "scale=_a__point=4"};
  SweepGrid grid = {0};
  char *names[4];
  add(&grid, "data.scale=1e-3,../etc,{a},[a]");
  sweep_grid_folders(&grid, names);
  for (size_t i = 0; i < 4; i++) {
    assert_string_equal(names[i], expected[i]);
    memory_release(names[i]);
  }
  sweep_grid_release(&grid);
}

static void quotes_may_hold_quotes(void **state) {
  (void)state;
  SweepGrid grid = {0};
  add(&grid, "data.train.inputs=\"a\\\",b\" , c ");
  assert_int_equal(sweep_grid_points(&grid), 2);
  assert_string_equal(sweep_grid_value(&grid, 0, 0), "\"a\\\",b\"");
  assert_string_equal(sweep_grid_value(&grid, 1, 0), "c");
  sweep_grid_release(&grid);
}

static void wrong_words_are_refused(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"training.batch_size", "expected KEY=V1,V2"},
      {"=3", "expected KEY=V1,V2"},
      {"seed=", "found an empty value"},
      {"seed=1,,2", "found an empty value"},
      {"seed=1,2,1", "found the value 1 twice"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    SweepGrid grid = {0};
    assert_refused(&grid, cases[i][0], cases[i][1]);
    sweep_grid_release(&grid);
  }
  SweepGrid grid = {0};
  add(&grid, "seed=1");
  assert_refused(&grid, "seed=2", "given twice");
  sweep_grid_release(&grid);
}

static void grids_beyond_all_measure_are_refused(void **state) {
  (void)state;
  SweepGrid grid = {0};
  add(&grid, "a=1,2,3,4,5,6,7,8,9,10,11");
  add(&grid, "b=1,2,3,4,5,6,7,8,9,10,11");
  add(&grid, "c=1,2,3,4,5,6,7,8,9,10,11");
  assert_refused(&grid, "d=1,2,3,4,5,6,7,8,9,10,11", "expected 10000 at most");
  sweep_grid_release(&grid);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_last_key_varies_fastest),
      cmocka_unit_test(commas_within_a_value_divide_nothing),
      cmocka_unit_test(keys_that_end_alike_are_written_in_full),
      cmocka_unit_test(folders_have_plain_names_unlike_each_other),
      cmocka_unit_test(quotes_may_hold_quotes),
      cmocka_unit_test(wrong_words_are_refused),
      cmocka_unit_test(grids_beyond_all_measure_are_refused),
  };
  return cmocka_run_group_tests_name("experiments/sweep_grid", tests, NULL, NULL);
}
