#pragma once
/* The metrics of a run as a picture: a panel for the loss and one for every metric against epochs,
 * each with a curve for the training samples and, where there are any, one for validation samples.
 *
 * Ranks       local
 */

#include "base/status.h"
#include "storage/metric_table.h"

/* Draws the table of a history's epochs into an SVG file.
 *
 * Errors      ERR_DATA for a table without rows; ERR_IO where gnuplot is missing; as
 *             plot_file_write
 */
Status curves_write(const char *path, const char *title, const MetricTable *epochs);
