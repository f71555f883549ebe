/* The resolved configuration, and the numbers of every epoch. */

#include "report/table.h"
#include "analysis/report/report_section.h"
#include "training/run_text.h"

static void write_run(const ReportRun *run, Html *page) {
  const Checkpoint *checkpoint = run->model->checkpoint;
  html_begin(page, "details");
  html_element(page, "summary", "The configuration, with every default");
  html_element(page, "pre", "%s", checkpoint_config(checkpoint));
  html_end(page, "details");

  const MetricTable *epochs = &checkpoint_history(checkpoint)->epochs;
  if (epochs->n_rows == 0) return;
  TextTable *table = run_history_table(epochs);
  html_begin(page, "details");
  html_element(page, "summary", "The numbers of every epoch");
  text_table_html(table, page);
  html_end(page, "details");
  text_table_destroy(table);
}

const ReportSection configuration_section = {
    .name = "details",
    .title = "Details",
    .write_run = write_run,
};
