/* Several runs side by side: in which keys their configurations differ. */

#include <string.h>

#include "base/memory.h"
#include "config/value_differences.h"
#include "report/table.h"
#include "analysis/report/report_section.h"

/* What differs between the runs, one key after the other. */
typedef struct Differences {
  size_t n_runs, n_keys;
  ValueDifferences *from_first;  /* (n_runs): of each run from the first */
  const ValueDifference **items; /* (n_keys): each key once; borrowed from those */
} Differences;

static const ValueDifference *find(const ValueDifferences *list, const char *name) {
  for (size_t i = 0; i < list->count; i++) {
    if (strcmp(list->items[i].name, name) == 0) return &list->items[i];
  }
  return NULL;
}

static bool has_key(const Differences *found, const char *name) {
  for (size_t k = 0; k < found->n_keys; k++) {
    if (strcmp(found->items[k]->name, name) == 0) return true;
  }
  return false;
}

static void add_key(Differences *found, const ValueDifference *item) {
  if (has_key(found, item->name)) return;
  size_t old = found->n_keys * sizeof *found->items;
  found->items = memory_grow(found->items, old, old + sizeof *found->items);
  found->items[found->n_keys++] = item;
}

static Differences compare(const ReportRun *runs, size_t count) {
  Differences found = {.n_runs = count, .from_first = NEW_ARRAY(ValueDifferences, count)};
  for (size_t r = 1; r < count; r++) {
    ValueDifferences *list = &found.from_first[r];
    value_differences_add_options(list, run_options, &runs[0].model->config,
                                  &runs[r].model->config);
    for (size_t i = 0; i < list->count; i++) add_key(&found, &list->items[i]);
  }
  return found;
}

static void release(Differences *found) {
  for (size_t r = 0; r < found->n_runs; r++) value_differences_release(&found->from_first[r]);
  memory_release(found->from_first);
  memory_release(found->items);
}

/* A run's value of a key; NULL: its configuration has no such key. */
static const char *value_of(const Differences *found, size_t run, size_t key) {
  const ValueDifference *item = found->items[key];
  const ValueDifference *own = find(&found->from_first[run], item->name);
  return own ? own->b : item->a;
}

static void write_table(const ReportRun *runs, const Differences *found, Html *page) {
  /* The fewer are the columns. */
  bool runs_are_rows = found->n_keys < found->n_runs;
  size_t n_rows = runs_are_rows ? found->n_runs : found->n_keys;
  size_t n_columns = runs_are_rows ? found->n_keys : found->n_runs;
  const char **cells = NEW_ARRAY(const char *, 1 + n_columns);
  cells[0] = runs_are_rows ? "run" : "key";
  for (size_t i = 0; i < n_columns; i++) {
    cells[1 + i] = runs_are_rows ? found->items[i]->name : runs[i].name;
  }
  TextTable *table = text_table_create(1 + n_columns, cells);
  for (size_t row = 0; row < n_rows; row++) {
    cells[0] = runs_are_rows ? runs[row].name : found->items[row]->name;
    for (size_t i = 0; i < n_columns; i++) {
      cells[1 + i] = runs_are_rows ? value_of(found, row, i) : value_of(found, i, row);
    }
    text_table_add(table, cells);
  }
  text_table_html(table, page);
  text_table_destroy(table);
  memory_release(cells);
}

static void write_comparison(const ReportRun *runs, size_t count, Html *page) {
  Differences found = compare(runs, count);
  if (found.n_keys > 0) write_table(runs, &found, page);
  if (found.n_keys == 0) html_element(page, "p.soft", "Their configurations are the same.");
  release(&found);
}

const ReportSection differences_section = {
    .name = "differences",
    .title = "Where the configurations differ",
    .write_comparison = write_comparison,
};
