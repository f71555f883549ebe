/* storage/histogram_table: histograms as rows, found by epoch, and thinned by whole epochs. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "storage/histogram_table.h"

#include <cmocka.h>

static HistogramRow row_of(uint64_t epoch, size_t tensor, bool of_gradient) {
  HistogramRow row = {.epoch = epoch, .tensor = tensor, .of_gradient = of_gradient};
  row.histogram.range = (HistogramRange){-0.1 * (double)epoch, 1.0 / (double)(tensor + 3)};
  for (size_t b = 0; b < HISTOGRAM_BUCKETS; b++) {
    row.histogram.counts[b] = (int64_t)(b * 1000 + epoch + of_gradient);
  }
  return row;
}

static void append_epoch(MetricTable *table, uint64_t epoch, size_t n_tensors) {
  for (size_t i = 0; i < 2 * n_tensors; i++) {
    HistogramRow row = row_of(epoch, i % n_tensors, i < n_tensors);
    histogram_table_append(table, &row);
  }
}

static void rows_are_read_back(void **state) {
  (void)state;
  MetricTable table = {0};
  histogram_table_create(&table);
  append_epoch(&table, 3, 2);
  append_epoch(&table, 6, 2);
  for (size_t i = 0; i < 8; i++) {
    HistogramRow found = histogram_table_at(&table, i);
    HistogramRow expected = row_of(i < 4 ? 3 : 6, i % 2, i % 4 < 2);
    assert_int_equal(found.epoch, expected.epoch);
    assert_int_equal(found.tensor, expected.tensor);
    assert_int_equal(found.of_gradient, expected.of_gradient);
    assert_memory_equal(&found.histogram, &expected.histogram, sizeof(Histogram));
  }
  metric_table_release(&table);
}

static void range_of_nothing_is_absent(void **state) {
  (void)state;
  MetricTable table = {0};
  histogram_table_create(&table);
  HistogramRow row = {.epoch = 1, .histogram.range = HISTOGRAM_EMPTY};
  histogram_table_append(&table, &row);
  HistogramRange found = histogram_table_at(&table, 0).histogram.range;
  assert_true(isnan(found.minimum) && isnan(found.maximum));
  metric_table_release(&table);
}

static void epoch_is_found_by_its_first_row(void **state) {
  (void)state;
  MetricTable table = {0};
  histogram_table_create(&table);
  assert_int_equal(histogram_table_find(&table, 1), 0);
  for (uint64_t epoch = 2; epoch <= 20; epoch += 2) append_epoch(&table, epoch, 3);
  for (uint64_t epoch = 0; epoch <= 20; epoch++) {
    size_t expected = epoch <= 2 ? 0 : (epoch - 1) / 2 * 6;
    assert_int_equal(histogram_table_find(&table, epoch), expected);
  }
  assert_int_equal(histogram_table_find(&table, 21), table.n_rows);
  metric_table_release(&table);
}

static void thinning_keeps_epochs_whole_and_the_table_small(void **state) {
  (void)state;
  enum { TENSORS = 5, GROUP = 2 * TENSORS };
  MetricTable table = {0};
  histogram_table_create(&table);
  for (uint64_t epoch = 1; epoch <= 3000; epoch++) {
    histogram_table_thin(&table, TENSORS);
    append_epoch(&table, epoch, TENSORS);
    assert_true(table.n_rows < 4096 + GROUP);
  }
  assert_true(table.n_rows > 2048);
  assert_int_equal(table.n_rows % GROUP, 0);
  uint64_t before = 0;
  for (size_t row = 0; row < table.n_rows; row += GROUP) {
    HistogramRow first = histogram_table_at(&table, row);
    assert_true(first.epoch > before);
    before = first.epoch;
    for (size_t i = 0; i < GROUP; i++) {
      HistogramRow found = histogram_table_at(&table, row + i);
      assert_true(found.epoch == first.epoch && found.tensor == i % TENSORS &&
                  found.of_gradient == (i < TENSORS));
    }
  }
  assert_int_equal(before, 3000);
  metric_table_release(&table);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_are_read_back),
      cmocka_unit_test(range_of_nothing_is_absent),
      cmocka_unit_test(epoch_is_found_by_its_first_row),
      cmocka_unit_test(thinning_keeps_epochs_whole_and_the_table_small),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
