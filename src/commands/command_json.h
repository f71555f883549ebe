#pragma once
/* JSON that several commands print.
 *
 * Ownership   what is returned: json_release
 */

#include "base/array.h"
#include "io/json.h"
#include "storage/metric_table.h"

/* Prints a document to standard output and releases it. */
void command_print_json(Json *document);

/* The dimensions as an array. */
Json *command_shape_json(const Shape *shape);

/* An array for each column; null where there is no value. */
Json *command_metrics_json(const MetricTable *table);
