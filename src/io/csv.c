#include "io/csv.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/memory.h"
#include "io/file_place.h"

enum {
  BUFFER_BYTES = 1 << 16,
  BLOCK_BYTES = 1 << 20, /* about: of numbers that are allocated together */
  END = -1,              /* instead of a character */
};

typedef struct Reader {
  const char *path;
  const CsvOptions *options;
  int delimiter;
  CsvTable *table;
  gzFile stream; /* passes plain files through */
  unsigned char *buffer;
  size_t position, length; /* in the buffer: of the next character, of what was read */
  size_t line;             /* of the next character, from 1 */
  size_t record_line;      /* where the record begins */
  Text record;             /* its fields, each with a terminating zero */
  size_t n_fields;         /* of the record; 0 at the end of the file */
  bool has_zero_byte;      /* where text should be */
  Text texts;              /* the text column, each cell with a terminating zero */
  bool has_text;           /* some cell of the text column is no number */
} Reader;

__attribute__((format(printf, 3, 4))) static Status fail_at(const Reader *reader, size_t line,
                                                            const char *format, ...) {
  char what[STATUS_MESSAGE_BYTES];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  return fail(ERR_DATA, "%s:%zu: %s", reader->path, line, what);
}

/* ---- characters ---- */

static void refill(Reader *reader) {
  int got = gzread(reader->stream, reader->buffer, BUFFER_BYTES);
  reader->position = 0;
  reader->length = got > 0 ? (size_t)got : 0;
}

static int next_character(Reader *reader) {
  if (reader->position == reader->length) refill(reader);
  if (reader->length == 0) return END;
  int character = reader->buffer[reader->position++];
  if (character == '\n') reader->line++;
  return character;
}

/* Tells the end of the file from a failure to read on. */
static Status check_stream(const Reader *reader) {
  int code;
  const char *path_and_reason = gzerror(reader->stream, &code);
  if (code == Z_ERRNO) return fail(ERR_NO_INPUT, "%s", path_and_reason);
  if (code != Z_OK) return fail(ERR_DATA, "%s: the gzip data are corrupt", path_and_reason);
  return OK;
}

static Status open_stream(Reader *reader) {
  TRY(file_place_check_input(reader->path));
  reader->stream = gzopen(reader->path, "rb");
  if (!reader->stream) return fail(ERR_NO_INPUT, "%s: %s", reader->path, strerror(errno));
  reader->buffer = memory_allocate(BUFFER_BYTES);
  reader->line = 1;

  refill(reader);
  bool has_mark = reader->length >= 3 && memcmp(reader->buffer, "\xEF\xBB\xBF", 3) == 0;
  if (has_mark) reader->position = 3;
  return OK;
}

static void push(Reader *reader, int character) {
  char byte = (char)character;
  if (!byte) reader->has_zero_byte = true;
  text_append_bytes(&reader->record, &byte, 1);
}

/* ---- records ---- */

/* Reads the rest of a quoted field, and the character after its closing quote. */
static Status read_quoted(Reader *reader, int *after) {
  size_t opening_line = reader->line;
  for (;;) {
    int character = next_character(reader);
    if (character == '"') {
      character = next_character(reader);
      bool is_doubled = character == '"';
      if (!is_doubled) {
        *after = character;
        return OK;
      }
    }
    if (character == END) {
      TRY(check_stream(reader));
      return fail_at(reader, opening_line, "found a quote that is never closed");
    }
    push(reader, character);
  }
}

/* Appends a field to the record; *ending is what stands behind it: delimiter, newline or END. */
static Status read_field(Reader *reader, int *ending) {
  Text *record = &reader->record;
  int character = next_character(reader);
  bool is_quoted = character == '"';
  if (is_quoted) TRY(read_quoted(reader, &character));

  size_t bare = record->length;
  while (character != reader->delimiter && character != '\n' && character != END) {
    push(reader, character);
    character = next_character(reader);
  }
  if (character == END) TRY(check_stream(reader));

  bool has_return = record->length > bare && record->bytes[record->length - 1] == '\r';
  if (has_return && character != reader->delimiter) record->length--;
  if (is_quoted && record->length > bare) {
    return fail_at(reader, reader->record_line, "found text after a closing quote");
  }
  if (reader->has_zero_byte) {
    return fail_at(reader, reader->record_line, "found a zero byte, expected text");
  }
  text_append_bytes(record, "", 1); /* its terminating zero */
  *ending = character;
  return OK;
}

/* Reads the next record; blank lines are allowed only when nothing follows. */
static Status read_record(Reader *reader) {
  size_t blank_line = 0;
  for (;;) {
    reader->record_line = reader->line;
    reader->record.length = 0;
    int ending = reader->delimiter;
    for (reader->n_fields = 0; ending == reader->delimiter; reader->n_fields++) {
      TRY(read_field(reader, &ending));
    }
    bool is_blank = reader->n_fields == 1 && reader->record.length == 1;
    if (!is_blank && blank_line) return fail_at(reader, blank_line, "found a blank line");
    if (!is_blank) return OK;
    if (!blank_line) blank_line = reader->record_line;
    if (ending == END) {
      reader->n_fields = 0;
      return OK;
    }
  }
}

/* ---- cells ---- */

typedef enum CellSort { CELL_NUMBER, CELL_TEXT, CELL_NOT_FINITE } CellSort;

/* Images are full of short whole numbers, for which strtod takes several times as long. */
static bool parse_short_whole(const char *text, double *out) {
  enum { MOST_DIGITS = 9 };
  int value = 0, n_digits = 0;
  for (; n_digits < MOST_DIGITS && *text >= '0' && *text <= '9'; text++, n_digits++) {
    value = 10 * value + (*text - '0');
  }
  *out = value;
  return n_digits > 0 && *text == '\0';
}

static CellSort parse_cell(const char *text, double *out) {
  if (parse_short_whole(text, out)) return CELL_NUMBER;
  char *end;
  *out = strtod(text, &end);
  bool is_hexadecimal = text[strcspn(text, "xX")] != '\0';
  bool is_number = end != text && !is_hexadecimal && end[strspn(end, " \t")] == '\0';
  if (!is_number) return CELL_TEXT;
  return isfinite(*out) ? CELL_NUMBER : CELL_NOT_FINITE;
}

/* Names go into files whose text is UTF-8. */
static Status check_name(const Reader *reader, const char *name) {
  char shown[SHORT_TEXT_BYTES];
  if (text_is_utf8(name)) return OK;
  return fail_at(reader, reader->record_line, "found the name '%s', which is not UTF-8",
                 text_shorten(shown, name));
}

/* A number as it is, text of the text column as NaN. */
static Status take_cell(Reader *reader, size_t column, const char *text, double *out) {
  CellSort sort = parse_cell(text, out);
  bool may_be_text = column == reader->table->text_column;
  if (may_be_text) text_append_bytes(&reader->texts, text, strlen(text) + 1);
  if (sort == CELL_NUMBER) return OK;
  bool is_blank = text[strspn(text, " \t")] == '\0';
  if (sort == CELL_TEXT && may_be_text && !is_blank) {
    TRY(check_name(reader, text));
    reader->has_text = true;
    *out = NAN;
    return OK;
  }
  char shown[SHORT_TEXT_BYTES], name[CSV_COLUMN_BYTES];
  return fail_at(reader, reader->record_line, "found '%s' in %s, expected a finite number%s",
                 text_shorten(shown, text), csv_column_text(reader->table, column, name),
                 may_be_text ? " or a name" : "");
}

/* ---- rows ---- */

/* The memory of the next row. */
static double *add_row(CsvTable *table) {
  size_t n_blocks = table->n_rows / table->rows_per_block;
  size_t row = table->n_rows++ % table->rows_per_block;
  if (row == 0) {
    table->blocks = memory_grow(table->blocks, n_blocks * sizeof *table->blocks,
                                (n_blocks + 1) * sizeof *table->blocks);
    table->blocks[n_blocks] = NEW_ARRAY(double, table->rows_per_block * table->n_columns);
  }
  return table->blocks[n_blocks] + row * table->n_columns;
}

static Status take_row(Reader *reader) {
  CsvTable *table = reader->table;
  if (reader->n_fields != table->n_columns) {
    return fail_at(reader, reader->record_line, "found %zu fields, expected %zu", reader->n_fields,
                   table->n_columns);
  }
  double *row = add_row(table);
  const char *text = reader->record.bytes;
  for (size_t column = 0; column < table->n_columns; column++) {
    TRY(take_cell(reader, column, text, &row[column]));
    text += strlen(text) + 1;
  }
  return OK;
}

/* ---- the first record ---- */

static Status find_by_name(const Reader *reader, const char *name, size_t *out) {
  const CsvTable *table = reader->table;
  *out = table->n_columns;
  for (size_t column = 0; table->names && column < table->n_columns; column++) {
    if (strcmp(table->names[column], name) != 0) continue;
    if (*out < table->n_columns) {
      return fail_at(reader, reader->record_line, "found two columns '%s', expected one", name);
    }
    *out = column;
  }
  return OK;
}

static Status find_text_column(const Reader *reader, const char *wanted, size_t *out) {
  const CsvTable *table = reader->table;
  long long n_columns = (long long)table->n_columns;
  TRY(find_by_name(reader, wanted, out));
  if (*out < table->n_columns) return OK;

  char *end;
  long long index = strtoll(wanted, &end, 10);
  bool is_index = end != wanted && *end == '\0';
  if (is_index && index >= -n_columns && index < n_columns) {
    *out = (size_t)(index < 0 ? index + n_columns : index);
    return OK;
  }
  if (is_index || !table->names) {
    return fail_at(reader, reader->record_line, "no column %s, expected %s%lld to %lld", wanted,
                   table->names ? "a name or " : "", -n_columns, n_columns - 1);
  }
  const char *nearest = text_nearest(wanted, (const char *const *)table->names);
  if (nearest) {
    return fail_at(reader, reader->record_line, "no column '%s'; did you mean %s?", wanted,
                   nearest);
  }
  return fail_at(reader, reader->record_line, "no column '%s' among the %zu of the header", wanted,
                 table->n_columns);
}

/* Lays the table out; the first record is the header or a row like all others. */
static Status take_first_record(Reader *reader) {
  CsvTable *table = reader->table;
  table->n_columns = reader->n_fields;
  table->text_column = table->n_columns;
  table->rows_per_block = BLOCK_BYTES / (table->n_columns * sizeof(double)) + 1;
  if (reader->options->header) {
    table->names = NEW_ARRAY(char *, table->n_columns + 1); /* text_nearest wants a NULL behind */
    const char *name = reader->record.bytes;
    for (size_t column = 0; column < table->n_columns; column++) {
      table->names[column] = memory_copy_text(name);
      name += strlen(name) + 1;
    }
  }
  if (reader->options->text_column) {
    TRY(find_text_column(reader, reader->options->text_column, &table->text_column));
  }
  return reader->options->header ? OK : take_row(reader);
}

/* ---- the file ---- */

static Status read_rows(Reader *reader) {
  TRY(read_record(reader));
  if (reader->n_fields == 0) {
    return fail(ERR_DATA, "%s: found an empty file, expected rows of numbers", reader->path);
  }
  TRY(take_first_record(reader));
  for (;;) {
    TRY(read_record(reader));
    if (reader->n_fields == 0) break;
    TRY(take_row(reader));
  }
  if (reader->table->n_rows == 0) {
    return fail(ERR_DATA, "%s: found a header alone, expected rows below it", reader->path);
  }
  return OK;
}

/* Hands the text column to the table, if it is not just numbers. */
static void take_texts(Reader *reader) {
  if (!reader->has_text) return;
  CsvTable *table = reader->table;
  table->text_bytes = text_take(&reader->texts);
  table->texts = NEW_ARRAY(char *, table->n_rows);
  char *text = table->text_bytes;
  for (size_t row = 0; row < table->n_rows; row++) {
    table->texts[row] = text;
    text += strlen(text) + 1;
  }
}

Status csv_read(const char *path, const CsvOptions *options, CsvTable *out) {
  *out = (CsvTable){0};
  Reader reader = {.path = path,
                   .options = options,
                   .delimiter = (unsigned char)options->delimiter,
                   .table = out};
  TRY(open_stream(&reader));

  Status status = read_rows(&reader);
  if (status == OK) {
    take_texts(&reader);
  } else {
    csv_release(out);
  }
  gzclose(reader.stream);
  memory_release(reader.buffer);
  text_release(&reader.record);
  text_release(&reader.texts);
  return status;
}

double csv_number(const CsvTable *table, size_t row, size_t column) {
  const double *block = table->blocks[row / table->rows_per_block];
  return block[row % table->rows_per_block * table->n_columns + column];
}

char *csv_column_text(const CsvTable *table, size_t column, char out[CSV_COLUMN_BYTES]) {
  if (table->names) {
    char shown[SHORT_TEXT_BYTES];
    snprintf(out, CSV_COLUMN_BYTES, "column '%s'", text_shorten(shown, table->names[column]));
  } else {
    snprintf(out, CSV_COLUMN_BYTES, "column %zu (from 0)", column);
  }
  return out;
}

void csv_release(CsvTable *table) {
  for (size_t column = 0; table->names && column < table->n_columns; column++) {
    memory_release(table->names[column]);
  }
  for (size_t row = 0; row < table->n_rows; row += table->rows_per_block) {
    memory_release(table->blocks[row / table->rows_per_block]);
  }
  memory_release(table->names);
  memory_release(table->texts);
  memory_release(table->text_bytes);
  memory_release(table->blocks);
  *table = (CsvTable){0};
}
