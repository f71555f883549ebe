#include "storage/histogram_table.h"

#include <stdio.h>

/* One MiB, about: the table is in every checkpoint. */
enum { MOST_ROWS = 4096 };

enum { EPOCH, TENSOR, OF_GRADIENT, MINIMUM, MAXIMUM, COUNTS, COLUMNS = COUNTS + HISTOGRAM_BUCKETS };

void histogram_table_create(MetricTable *table) {
  static const char *const names[COUNTS] = {"epoch", "tensor", "of_gradient", "minimum", "maximum"};
  for (size_t i = 0; i < COUNTS; i++) metric_table_add_column(table, names[i]);
  for (int bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
    char name[METRIC_NAME_BYTES];
    snprintf(name, sizeof name, "count_%d", bucket);
    metric_table_add_column(table, name);
  }
}

void histogram_table_append(MetricTable *table, const HistogramRow *row) {
  const Histogram *histogram = &row->histogram;
  bool is_empty = histogram->range.minimum > histogram->range.maximum;
  double values[COLUMNS];
  values[EPOCH] = (double)row->epoch;
  values[TENSOR] = (double)row->tensor;
  values[OF_GRADIENT] = row->of_gradient;
  values[MINIMUM] = is_empty ? NAN : histogram->range.minimum;
  values[MAXIMUM] = is_empty ? NAN : histogram->range.maximum;
  for (size_t b = 0; b < HISTOGRAM_BUCKETS; b++) values[COUNTS + b] = (double)histogram->counts[b];
  metric_table_append(table, values);
}

HistogramRow histogram_table_at(const MetricTable *table, size_t row) {
  const double *values = table->values + row * table->n_columns;
  HistogramRow out = {.epoch = (uint64_t)values[EPOCH],
                      .tensor = (size_t)values[TENSOR],
                      .of_gradient = values[OF_GRADIENT] != 0,
                      .histogram.range = {values[MINIMUM], values[MAXIMUM]}};
  for (size_t b = 0; b < HISTOGRAM_BUCKETS; b++) {
    out.histogram.counts[b] = (int64_t)values[COUNTS + b];
  }
  return out;
}

size_t histogram_table_find(const MetricTable *table, uint64_t epoch) {
  size_t begin = 0, end = table->n_rows;
  while (begin < end) {
    size_t middle = begin + (end - begin) / 2;
    if (metric_table_at(table, middle, EPOCH) < (double)epoch) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

void histogram_table_thin(MetricTable *table, size_t n_tensors) {
  metric_table_thin(table, MOST_ROWS, 2 * n_tensors);
}
