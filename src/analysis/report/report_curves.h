#pragma once
/* Charts of what runs measured: what a line is, and which columns get one.
 *
 * Ranks       local
 */

#include "report/html.h"
#include "analysis/report/report_run.h"

/* What lies along a chart. */
typedef enum ReportAlong { REPORT_ALONG_EPOCHS, REPORT_ALONG_TIME } ReportAlong;

/* Writes a chart for the loss and for each metric of a run, on training beside validation samples.
 * The learning rate is not among them. */
void report_curves_of_run(const ReportRun *run, ReportAlong along, Html *page);

/* Writes a chart for each column that some of the runs has, with a line for each run. */
void report_curves_of_runs(const ReportRun *runs, size_t count, ReportAlong along, Html *page);

/* Writes one chart of some columns of the table of steps. Columns that are not there make no line.
 *
 * Shapes      columns (n); with n > 1 a line is named by what follows the first '_' of its column
 */
void report_curves_of_steps(const MetricTable *steps, const char *title, size_t n,
                            const char *const *columns, Html *page);
