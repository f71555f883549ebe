#pragma once
/* metrics.csv: the metrics of a run, a row per epoch, for spreadsheets and scripts.
 *
 * Ranks       local
 */

#include "base/status.h"
#include "storage/metric_table.h"

/* Writes a whole table: numbers as %.9g, an absent value empty.
 *
 * Errors      ERR_OUTPUT, ERR_IO; what was there before is then still there
 */
Status metrics_file_write(const char *path, const MetricTable *table);
