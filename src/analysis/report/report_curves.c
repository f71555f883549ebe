#include "analysis/report/report_curves.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "report/svg_chart.h"
#include "analysis/report/report_metric.h"

/* A chart in the making; lines own their numbers. */
typedef struct Drawing {
  size_t n_lines;
  ChartLine *lines;
  bool without_keys;
} Drawing;

/* Takes x and y. A column that is not there makes no line. */
static void add_line(Drawing *drawing, ChartLine line, double *x, double *y) {
  if (!x || !y) {
    memory_release(x);
    memory_release(y);
    return;
  }
  line.x = x;
  line.y = y;
  drawing->lines[drawing->n_lines++] = line;
}

static void finish(Drawing *drawing, const char *column, const char *x_label, Html *page) {
  char label[2 * METRIC_NAME_BYTES];
  LineChart chart = {report_metric_label(column, label), x_label, drawing->n_lines, drawing->lines,
                     drawing->without_keys};
  svg_line_chart(page, &chart);
  for (size_t i = 0; i < drawing->n_lines; i++) {
    memory_release((void *)(uintptr_t)drawing->lines[i].x);
    memory_release((void *)(uintptr_t)drawing->lines[i].y);
  }
  memory_release(drawing->lines);
}

static const char *const along_labels[] = {"epoch", "seconds of training"};

static double *positions(const MetricTable *epochs, ReportAlong along) {
  return along == REPORT_ALONG_TIME ? report_metric_times(epochs)
                                    : report_metric_column(epochs, "epoch");
}

static const MetricTable *epochs_of(const ReportRun *run) {
  return &checkpoint_history(run->model->checkpoint)->epochs;
}

/* A column of one run and its twin on the validation samples. */
static void draw_pair(const MetricTable *epochs, const char *column, ReportAlong along,
                      Html *page) {
  char twin[METRIC_NAME_BYTES + 4];
  snprintf(twin, sizeof twin, "val_%s", column);
  bool alone = metric_table_column(epochs, twin) == epochs->n_columns;
  Drawing drawing = {.lines = NEW_ARRAY(ChartLine, 2)};
  size_t n = epochs->n_rows;
  add_line(&drawing, (ChartLine){.title = alone ? "" : "training", .n = n, .colour = 0},
           positions(epochs, along), report_metric_column(epochs, column));
  add_line(&drawing, (ChartLine){.title = "validation", .n = n, .colour = 1},
           positions(epochs, along), report_metric_column(epochs, twin));
  finish(&drawing, column, along_labels[along], page);
}

/* The learning rate has its own place: against time it says nothing new. */
static bool is_drawn(const char *column) {
  return report_metric_is_measure(column) && strcmp(column, "learning_rate") != 0;
}

void report_curves_of_run(const ReportRun *run, ReportAlong along, Html *page) {
  const MetricTable *epochs = epochs_of(run);
  html_begin(page, "div.charts");
  for (size_t i = 0; i < epochs->n_columns; i++) {
    const char *column = epochs->names[i];
    bool is_twin = strncmp(column, "val_", 4) == 0;
    if (is_drawn(column) && !is_twin) draw_pair(epochs, column, along, page);
  }
  html_end(page, "div");
}

void report_curves_of_steps(const MetricTable *steps, const char *title, size_t n,
                            const char *const *columns, Html *page) {
  Drawing drawing = {.lines = NEW_ARRAY(ChartLine, n)};
  for (size_t i = 0; i < n; i++) {
    const char *part = n > 1 ? strchr(columns[i], '_') + 1 : "";
    add_line(&drawing, (ChartLine){.title = part, .n = steps->n_rows, .colour = i},
             report_metric_column(steps, "step"), report_metric_column(steps, columns[i]));
  }
  finish(&drawing, title, "step", page);
}

/* Colours are few: the next runs have them again, in dashes. */
static ChartLine line_of(const ReportRun *runs, size_t r) {
  return (ChartLine){.title = runs[r].name, .colour = r, .is_faint = r / CHART_COLOURS % 2 == 1};
}

static void name_runs(const ReportRun *runs, size_t count, Html *page) {
  ChartLine *lines = NEW_ARRAY(ChartLine, count);
  for (size_t r = 0; r < count; r++) lines[r] = line_of(runs, r);
  svg_chart_keys(page, count, lines);
  memory_release(lines);
}

static void draw_column(const ReportRun *runs, size_t count, const char *column, ReportAlong along,
                        Html *page) {
  Drawing drawing = {.lines = NEW_ARRAY(ChartLine, count), .without_keys = true};
  for (size_t r = 0; r < count; r++) {
    const MetricTable *epochs = epochs_of(&runs[r]);
    ChartLine line = line_of(runs, r);
    line.n = epochs->n_rows;
    add_line(&drawing, line, positions(epochs, along), report_metric_column(epochs, column));
  }
  finish(&drawing, column, along_labels[along], page);
}

static bool has_column(const ReportRun *runs, size_t count, const char *column) {
  for (size_t r = 0; r < count; r++) {
    const MetricTable *epochs = epochs_of(&runs[r]);
    if (metric_table_column(epochs, column) < epochs->n_columns) return true;
  }
  return false;
}

static bool has_epochs(const ReportRun *runs, size_t count) {
  bool found = false;
  for (size_t r = 0; r < count; r++) found = found || epochs_of(&runs[r])->n_rows > 0;
  return found;
}

void report_curves_of_runs(const ReportRun *runs, size_t count, ReportAlong along, Html *page) {
  if (!has_epochs(runs, count)) return;
  name_runs(runs, count, page);
  html_begin(page, "div.charts");
  for (size_t r = 0; r < count; r++) {
    const MetricTable *epochs = epochs_of(&runs[r]);
    for (size_t i = 0; i < epochs->n_columns; i++) {
      const char *column = epochs->names[i];
      bool is_new = !has_column(runs, r, column);
      if (is_new && is_drawn(column)) draw_column(runs, count, column, along, page);
    }
  }
  if (along == REPORT_ALONG_EPOCHS) draw_column(runs, count, "learning_rate", along, page);
  html_end(page, "div");
}
