/* Several runs side by side: what came of each. */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "report/table.h"
#include "analysis/report/report_metric.h"
#include "analysis/report/report_section.h"

/* Names of columns, or the cells of a row; owned. */
typedef struct Words {
  size_t count;
  char **items;
} Words;

static void add(Words *words, const char *word) {
  size_t old = words->count * sizeof(char *);
  words->items = memory_grow(words->items, old, old + sizeof(char *));
  words->items[words->count++] = memory_copy_text(word);
}

static void add_real(Words *words, double value) {
  char number[NUMBER_TEXT_BYTES];
  snprintf(number, sizeof number, "%.4g", value);
  add(words, isnan(value) ? "" : number);
}

static bool contains(const Words *words, const char *word) {
  for (size_t i = 0; i < words->count; i++) {
    if (strcmp(words->items[i], word) == 0) return true;
  }
  return false;
}

static void release(Words *words) {
  for (size_t i = 0; i < words->count; i++) memory_release(words->items[i]);
  memory_release(words->items);
  *words = (Words){0};
}

static const MetricTable *epochs_of(const ReportRun *run) {
  return &checkpoint_history(run->model->checkpoint)->epochs;
}

/* Loss and metrics of all runs, as far as they have values. */
static Words find_measures(const ReportRun *runs, size_t count) {
  Words measures = {0};
  for (size_t r = 0; r < count; r++) {
    const MetricTable *epochs = epochs_of(&runs[r]);
    for (size_t i = 0; i < epochs->n_columns; i++) {
      const char *name = epochs->names[i];
      bool is_result = report_metric_is_measure(name) && strcmp(name, "learning_rate") != 0;
      bool shown = is_result && !isnan(report_metric_last(epochs, name));
      if (shown && !contains(&measures, name)) add(&measures, name);
    }
  }
  return measures;
}

/* On the validation samples, by which a run is chosen, where there are any. */
static const char *deciding_loss(const Words *measures) {
  return contains(measures, "val_loss") ? "val_loss" : "loss";
}

/* The least value of a column and its epoch, from 1. */
static void add_least(Words *cells, const MetricTable *epochs, const char *column) {
  double *values = report_metric_column(epochs, column), least = INFINITY;
  char number[NUMBER_TEXT_BYTES] = "";
  for (size_t i = 0; values && i < epochs->n_rows; i++) {
    if (!(values[i] < least)) continue;
    least = values[i];
    snprintf(number, sizeof number, "%zu", i + 1);
  }
  memory_release(values);
  add_real(cells, isfinite(least) ? least : NAN);
  add(cells, number);
}

static Words write_headers(const Words *measures) {
  Words headers = {0};
  add(&headers, "run");
  for (size_t i = 0; i < measures->count; i++) add(&headers, measures->items[i]);
  Text least = {0};
  text_append(&least, "least %s", deciding_loss(measures));
  add(&headers, least.bytes);
  text_release(&least);
  static const char *const last[] = {"in epoch", "epochs", "time", "ranks", "parameters", NULL};
  for (const char *const *name = last; *name; name++) add(&headers, *name);
  return headers;
}

static Words write_cells(const ReportRun *run, const Words *measures) {
  const Checkpoint *checkpoint = run->model->checkpoint;
  const MetricTable *epochs = epochs_of(run);
  char number[NUMBER_TEXT_BYTES];
  Words cells = {0};
  add(&cells, run->name);
  for (size_t i = 0; i < measures->count; i++) {
    add_real(&cells, report_metric_last(epochs, measures->items[i]));
  }
  add_least(&cells, epochs, deciding_loss(measures));
  add(&cells, text_count(number, checkpoint_progress(checkpoint)->epoch));
  add(&cells, text_seconds(number, report_metric_seconds(epochs)));
  add(&cells, text_count(number, (unsigned long long)checkpoint_facts(checkpoint)->ranks));
  add(&cells, checkpoint_parameter_hash(checkpoint));
  return cells;
}

static void write_comparison(const ReportRun *runs, size_t count, Html *page) {
  Words measures = find_measures(runs, count), headers = write_headers(&measures);
  TextTable *table = text_table_create(headers.count, (const char *const *)headers.items);
  for (size_t r = 0; r < count; r++) {
    Words cells = write_cells(&runs[r], &measures);
    text_table_add(table, (const char *const *)cells.items);
    release(&cells);
  }
  text_table_html(table, page);
  text_table_destroy(table);
  release(&headers);
  release(&measures);
}

const ReportSection comparison_section = {
    .name = "comparison",
    .title = "Side by side",
    .write_comparison = write_comparison,
};
