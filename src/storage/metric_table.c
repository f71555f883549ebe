#include "storage/metric_table.h"

#include <stdio.h>
#include <string.h>

#include "base/fatal.h"
#include "base/memory.h"

size_t metric_table_add_column(MetricTable *table, const char *name) {
  CHECK(table->n_columns < METRIC_MOST_COLUMNS && table->n_rows == 0, "no room for column %s",
        name);
  snprintf(table->names[table->n_columns], METRIC_NAME_BYTES, "%s", name);
  return table->n_columns++;
}

size_t metric_table_column(const MetricTable *table, const char *name) {
  size_t column = 0;
  while (column < table->n_columns && strcmp(table->names[column], name) != 0) column++;
  return column;
}

size_t metric_table_validation(const MetricTable *table, size_t column) {
  char name[METRIC_NAME_BYTES + 4];
  snprintf(name, sizeof name, "val_%s", table->names[column]);
  return metric_table_column(table, name);
}

void metric_table_append(MetricTable *table, const double *row) {
  size_t row_bytes = table->n_columns * sizeof(double);
  if (table->n_rows == table->capacity) {
    size_t capacity = table->capacity ? 2 * table->capacity : 64;
    table->values = memory_grow(table->values, table->n_rows * row_bytes, capacity * row_bytes);
    table->capacity = capacity;
  }
  memcpy(table->values + table->n_rows * table->n_columns, row, row_bytes);
  table->n_rows++;
}

double metric_table_at(const MetricTable *table, size_t row, size_t column) {
  return table->values[row * table->n_columns + column];
}

void metric_table_copy(const MetricTable *from, MetricTable *to) {
  for (size_t i = 0; i < from->n_columns; i++) metric_table_add_column(to, from->names[i]);
  for (size_t row = 0; row < from->n_rows; row++) {
    metric_table_append(to, from->values + row * from->n_columns);
  }
}

void metric_table_thin(MetricTable *table, size_t most_rows, size_t group_rows) {
  if (table->n_rows < most_rows) return;
  size_t width = table->n_columns, half = table->n_rows / group_rows / 2, kept = 0;
  for (size_t row = 0; row < table->n_rows; row++) {
    size_t group = row / group_rows;
    if (group < half && group % 2 == 1) continue;
    memmove(table->values + kept * width, table->values + row * width, width * sizeof(double));
    kept++;
  }
  table->n_rows = kept;
}

void metric_table_release(MetricTable *table) {
  memory_release(table->values);
  *table = (MetricTable){0};
}

void history_release(History *history) {
  metric_table_release(&history->epochs);
  metric_table_release(&history->steps);
  metric_table_release(&history->histograms);
}
