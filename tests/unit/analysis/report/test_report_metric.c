/* analysis/report/report_metric: columns by name, time that adds up, and names in words. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "analysis/report/report_metric.h"

#include <cmocka.h>

/* Three epochs with a loss; nothing was validated. */
static MetricTable three_epochs(void) {
  static const double rows[3][4] = {{1, 0.5, 3, NAN}, {2, 0.25, NAN, NAN}, {3, 2, 1, NAN}};
  MetricTable table = {0};
  metric_table_add_column(&table, "epoch");
  metric_table_add_column(&table, "seconds");
  metric_table_add_column(&table, "loss");
  metric_table_add_column(&table, "val_loss");
  for (size_t i = 0; i < 3; i++) metric_table_append(&table, rows[i]);
  return table;
}

static void column_is_found_by_name_if_it_has_values(void **state) {
  (void)state;
  MetricTable table = three_epochs();
  double *loss = report_metric_column(&table, "loss");
  assert_true(loss[0] == 3 && isnan(loss[1]) && loss[2] == 1);
  assert_null(report_metric_column(&table, "val_loss"));
  assert_null(report_metric_column(&table, "accuracy"));
  memory_release(loss);
  metric_table_release(&table);
}

static void time_adds_up_over_the_epochs(void **state) {
  (void)state;
  MetricTable table = three_epochs();
  double *times = report_metric_times(&table);
  assert_true(times[0] == 0.5 && times[1] == 0.75 && times[2] == 2.75);
  assert_true(report_metric_seconds(&table) == 2.75);
  memory_release(times);
  metric_table_release(&table);
}

static void table_without_rows_has_nothing_to_show(void **state) {
  (void)state;
  MetricTable table = {0};
  metric_table_add_column(&table, "seconds");
  assert_null(report_metric_times(&table));
  assert_true(report_metric_seconds(&table) == 0);
  assert_true(isnan(report_metric_last(&table, "seconds")));
}

static void last_value_is_that_of_the_last_row(void **state) {
  (void)state;
  MetricTable table = three_epochs();
  assert_true(report_metric_last(&table, "loss") == 1);
  assert_true(isnan(report_metric_last(&table, "val_loss")));
  assert_true(isnan(report_metric_last(&table, "accuracy")));
  metric_table_release(&table);
}

static void counts_and_times_are_no_measures(void **state) {
  (void)state;
  assert_false(report_metric_is_measure("epoch"));
  assert_false(report_metric_is_measure("step"));
  assert_false(report_metric_is_measure("seconds"));
  assert_true(report_metric_is_measure("val_loss"));
  assert_true(report_metric_is_measure("gradient_noise_scale"));
}

static void names_become_words(void **state) {
  (void)state;
  char label[2 * METRIC_NAME_BYTES];
  assert_string_equal(report_metric_label("val_mean_absolute_error", label),
                      "validation mean absolute error");
  assert_string_equal(report_metric_label("loss", label), "loss");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(column_is_found_by_name_if_it_has_values),
      cmocka_unit_test(time_adds_up_over_the_epochs),
      cmocka_unit_test(table_without_rows_has_nothing_to_show),
      cmocka_unit_test(last_value_is_that_of_the_last_row),
      cmocka_unit_test(counts_and_times_are_no_measures),
      cmocka_unit_test(names_become_words),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
