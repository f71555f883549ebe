/* How the weights of each tensor, and their gradients, are spread, and how that changes over the
 * epochs. */

#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "report/svg_chart.h"
#include "storage/histogram_table.h"
#include "analysis/report/report_section.h"

/* Epochs of a chart, and tensors of a page. Fewer elements than buckets have no shape. */
enum { MOST_RIDGES = 8, MOST_TENSORS = 24, LEAST_ELEMENTS = HISTOGRAM_BUCKETS };

typedef struct Ridges {
  size_t count;
  ChartRidge items[MOST_RIDGES];
  char titles[MOST_RIDGES][NUMBER_TEXT_BYTES];
  double counts[MOST_RIDGES][HISTOGRAM_BUCKETS];
} Ridges;

static bool is_shown(const HistogramRow *row, size_t tensor, bool of_gradient) {
  return row->tensor == tensor && row->of_gradient == of_gradient &&
         isfinite(row->histogram.range.minimum);
}

static size_t count_rows(const MetricTable *table, size_t tensor, bool of_gradient) {
  size_t count = 0;
  for (size_t i = 0; i < table->n_rows; i++) {
    HistogramRow row = histogram_table_at(table, i);
    count += is_shown(&row, tensor, of_gradient);
  }
  return count;
}

static void add_ridge(Ridges *ridges, const HistogramRow *row) {
  size_t i = ridges->count++;
  snprintf(ridges->titles[i], NUMBER_TEXT_BYTES, "%llu", (unsigned long long)row->epoch);
  for (size_t b = 0; b < HISTOGRAM_BUCKETS; b++) {
    ridges->counts[i][b] = (double)row->histogram.counts[b];
  }
  ridges->items[i] = (ChartRidge){.title = ridges->titles[i],
                                  .low = row->histogram.range.minimum,
                                  .high = row->histogram.range.maximum,
                                  .n = HISTOGRAM_BUCKETS,
                                  .counts = ridges->counts[i]};
}

/* Evenly chosen epochs of a tensor, the first and the last among them. */
static void choose_ridges(const MetricTable *table, size_t tensor, bool of_gradient, Ridges *out) {
  size_t n = count_rows(table, tensor, of_gradient), seen = 0;
  size_t wanted = n < MOST_RIDGES ? n : MOST_RIDGES;
  out->count = 0;
  for (size_t i = 0; i < table->n_rows; i++) {
    HistogramRow row = histogram_table_at(table, i);
    if (!is_shown(&row, tensor, of_gradient)) continue;
    size_t next = wanted > 1 ? out->count * (n - 1) / (wanted - 1) : 0;
    if (seen++ == next) add_ridge(out, &row);
  }
}

static void write_charts(const ReportRun *run, bool of_gradient, Html *page) {
  const MetricTable *table = &checkpoint_history(run->model->checkpoint)->histograms;
  const ParameterMap *map = &run->model->model->map;
  Ridges *ridges = NEW(Ridges);
  html_begin(page, of_gradient ? "div.charts.gradient" : "div.charts");
  size_t n_shown = 0;
  for (size_t t = 0; t < map->n_tensors && n_shown < MOST_TENSORS; t++) {
    if (map->tensors[t].count < LEAST_ELEMENTS) continue;
    n_shown++;
    choose_ridges(table, t, of_gradient, ridges);
    char title[2 * TENSOR_NAME_BYTES];
    snprintf(title, sizeof title, "%s/%s", map->tensors[t].layer, map->tensors[t].name);
    if (ridges->count > 0) svg_ridge_chart(page, title, ridges->count, ridges->items);
  }
  html_end(page, "div");
  memory_release(ridges);
}

static bool has_large_tensor(const ParameterMap *map) {
  bool found = false;
  for (size_t t = 0; t < map->n_tensors; t++) {
    found = found || map->tensors[t].count >= LEAST_ELEMENTS;
  }
  return found;
}

static void write_run(const ReportRun *run, Html *page) {
  const History *history = checkpoint_history(run->model->checkpoint);
  if (history->histograms.n_rows == 0 || !has_large_tensor(&run->model->model->map)) return;
  html_element(page, "p.soft",
               "A ridge for each epoch, the latest in front, of tensors with %d elements and more.",
               LEAST_ELEMENTS);
  html_element(page, "h3", "Weights");
  write_charts(run, false, page);
  html_element(page, "h3", "Gradients of the last step of the epoch");
  write_charts(run, true, page);
}

const ReportSection histograms_section = {
    .name = "histograms",
    .title = "Spread of weights and gradients",
    .write_run = write_run,
};
