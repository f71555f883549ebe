/* The same against time, and what every step gave and took. */

#include "analysis/report/report_curves.h"
#include "analysis/report/report_section.h"

static void write_steps(const MetricTable *steps, Html *page) {
  static const char *const loss[] = {"loss"}, *const rate[] = {"learning_rate"};
  static const char *const seconds[] = {"seconds_computing", "seconds_reducing"};
  html_element(page, "h3", "Step by step");
  html_begin(page, "div.charts");
  report_curves_of_steps(steps, "loss of the batch", 1, loss, page);
  report_curves_of_steps(steps, "seconds of a step", 2, seconds, page);
  report_curves_of_steps(steps, "learning rate", 1, rate, page);
  html_end(page, "div");
}

static void write_run(const ReportRun *run, Html *page) {
  const History *history = checkpoint_history(run->model->checkpoint);
  if (history->epochs.n_rows > 0) report_curves_of_run(run, REPORT_ALONG_TIME, page);
  if (history->steps.n_rows > 0) write_steps(&history->steps, page);
}

static void write_comparison(const ReportRun *runs, size_t count, Html *page) {
  report_curves_of_runs(runs, count, REPORT_ALONG_TIME, page);
}

const ReportSection time_section = {
    .name = "time",
    .title = "Against time",
    .write_run = write_run,
    .write_comparison = write_comparison,
};
