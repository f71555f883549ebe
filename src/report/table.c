#include "report/table.h"

#include <ctype.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

struct TextTable {
  size_t n_columns, n_rows; /* the header is row 0 */
  char **cells;             /* (n_rows, n_columns) */
};

void text_table_add(TextTable *table, const char *const *cells) {
  size_t row_bytes = table->n_columns * sizeof(char *), old = table->n_rows * row_bytes;
  table->cells = memory_grow(table->cells, old, old + row_bytes);
  for (size_t i = 0; i < table->n_columns; i++) {
    table->cells[table->n_rows * table->n_columns + i] = memory_copy_text(cells[i] ? cells[i] : "");
  }
  table->n_rows++;
}

TextTable *text_table_create(size_t n_columns, const char *const *headers) {
  TextTable *table = NEW(TextTable);
  table->n_columns = n_columns;
  text_table_add(table, headers);
  return table;
}

void text_table_destroy(TextTable *table) {
  if (!table) return;
  for (size_t i = 0; i < table->n_rows * table->n_columns; i++) memory_release(table->cells[i]);
  memory_release(table->cells);
  memory_release(table);
}

static const char *cell_at(const TextTable *table, size_t row, size_t column) {
  return table->cells[row * table->n_columns + column];
}

/* A column of numbers: no cell below the header begins like a word. */
static bool is_numeric(const TextTable *table, size_t column) {
  for (size_t row = 1; row < table->n_rows; row++) {
    const char *cell = cell_at(table, row, column);
    if (*cell && !isdigit((unsigned char)*cell) && !strchr("+-.", *cell)) return false;
  }
  return true;
}

/* Characters of a UTF-8 text: bytes that continue none. */
static size_t characters_of(const char *text) {
  size_t count = 0;
  for (; *text; text++) count += ((unsigned char)*text & 0xc0) != 0x80;
  return count;
}

static size_t width_of(const TextTable *table, size_t column) {
  size_t width = 0;
  for (size_t row = 0; row < table->n_rows; row++) {
    size_t count = characters_of(cell_at(table, row, column));
    if (count > width) width = count;
  }
  return width;
}

typedef struct Column {
  size_t width;
  bool is_numeric;
} Column;

/* How each column stands, looked up once for all rows. Ownership: memory_release. */
static Column *measure_columns(const TextTable *table) {
  Column *columns = NEW_ARRAY(Column, table->n_columns);
  for (size_t i = 0; i < table->n_columns; i++) {
    columns[i] = (Column){width_of(table, i), is_numeric(table, i)};
  }
  return columns;
}

/* `padded`: as wide as its column; else a text has no blanks behind it, as at the end of a line. */
static void append_cell(Text *text, const Column *column, const char *cell, bool padded) {
  int padding = (int)(column->width - characters_of(cell));
  if (column->is_numeric) {
    text_append(text, "%*s%s", padding, "", cell);
  } else {
    text_append(text, "%s%*s", cell, padded ? padding : 0, "");
  }
}

char *text_table_text(const TextTable *table) {
  Column *columns = measure_columns(table);
  Text text = {0};
  for (size_t row = 0; row < table->n_rows; row++) {
    for (size_t i = 0; i < table->n_columns; i++) {
      bool is_last = i + 1 == table->n_columns;
      append_cell(&text, &columns[i], cell_at(table, row, i), !is_last);
      if (!is_last) text_append(&text, "  ");
    }
    while (text.length > 0 && text.bytes[text.length - 1] == ' ')
      text.length--; /* of cells that are empty */
    text_append(&text, "\n");
  }
  memory_release(columns);
  return text_take(&text);
}

/* A line of a box: its left end, the stroke, where a column ends, its right end. */
typedef struct BoxLine {
  const char *left, *stroke, *between, *right;
} BoxLine;

static void append_line(Text *text, size_t n_columns, const Column *columns, const BoxLine *line) {
  for (size_t i = 0; i < n_columns; i++) {
    text_append(text, "%s", i == 0 ? line->left : line->between);
    for (size_t j = 0; j < columns[i].width + 2; j++) text_append(text, "%s", line->stroke);
  }
  text_append(text, "%s\n", line->right);
}

char *text_table_boxed(const TextTable *table) {
  static const BoxLine top = {"┏", "━", "┳", "┓"}, below_header = {"┡", "━", "╇", "┩"},
                       below_row = {"├", "─", "┼", "┤"}, bottom = {"└", "─", "┴", "┘"};
  Column *columns = measure_columns(table);
  Text text = {0};
  append_line(&text, table->n_columns, columns, &top);
  for (size_t row = 0; row < table->n_rows; row++) {
    const char *bar = row == 0 ? "┃" : "│";
    for (size_t i = 0; i < table->n_columns; i++) {
      text_append(&text, "%s ", bar);
      append_cell(&text, &columns[i], cell_at(table, row, i), true);
      text_append(&text, " ");
    }
    text_append(&text, "%s\n", bar);
    bool is_last = row + 1 == table->n_rows;
    append_line(&text, table->n_columns, columns,
                is_last    ? &bottom
                : row == 0 ? &below_header
                           : &below_row);
  }
  memory_release(columns);
  return text_take(&text);
}

void text_table_html(const TextTable *table, Html *page) {
  Column *columns = measure_columns(table);
  html_begin(page, "div.scroll");
  html_begin(page, "table");
  for (size_t row = 0; row < table->n_rows; row++) {
    html_begin(page, "tr");
    for (size_t i = 0; i < table->n_columns; i++) {
      html_begin(page, row == 0 ? "th" : "td");
      if (columns[i].is_numeric) html_attribute(page, "class", "number");
      html_text(page, "%s", cell_at(table, row, i));
      html_end(page, row == 0 ? "th" : "td");
    }
    html_end(page, "tr");
  }
  html_end(page, "table");
  html_end(page, "div");
  memory_release(columns);
}
