#include "io/csv_form.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/file_place.h"

enum { SAMPLE_BYTES = 1 << 20, MOST_ROWS = 100 };

/* ---- the beginning of the file ---- */

/* The bytes that were read, with a zero behind them. Ownership: memory_release. */
static Status read_sample(const char *path, char **out, size_t *count) {
  *out = NULL;
  TRY(file_place_check_input(path));
  gzFile stream = gzopen(path, "rb");
  if (!stream) return fail(ERR_NO_INPUT, "%s: %s", path, strerror(errno));
  char *bytes = memory_allocate(SAMPLE_BYTES + 1);
  int got = gzread(stream, bytes, SAMPLE_BYTES);
  gzclose(stream);
  Status status = OK;
  if (got < 0) status = fail(ERR_NO_INPUT, "%s: cannot be read", path);
  if (got == 0) status = fail(ERR_DATA, "%s: found an empty file, expected rows", path);
  if (got > 0 && memchr(bytes, '\0', (size_t)got)) {
    status = fail(ERR_DATA, "%s: found zero bytes, expected text: rows of numbers", path);
  }
  if (status != OK) {
    memory_release(bytes);
    return status;
  }
  *out = bytes;
  *count = (size_t)got;
  return OK;
}

/* Ends after the last whole row of the sample, at most MOST_ROWS of them. */
static const char *end_of_rows(const char *begin, size_t count) {
  const char *end = begin;
  bool quoted = false;
  size_t n_rows = 0;
  for (const char *c = begin; c < begin + count && n_rows < MOST_ROWS; c++) {
    if (*c == '"') quoted = !quoted;
    if (*c != '\n' || quoted) continue;
    end = c + 1;
    n_rows++;
  }
  bool is_whole_file = n_rows < MOST_ROWS && count < SAMPLE_BYTES;
  return is_whole_file || end == begin ? begin + count : end;
}

/* ---- fields ---- */

typedef struct Field {
  const char *begin, *end; /* quotes included */
  bool ends_row;
} Field;

/* The field that begins at `at`. */
static Field next_field(const char *at, const char *end, char delimiter) {
  Field field = {.begin = at};
  bool quoted = false;
  while (at < end && (quoted || (*at != delimiter && *at != '\n'))) quoted ^= *at++ == '"';
  field.ends_row = at == end || *at == '\n';
  field.end = field.ends_row && at > field.begin && at[-1] == '\r' ? at - 1 : at;
  return field;
}

static const char *after_field(const Field *field, const char *end, char delimiter) {
  const char *at = field->end;
  while (at < end && *at != delimiter && *at != '\n') at++; /* a carriage return */
  return at < end ? at + 1 : end;
}

/* Neither empty nor a number. */
static bool is_text(const Field *field) {
  const char *begin = field->begin, *end = field->end;
  if (end > begin && *begin == '"') begin++, end--;
  if (end <= begin) return false;
  char *behind;
  strtod(begin, &behind);
  return behind != end;
}

/* ---- the form ---- */

/* How many fields the rows have with a delimiter. */
typedef struct RowForm {
  size_t n_columns;            /* of the first row */
  size_t odd_line, odd_fields; /* of the first row with another number of them; 0: there is none */
} RowForm;

static size_t lines_between(const char *begin, const char *end) {
  size_t count = 0;
  while ((begin = memchr(begin, '\n', (size_t)(end - begin)))) begin++, count++;
  return count;
}

static RowForm look_at_rows(const char *at, const char *end, char delimiter) {
  RowForm form = {0};
  const char *begin = at, *row = at;
  size_t n_fields = 0;
  while (at < end && !form.odd_line) {
    Field field = next_field(at, end, delimiter);
    at = after_field(&field, end, delimiter);
    n_fields++;
    if (!field.ends_row) continue;
    bool is_blank = n_fields == 1 && field.begin == field.end;
    bool is_odd = !is_blank && form.n_columns > 0 && n_fields != form.n_columns;
    if (is_odd) {
      form.odd_line = 1 + lines_between(begin, row);
      form.odd_fields = n_fields;
    } else if (!is_blank) {
      form.n_columns = n_fields;
    }
    n_fields = 0;
    row = at;
  }
  return form;
}

/* The delimiter with the most columns; where none gives every row as many fields, the row that is
 * to blame is named for the delimiter with the most in the first. */
static Status choose_delimiter(const char *path, const char *begin, const char *end,
                               CsvForm *form) {
  RowForm uneven = {0};
  form->delimiter = ',';
  for (const char *delimiter = ",;\t| "; *delimiter; delimiter++) {
    RowForm rows = look_at_rows(begin, end, *delimiter);
    if (*delimiter == ' ' && (form->n_columns > 1 || uneven.n_columns > 1)) continue;
    if (rows.odd_line && rows.n_columns > uneven.n_columns) uneven = rows;
    if (rows.odd_line || rows.n_columns <= form->n_columns) continue;
    form->delimiter = *delimiter;
    form->n_columns = rows.n_columns;
  }
  if (form->n_columns > 1 || uneven.n_columns < 2) return OK;
  return fail(ERR_DATA, "%s:%zu: found %zu field%s, expected %zu as in the first row", path,
              uneven.odd_line, uneven.odd_fields, text_plural(uneven.odd_fields), uneven.n_columns);
}

/* Marks the columns that have text in a row, and counts them; returns what follows the row. */
static const char *mark_texts(const char *at, const char *end, const CsvForm *form, bool *has_text,
                              size_t *n_texts) {
  *n_texts = 0;
  for (size_t column = 0; at < end; column++) {
    Field field = next_field(at, end, form->delimiter);
    at = after_field(&field, end, form->delimiter);
    bool text = column < form->n_columns && is_text(&field);
    if (text) has_text[column] = true;
    *n_texts += text;
    if (field.ends_row) break;
  }
  return at;
}

static void find_texts(const char *at, const char *end, CsvForm *form) {
  bool *in_first = NEW_ARRAY(bool, form->n_columns), *below = NEW_ARRAY(bool, form->n_columns);
  size_t first, second, others;
  at = mark_texts(at, end, form, in_first, &first);
  bool is_alone = at == end;
  at = mark_texts(at, end, form, below, &second);
  while (at < end) at = mark_texts(at, end, form, below, &others);
  form->header = !is_alone && first > second;

  form->text_column = form->n_columns;
  for (size_t i = 0; i < form->n_columns; i++) {
    bool text = below[i] || (!form->header && in_first[i]);
    if (text) form->text_column = i;
    form->n_text_columns += text;
  }
  memory_release(in_first);
  memory_release(below);
}

Status csv_form_guess(const char *path, CsvForm *out) {
  *out = (CsvForm){0};
  char *bytes;
  size_t count = 0;
  TRY(read_sample(path, &bytes, &count));
  const char *begin = bytes, *end = end_of_rows(bytes, count);
  if (count >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) begin += 3; /* a byte order mark */
  Status status = choose_delimiter(path, begin, end, out);
  if (status == OK) find_texts(begin, end, out);
  memory_release(bytes);
  return status;
}
