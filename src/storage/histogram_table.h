#pragma once
/* Histograms of tensors over time, as rows of a table of metrics.
 *
 * An epoch has two rows for every tensor of the parameter map: those of the gradients, then those
 * of the weights.
 *
 * Ranks       local
 */

#include <stdbool.h>

#include "math/histogram.h"
#include "storage/metric_table.h"

/* A row: the columns epoch, tensor, of_gradient, minimum, maximum, count_0 to count_29. */
typedef struct HistogramRow {
  uint64_t epoch;      /* after it; from 1 */
  size_t tensor;       /* index in the parameter map */
  bool of_gradient;    /* at the last step of the epoch; else of the weights after it */
  Histogram histogram; /* without any finite number its range is NaN, NaN */
} HistogramRow;

/* Gives an empty table its columns. */
void histogram_table_create(MetricTable *table);

/* Appends a row. */
void histogram_table_append(MetricTable *table, const HistogramRow *row);

/* A row of the table. */
HistogramRow histogram_table_at(const MetricTable *table, size_t row);

/* The first row of an epoch or a later one; n_rows if there is none. */
size_t histogram_table_find(const MetricTable *table, uint64_t epoch);

/* Makes room in a table that has grown large: of the older half, every second epoch is dropped. */
void histogram_table_thin(MetricTable *table, size_t n_tensors);
