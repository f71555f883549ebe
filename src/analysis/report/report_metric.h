#pragma once
/* The table of a run's epochs, read as a report needs it: by name, by twin, by time.
 *
 * Ranks       local
 */

#include <stdbool.h>

#include "storage/metric_table.h"

/* A column in memory of its own; NULL if there is none, or if no value in it is finite.
 * Ownership: memory_release. */
double *report_metric_column(const MetricTable *table, const char *name);

/* The training time at the end of each epoch. Units: seconds. Ownership: memory_release. */
double *report_metric_times(const MetricTable *epochs);

/* The training time of all epochs. Units: seconds. */
double report_metric_seconds(const MetricTable *epochs);

/* The value of the last row; NaN without column or row. */
double report_metric_last(const MetricTable *table, const char *name);

/* True for a column that measures the training, so that it makes a curve: neither a count of epochs
 * and steps nor their time. */
bool report_metric_is_measure(const char *name);

/* Writes a column's name in words: "validation accuracy" of val_accuracy. Returns `out`. */
char *report_metric_label(const char *name, char out[2 * METRIC_NAME_BYTES]);
