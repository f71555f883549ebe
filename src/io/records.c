#include "io/records.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

typedef enum CellKind { CELL_WHOLE, CELL_REAL, CELL_TEXT } CellKind;

typedef struct Cell {
  CellKind kind;
  union {
    size_t whole;
    double real;
    char *text;
  };
} Cell;

struct Records {
  size_t n_columns, n_cells;
  char **columns; /* (n_columns) */
  Cell *cells;    /* row after row */
  size_t capacity;
};

Records *records_create(void) {
  return NEW(Records);
}

void records_column(Records *records, const char *format, ...) {
  char name[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(name, sizeof name, format, arguments);
  va_end(arguments);

  size_t old = records->n_columns * sizeof(char *);
  records->columns = memory_grow(records->columns, old, old + sizeof(char *));
  records->columns[records->n_columns++] = memory_copy_text(name);
}

static void add_cell(Records *records, Cell cell) {
  if (records->n_cells == records->capacity) {
    size_t capacity = records->capacity ? 2 * records->capacity : 1024;
    records->cells =
        memory_grow(records->cells, records->capacity * sizeof(Cell), capacity * sizeof(Cell));
    records->capacity = capacity;
  }
  records->cells[records->n_cells++] = cell;
}

void records_whole(Records *records, size_t value) {
  add_cell(records, (Cell){.kind = CELL_WHOLE, .whole = value});
}

void records_real(Records *records, double value) {
  add_cell(records, (Cell){.kind = CELL_REAL, .real = value});
}

void records_text(Records *records, const char *value) {
  add_cell(records, (Cell){.kind = CELL_TEXT, .text = memory_copy_text(value)});
}

/* ---- CSV ---- */

static void append_field(Text *csv, const char *field) {
  if (!strpbrk(field, ",\"\r\n")) {
    text_append(csv, "%s", field);
    return;
  }
  text_append(csv, "\"");
  for (const char *at = field; *at; at++) text_append(csv, *at == '"' ? "\"\"" : "%c", *at);
  text_append(csv, "\"");
}

static void append_cell(Text *csv, const Cell *cell) {
  switch (cell->kind) {
  case CELL_WHOLE: text_append(csv, "%zu", cell->whole); break;
  case CELL_REAL:
    if (isfinite(cell->real)) text_append(csv, "%.9g", cell->real);
    break;
  case CELL_TEXT: append_field(csv, cell->text); break;
  }
}

char *records_csv(const Records *records) {
  Text csv = {0};
  for (size_t i = 0; i < records->n_columns; i++) {
    if (i > 0) text_append(&csv, ",");
    append_field(&csv, records->columns[i]);
  }
  for (size_t i = 0; i < records->n_cells; i++) {
    text_append(&csv, i % records->n_columns == 0 ? "\n" : ",");
    append_cell(&csv, &records->cells[i]);
  }
  text_append(&csv, "\n");
  return text_take(&csv);
}

/* ---- JSON ---- */

static void put_cell(Json *row, const char *key, const Cell *cell) {
  char digits[NUMBER_TEXT_BYTES];
  switch (cell->kind) {
  case CELL_WHOLE: json_put_whole(row, key, (int64_t)cell->whole); break;
  case CELL_REAL: /* the digits that CSV shows */
    snprintf(digits, sizeof digits, "%.9g", cell->real);
    json_put_real(row, key, strtod(digits, NULL));
    break;
  case CELL_TEXT: json_put_text(row, key, cell->text); break;
  }
}

Json *records_json(const Records *records) {
  Json *rows = json_new_array(), *row = NULL;
  for (size_t i = 0; i < records->n_cells; i++) {
    size_t column = i % records->n_columns;
    if (column == 0) row = json_new_object();
    put_cell(row, records->columns[column], &records->cells[i]);
    if (column + 1 == records->n_columns) json_add(rows, row);
  }
  return rows;
}

void records_destroy(Records *records) {
  if (!records) return;
  for (size_t i = 0; i < records->n_columns; i++) memory_release(records->columns[i]);
  for (size_t i = 0; i < records->n_cells; i++) {
    if (records->cells[i].kind == CELL_TEXT) memory_release(records->cells[i].text);
  }
  memory_release(records->columns);
  memory_release(records->cells);
  memory_release(records);
}
