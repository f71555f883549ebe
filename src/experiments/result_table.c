#include "experiments/result_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "report/table.h"

enum { MOST_COLUMNS = 64, NAME_BYTES = 96 };

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
  size_t n_columns, n_rows;
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
  Column *column = &table->columns[table->n_columns];
  snprintf(column->name, sizeof column->name, "%s", name);
  column->form = form;
  column->decimals = decimals;
  return table->n_columns++;
}

size_t result_table_add_row(ResultTable *table) {
  size_t row_bytes = table->n_columns * sizeof(Cell), old = table->n_rows * row_bytes;
  table->cells = memory_grow(table->cells, old, old + row_bytes);
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

/* ---- for spreadsheets ---- */

/* A field of RFC 4180: in quotes where it holds a comma, a quote or a line's end. */
static void append_field(Text *text, const char *field) {
  if (!strpbrk(field, ",\"\n")) {
    text_append(text, "%s", field);
    return;
  }
  text_append(text, "\"");
  for (; *field; field++) text_append(text, *field == '"' ? "\"\"" : "%c", *field);
  text_append(text, "\"");
}

static void append_number(Text *text, double number) {
  if (!isnan(number)) text_append(text, "%.9g", number);
}

char *result_table_csv(const ResultTable *table) {
  Text text = {0};
  for (size_t i = 0; i < table->n_columns; i++) {
    const Column *column = &table->columns[i];
    text_append(&text, "%s", i ? "," : "");
    append_field(&text, column->name);
    if (column->form == RESULT_MEAN) text_append(&text, ",%s_deviation", column->name);
  }
  text_append(&text, "\n");
  for (size_t row = 0; row < table->n_rows; row++) {
    for (size_t i = 0; i < table->n_columns; i++) {
      const Cell *cell = cell_at(table, row, i);
      text_append(&text, "%s", i ? "," : "");
      if (cell->text) append_field(&text, cell->text);
      append_number(&text, cell->number);
      if (table->columns[i].form != RESULT_MEAN) continue;
      text_append(&text, ",");
      append_number(&text, cell->deviation);
    }
    text_append(&text, "\n");
  }
  return text_take(&text);
}

/* ---- for programs ---- */

Json *result_table_json(const ResultTable *table) {
  Json *rows = json_new_array();
  for (size_t row = 0; row < table->n_rows; row++) {
    Json *object = json_new_object();
    for (size_t i = 0; i < table->n_columns; i++) {
      const Column *column = &table->columns[i];
      const Cell *cell = cell_at(table, row, i);
      if (column->form == RESULT_TEXT) {
        json_put_text(object, column->name, cell->text);
        continue;
      }
      json_put_real(object, column->name, cell->number);
      if (column->form != RESULT_MEAN) continue;
      char name[NAME_BYTES + 16];
      snprintf(name, sizeof name, "%s_deviation", column->name);
      json_put_real(object, name, cell->deviation);
    }
    json_add(rows, object);
  }
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
