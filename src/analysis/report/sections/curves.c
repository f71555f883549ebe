/* Loss and metrics against epochs: training beside validation for one run, a line for each run
 * where there are several. */

#include "analysis/report/report_curves.h"
#include "analysis/report/report_section.h"

static void write_run(const ReportRun *run, Html *page) {
  if (checkpoint_history(run->model->checkpoint)->epochs.n_rows == 0) return;
  report_curves_of_run(run, REPORT_ALONG_EPOCHS, page);
}

static void write_comparison(const ReportRun *runs, size_t count, Html *page) {
  report_curves_of_runs(runs, count, REPORT_ALONG_EPOCHS, page);
}

const ReportSection curves_section = {
    .name = "curves",
    .title = "Curves",
    .write_run = write_run,
    .write_comparison = write_comparison,
};
