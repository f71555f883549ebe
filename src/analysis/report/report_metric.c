#include "analysis/report/report_metric.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

double *report_metric_column(const MetricTable *table, const char *name) {
  size_t column = metric_table_column(table, name), finite = 0;
  if (column == table->n_columns) return NULL;
  double *values = NEW_ARRAY(double, table->n_rows);
  for (size_t row = 0; row < table->n_rows; row++) {
    values[row] = metric_table_at(table, row, column);
    finite += isfinite(values[row]) != 0;
  }
  if (finite > 0) return values;
  memory_release(values);
  return NULL;
}

double *report_metric_times(const MetricTable *epochs) {
  double *times = report_metric_column(epochs, "seconds");
  for (size_t row = 1; times && row < epochs->n_rows; row++) times[row] += times[row - 1];
  return times;
}

double report_metric_seconds(const MetricTable *epochs) {
  double *times = report_metric_times(epochs);
  double seconds = times ? times[epochs->n_rows - 1] : 0;
  memory_release(times);
  return seconds;
}

double report_metric_last(const MetricTable *table, const char *name) {
  size_t column = metric_table_column(table, name);
  if (column == table->n_columns || table->n_rows == 0) return NAN;
  return metric_table_at(table, table->n_rows - 1, column);
}

bool report_metric_is_measure(const char *name) {
  static const char *const others[] = {"epoch", "step", "seconds", NULL};
  for (const char *const *other = others; *other; other++) {
    if (strcmp(*other, name) == 0) return false;
  }
  return true;
}

char *report_metric_label(const char *name, char out[2 * METRIC_NAME_BYTES]) {
  bool validation = strncmp(name, "val_", 4) == 0;
  snprintf(out, 2 * METRIC_NAME_BYTES, "%s%s", validation ? "validation " : "",
           name + (validation ? 4 : 0));
  for (char *cursor = out; *cursor; cursor++) {
    if (*cursor == '_') *cursor = ' ';
  }
  return out;
}
