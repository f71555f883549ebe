/* storage/metric_table and storage/metrics_file: rows of numbers over time, and as CSV. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/file.h"
#include "storage/metrics_file.h"
#include "support/temp_files.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static MetricTable table_of(const char *const *names, size_t count) {
  MetricTable table = {0};
  for (size_t i = 0; i < count; i++) assert_int_equal(metric_table_add_column(&table, names[i]), i);
  return table;
}

static MetricTable table_of_steps(size_t n_rows) {
  MetricTable table = table_of((const char *const[]){"step", "loss"}, 2);
  for (size_t i = 0; i < n_rows; i++) {
    metric_table_append(&table, (double[]){(double)i, -(double)i});
  }
  return table;
}

/* ---- the table ---- */

static void columns_are_found_by_name(void **state) {
  (void)state;
  MetricTable table = table_of((const char *const[]){"epoch", "loss", "val_loss"}, 3);
  assert_int_equal(metric_table_column(&table, "epoch"), 0);
  assert_int_equal(metric_table_column(&table, "val_loss"), 2);
  assert_int_equal(metric_table_column(&table, "accuracy"), 3);
  metric_table_release(&table);
}

static void rows_stay_when_the_table_grows(void **state) {
  (void)state;
  MetricTable table = table_of_steps(1000);
  assert_int_equal(table.n_rows, 1000);
  for (size_t i = 0; i < 1000; i++) {
    assert_true(metric_table_at(&table, i, 0) == (double)i);
    assert_true(metric_table_at(&table, i, 1) == -(double)i);
  }
  metric_table_release(&table);
  assert_int_equal(table.n_rows + table.n_columns, 0);
}

static void table_below_its_limit_is_not_thinned(void **state) {
  (void)state;
  MetricTable table = table_of_steps(99);
  metric_table_thin(&table, 100, 1);
  assert_int_equal(table.n_rows, 99);
  metric_table_release(&table);
}

static void thinned_table_lacks_every_second_row_of_its_older_half(void **state) {
  (void)state;
  for (size_t n_rows = 10; n_rows <= 13; n_rows++) {
    MetricTable table = table_of_steps(n_rows);
    metric_table_thin(&table, 10, 1);
    size_t half = n_rows / 2, row = 0;
    for (size_t i = 0; i < n_rows; i++) {
      if (i < half && i % 2 == 1) continue;
      assert_true(metric_table_at(&table, row++, 0) == (double)i);
    }
    assert_int_equal(table.n_rows, row);
    assert_true(row < n_rows);
    metric_table_release(&table);
  }
}

static void groups_of_rows_stay_or_go_together(void **state) {
  (void)state;
  MetricTable table = table_of_steps(23); /* seven groups of three, and two rows of an eighth */
  metric_table_thin(&table, 20, 3);
  static const double expected[] = {0,  1,  2,  6,  7,  8,  9,  10, 11, 12,
                                    13, 14, 15, 16, 17, 18, 19, 20, 21, 22};
  assert_int_equal(table.n_rows, 20);
  for (size_t row = 0; row < 20; row++) {
    assert_true(metric_table_at(&table, row, 0) == expected[row]);
  }
  metric_table_release(&table);
}

static void thinned_table_takes_rows_again_and_never_grows_beyond_its_limit(void **state) {
  (void)state;
  MetricTable table = table_of_steps(0);
  for (int i = 0; i < 5000; i++) {
    metric_table_thin(&table, 100, 1);
    metric_table_append(&table, (double[]){i, -i});
    assert_true(table.n_rows <= 100);
    assert_true(metric_table_at(&table, table.n_rows - 1, 0) == i);
  }
  for (size_t i = 1; i < table.n_rows; i++) {
    assert_true(metric_table_at(&table, i, 0) > metric_table_at(&table, i - 1, 0));
  }
  assert_true(metric_table_at(&table, 0, 0) == 0); /* the very first stays */
  metric_table_release(&table);
}

/* ---- metrics.csv ---- */

static void assert_file(const char *path, const char *expected) {
  char *bytes;
  size_t count;
  assert_int_equal(file_read(path, &bytes, &count), OK);
  assert_string_equal(bytes, expected);
  memory_release(bytes);
}

static void file_has_a_header_and_a_row_per_epoch(void **state) {
  (void)state;
  MetricTable table = table_of((const char *const[]){"epoch", "loss", "val_loss"}, 3);
  metric_table_append(&table, (double[]){1, 0.1, NAN});
  metric_table_append(&table, (double[]){2, 1.0 / 3, 123456789012.0});
  metric_table_append(&table, (double[]){3, -1e-20, 0});
  const char *path = temp_path("metrics.csv");
  assert_int_equal(metrics_file_write(path, &table), OK);
  assert_file(path, "epoch,loss,val_loss\n1,0.1,\n2,0.333333333,1.23456789e+11\n3,-1e-20,0\n");
  metric_table_release(&table);
}

static void file_of_a_table_without_rows_is_its_header(void **state) {
  (void)state;
  MetricTable table = table_of((const char *const[]){"epoch", "loss"}, 2);
  const char *path = temp_path("header.csv");
  assert_int_equal(metrics_file_write(path, &table), OK);
  assert_file(path, "epoch,loss\n");
  metric_table_release(&table);
}

static void file_that_cannot_be_written_is_refused(void **state) {
  (void)state;
  MetricTable table = table_of_steps(1);
  assert_int_equal(metrics_file_write("/no/such/folder/metrics.csv", &table), ERR_OUTPUT);
  assert_non_null(strstr(status_message(), "/no/such/folder/metrics.csv"));
  metric_table_release(&table);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(columns_are_found_by_name),
      cmocka_unit_test(rows_stay_when_the_table_grows),
      cmocka_unit_test(table_below_its_limit_is_not_thinned),
      cmocka_unit_test(thinned_table_lacks_every_second_row_of_its_older_half),
      cmocka_unit_test(groups_of_rows_stay_or_go_together),
      cmocka_unit_test(thinned_table_takes_rows_again_and_never_grows_beyond_its_limit),
      cmocka_unit_test(file_has_a_header_and_a_row_per_epoch),
      cmocka_unit_test(file_of_a_table_without_rows_is_its_header),
      cmocka_unit_test(file_that_cannot_be_written_is_refused),
  };
  return cmocka_run_group_tests(tests, temp_folder_create, temp_folder_remove);
}
