/* `lockstep inspect FOLDER`: which checkpoints there are, how good each is, and which are whole. */

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "commands/command_json.h"
#include "commands/inspect/subjects.h"
#include "report/table.h"
#include "storage/checkpoint_list.h"

/* The loss and the metrics, on training and on validation samples: no count, no time, no rate. */
static bool is_metric(const MetricTable *table, size_t column) {
  return metric_table_validation(table, column) < table->n_columns ||
         strncmp(table->names[column], "val_", 4) == 0;
}

/* NaN where there is none. */
static double metric_of(const ListedCheckpoint *item, const char *name) {
  const MetricTable *metrics = &item->metrics;
  size_t column = metric_table_column(metrics, name);
  if (metrics->n_rows == 0 || column == metrics->n_columns) return NAN;
  return metric_table_at(metrics, 0, column);
}

/* ---- for people ---- */

/* The metrics that some checkpoint has, borrowed from the list. */
typedef struct MetricNames {
  size_t count;
  const char *names[METRIC_MOST_COLUMNS];
} MetricNames;

static void add_name(MetricNames *list, const char *name) {
  for (size_t i = 0; i < list->count; i++) {
    if (strcmp(list->names[i], name) == 0) return;
  }
  if (list->count < METRIC_MOST_COLUMNS) list->names[list->count++] = name;
}

static MetricNames metric_names(const CheckpointList *list) {
  MetricNames found = {0};
  for (size_t i = 0; i < list->count; i++) {
    const MetricTable *metrics = &list->items[i].metrics;
    for (size_t c = 0; c < metrics->n_columns; c++) {
      const char *name = metrics->names[c];
      if (is_metric(metrics, c) && !isnan(metric_of(&list->items[i], name))) add_name(&found, name);
    }
  }
  return found;
}

/* "whole, newest, also last.h5" */
static char *state_text(const ListedCheckpoint *item) {
  Text text = {0};
  if (item->reason) {
    text_append(&text, "broken: %s", item->reason);
  } else {
    text_append(&text, "whole%s", item->newest ? ", newest" : "");
  }
  for (size_t i = 0; i < item->other_names.count; i++) {
    text_append(&text, ", also %s", item->other_names.values[i]);
  }
  return text_take(&text);
}

enum { COLUMNS_BEFORE = 3, COLUMNS_AFTER = 2 }; /* the metrics */

static void add_row(TextTable *table, const MetricNames *metrics, const ListedCheckpoint *item) {
  const char *cells[COLUMNS_BEFORE + METRIC_MOST_COLUMNS + COLUMNS_AFTER] = {item->path};
  char step[NUMBER_TEXT_BYTES] = "", epoch[NUMBER_TEXT_BYTES] = "", bytes[NUMBER_TEXT_BYTES];
  char numbers[METRIC_MOST_COLUMNS][NUMBER_TEXT_BYTES], *state = state_text(item);
  if (!item->reason) {
    snprintf(step, sizeof step, "%" PRIu64, item->step);
    snprintf(epoch, sizeof epoch, "%" PRIu64, item->epoch);
  }
  cells[1] = step, cells[2] = epoch;
  for (size_t i = 0; i < metrics->count; i++) {
    double value = metric_of(item, metrics->names[i]);
    snprintf(numbers[i], NUMBER_TEXT_BYTES, "%.4f", value);
    cells[COLUMNS_BEFORE + i] = isnan(value) ? "" : numbers[i];
  }
  cells[COLUMNS_BEFORE + metrics->count] = text_bytes(bytes, (double)item->bytes);
  cells[COLUMNS_BEFORE + metrics->count + 1] = state;
  text_table_add(table, cells);
  memory_release(state);
}

static void print_list(const CheckpointList *list) {
  MetricNames metrics = metric_names(list);
  const char *headers[COLUMNS_BEFORE + METRIC_MOST_COLUMNS + COLUMNS_AFTER] = {"checkpoint", "step",
                                                                               "epoch"};
  for (size_t i = 0; i < metrics.count; i++) headers[COLUMNS_BEFORE + i] = metrics.names[i];
  headers[COLUMNS_BEFORE + metrics.count] = "size";
  headers[COLUMNS_BEFORE + metrics.count + 1] = "state";
  TextTable *table = text_table_create(COLUMNS_BEFORE + metrics.count + COLUMNS_AFTER, headers);
  for (size_t i = 0; i < list->count; i++) add_row(table, &metrics, &list->items[i]);
  char *text = text_table_text(table);
  fputs(text, stdout);
  memory_release(text);
  text_table_destroy(table);
}

/* ---- for programs ---- */

static Json *metrics_json(const ListedCheckpoint *item) {
  Json *metrics = json_new_object();
  for (size_t i = 0; item->metrics.n_rows > 0 && i < item->metrics.n_columns; i++) {
    const char *name = item->metrics.names[i];
    if (is_metric(&item->metrics, i)) json_put_real(metrics, name, metric_of(item, name));
  }
  return metrics;
}

static Json *item_json(const ListedCheckpoint *item) {
  Json *entry = json_new_object(), *names = json_new_array();
  for (size_t i = 0; i < item->other_names.count; i++)
    json_add_text(names, item->other_names.values[i]);
  json_put_text(entry, "path", item->path);
  json_put(entry, "other_names", names);
  json_put_whole(entry, "bytes", (int64_t)item->bytes);
  json_put_bool(entry, "whole", !item->reason);
  json_put_text(entry, "reason", item->reason);
  json_put_bool(entry, "newest", item->newest);
  if (!item->reason) {
    json_put_whole(entry, "epoch", (int64_t)item->epoch);
    json_put_whole(entry, "step", (int64_t)item->step);
    json_put(entry, "metrics", metrics_json(item));
  }
  return entry;
}

static Json *list_json(const char *folder, const CheckpointList *list) {
  Json *document = json_new_object(), *entries = json_new_array();
  for (size_t i = 0; i < list->count; i++) json_add(entries, item_json(&list->items[i]));
  json_put_text(document, "folder", folder);
  json_put(document, "checkpoints", entries);
  return document;
}

Status inspect_folder(const char *folder, bool json) {
  CheckpointList list;
  TRY(checkpoint_list_read(folder, &list));
  if (json) {
    command_print_json(list_json(folder, &list));
  } else {
    print_list(&list);
  }
  checkpoint_list_release(&list);
  return OK;
}
