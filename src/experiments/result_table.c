#include "experiments/result_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/fatal.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/records.h"
#include "report/table.h"

enum { MOST_COLUMNS = 256, NAME_BYTES = 96 };

typedef struct Column {
  char name[NAME_BYTES];
  ResultForm form;
  int decimals;
} Column;

typedef struct Cell {
  char *text;
  double number, deviation;
} Cell;

struct ResultTable {
  size_t n_columns, n_rows, capacity; /* capacity: rows allocated */
  Column columns[MOST_COLUMNS];
  Cell *cells; /* (n_rows, n_columns) */
};

ResultTable *result_table_create(void) {
  return NEW(ResultTable);
}

void result_table_destroy(ResultTable *table) {
  if (!table) return;
  for (size_t i = 0; i < table->n_rows * table->n_columns; i++)
    memory_release(table->cells[i].text);
  memory_release(table->cells);
  memory_release(table);
}

size_t result_table_add_column(ResultTable *table, const char *name, ResultForm form,
                               int decimals) {
  CHECK(table->n_columns < MOST_COLUMNS, "more than %d columns", MOST_COLUMNS);
  Column *column = &table->columns[table->n_columns];
  snprintf(column->name, sizeof column->name, "%s", name);
  column->form = form;
  column->decimals = decimals;
  return table->n_columns++;
}

size_t result_table_add_row(ResultTable *table) {
  size_t row_bytes = table->n_columns * sizeof(Cell);
  if (table->n_rows == table->capacity) {
    size_t old = table->capacity * row_bytes;
    table->capacity = table->capacity ? 2 * table->capacity : 16;
    table->cells = memory_grow(table->cells, old, table->capacity * row_bytes);
  }
  for (size_t i = 0; i < table->n_columns; i++) {
    table->cells[table->n_rows * table->n_columns + i] = (Cell){NULL, NAN, NAN};
  }
  return table->n_rows++;
}

static Cell *cell_at(const ResultTable *table, size_t row, size_t column) {
  return &table->cells[row * table->n_columns + column];
}

static Cell *last_cell(ResultTable *table, size_t column) {
  return cell_at(table, table->n_rows - 1, column);
}

void result_table_set_text(ResultTable *table, size_t column, const char *text) {
  last_cell(table, column)->text = memory_copy_text(text);
}

void result_table_set_number(ResultTable *table, size_t column, double number) {
  last_cell(table, column)->number = number;
}

void result_table_set_mean(ResultTable *table, size_t column, Mean mean) {
  last_cell(table, column)->number = mean.mean;
  last_cell(table, column)->deviation = mean.deviation;
}

/* ---- for people ---- */

static bool is_shown(const ResultTable *table, size_t column) {
  if (table->columns[column].decimals < 0) return false;
  for (size_t row = 0; row < table->n_rows; row++) {
    const Cell *cell = cell_at(table, row, column);
    if (cell->text || !isnan(cell->number)) return true;
  }
  return false;
}

static char *cell_text(const Column *column, const Cell *cell) {
  Text text = {0};
  text_append(&text, "%s", cell->text ? cell->text : "");
  if (!isnan(cell->number)) text_append(&text, "%.*f", column->decimals, cell->number);
  if (!isnan(cell->deviation)) text_append(&text, " ± %.*f", column->decimals, cell->deviation);
  return text_take(&text);
}

char *result_table_text(const ResultTable *table) {
  size_t shown[MOST_COLUMNS], n_shown = 0;
  const char *names[MOST_COLUMNS];
  for (size_t i = 0; i < table->n_columns; i++) {
    if (!is_shown(table, i)) continue;
    names[n_shown] = table->columns[i].name;
    shown[n_shown++] = i;
  }

  TextTable *lines = text_table_create(n_shown, names);
  for (size_t row = 0; row < table->n_rows; row++) {
    char *cells[MOST_COLUMNS];
    for (size_t i = 0; i < n_shown; i++) {
      cells[i] = cell_text(&table->columns[shown[i]], cell_at(table, row, shown[i]));
    }
    text_table_add(lines, (const char *const *)cells);
    for (size_t i = 0; i < n_shown; i++) memory_release(cells[i]);
  }
  char *text = text_table_text(lines);
  text_table_destroy(lines);
  return text;
}

/* ---- for programs ---- */

/* Every column, and every deviation as a column of its own. */
static Records *records_of(const ResultTable *table) {
  Records *records = records_create();
  for (size_t i = 0; i < table->n_columns; i++) {
    const Column *column = &table->columns[i];
    records_column(records, "%s", column->name);
    if (column->form == RESULT_MEAN) records_column(records, "%s_deviation", column->name);
  }
  for (size_t i = 0; i < table->n_rows * table->n_columns; i++) {
    const Cell *cell = &table->cells[i];
    ResultForm form = table->columns[i % table->n_columns].form;
    if (form == RESULT_TEXT) records_text(records, cell->text ? cell->text : "");
    bool is_whole = form == RESULT_COUNT && !isnan(cell->number);
    if (is_whole) records_whole(records, (size_t)cell->number);
    if (form != RESULT_TEXT && !is_whole) records_real(records, cell->number);
    if (form == RESULT_MEAN) records_real(records, cell->deviation);
  }
  return records;
}

char *result_table_csv(const ResultTable *table) {
  Records *records = records_of(table);
  char *csv = records_csv(records);
  records_destroy(records);
  return csv;
}

Json *result_table_json(const ResultTable *table) {
  Records *records = records_of(table);
  Json *rows = records_json(records);
  records_destroy(records);
  return rows;
}

static void write_numbers(const ResultTable *table, H5File *file, const char *group, size_t column,
                          bool deviation) {
  char path[256];
  snprintf(path, sizeof path, "%s/%s%s", group, table->columns[column].name,
           deviation ? "_deviation" : "");
  double *values = NEW_ARRAY(double, table->n_rows);
  for (size_t row = 0; row < table->n_rows; row++) {
    const Cell *cell = cell_at(table, row, column);
    values[row] = deviation ? cell->deviation : cell->number;
  }
  h5_add_array(file, path, DTYPE_F64, &(Shape){1, {table->n_rows}}, values);
  memory_release(values);
}

static void write_texts(const ResultTable *table, H5File *file, const char *group, size_t column) {
  const char **texts = NEW_ARRAY(const char *, table->n_rows);
  for (size_t row = 0; row < table->n_rows; row++) {
    const char *text = cell_at(table, row, column)->text;
    texts[row] = text ? text : "";
  }
  h5_set_texts(file, group, table->columns[column].name, table->n_rows, texts);
  memory_release(texts);
}

void result_table_write(const ResultTable *table, H5File *file, const char *group) {
  h5_add_group(file, group);
  for (size_t i = 0; i < table->n_columns; i++) {
    ResultForm form = table->columns[i].form;
    if (form == RESULT_TEXT) write_texts(table, file, group, i);
    if (form != RESULT_TEXT) write_numbers(table, file, group, i, false);
    if (form == RESULT_MEAN) write_numbers(table, file, group, i, true);
  }
}
