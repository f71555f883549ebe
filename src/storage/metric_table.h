#pragma once
/* Numbers over time: named columns, a row per epoch or per step. An absent value is NaN.
 *
 * Ranks       local
 */

#include <stddef.h>

enum { METRIC_NAME_BYTES = 64, METRIC_MOST_COLUMNS = 64 };

typedef struct MetricTable {
  size_t n_columns, n_rows, capacity; /* capacity: rows allocated */
  char names[METRIC_MOST_COLUMNS][METRIC_NAME_BYTES];
  double *values; /* (n_rows, n_columns) */
} MetricTable;

/* Adds a column to a table without rows and returns its index. */
size_t metric_table_add_column(MetricTable *table, const char *name);

/* The index of a column, or n_columns if there is none of that name. */
size_t metric_table_column(const MetricTable *table, const char *name);

/* The column of the same measure on the validation samples, `val_loss` of `loss`, or n_columns. */
size_t metric_table_validation(const MetricTable *table, size_t column);

/* Appends a row. Shapes: row (n_columns) */
void metric_table_append(MetricTable *table, const double *row);

/* The value of a cell. */
double metric_table_at(const MetricTable *table, size_t row, size_t column);

/* Makes an empty table a copy of another. Ownership: metric_table_release. */
void metric_table_copy(const MetricTable *from, MetricTable *to);

/* Makes room in a table of `most_rows` or more: of the older half every second group of rows is
 * dropped.
 *
 * Range       group_rows: rows that stay or go together, from the first of the table on
 */
void metric_table_thin(MetricTable *table, size_t most_rows, size_t group_rows);

/* Releases the rows and empties the table. */
void metric_table_release(MetricTable *table);

/* The metrics of a run. */
typedef struct History {
  MetricTable epochs;     /* epoch, step, seconds, learning_rate, loss, metrics, val_loss, ... */
  MetricTable steps;      /* step, loss, learning_rate, seconds_computing, seconds_reducing */
  MetricTable histograms; /* of tensors: storage/histogram_table.h */
} History;

/* Releases all tables. */
void history_release(History *history);
