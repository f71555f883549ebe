/* Data format `csv`: a row per sample, all columns inputs but the one that is the target. */

#include "io/csv.h"

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "config/expand.h"
#include "config/options.h"
#include "data/dataset.h"

typedef struct CsvDatasetOptions {
  char *inputs;
  bool header;
  char *delimiter;
  char *target;
} CsvDatasetOptions;

static const Option options[] = {
    {.key = "inputs",
     .type = OPTION_PATH,
     .offset = offsetof(CsvDatasetOptions, inputs),
     .help = "CSV file, plain or gzipped, one row per sample"},
    {.key = "header",
     .type = OPTION_BOOL,
     .offset = offsetof(CsvDatasetOptions, header),
     .fallback = "true",
     .help = "the first row holds the names of the columns"},
    {.key = "delimiter",
     .type = OPTION_TEXT,
     .offset = offsetof(CsvDatasetOptions, delimiter),
     .fallback = "\",\"",
     .help = "the character between two fields"},
    {.key = "target",
     .type = OPTION_TEXT,
     .offset = offsetof(CsvDatasetOptions, target),
     .fallback = "null",
     .help = "the column of the targets: its name, or its index from 0, where -1 is the last; text "
             "in it names classes"},
    {.key = NULL},
};

/* ---- helpers ---- */

static Status check_delimiter(const char *delimiter) {
  bool is_usable = strlen(delimiter) == 1 && !strchr("\"\r\n", *delimiter);
  if (is_usable) return OK;
  char found[SHORT_TEXT_BYTES];
  return fail(ERR_CONFIG, "delimiter: found '%s', expected one character",
              text_shorten(found, delimiter));
}

/* A header of numbers alone may be a first row, which `header: true` would lose. */
static void warn_about_header(const CsvTable *table, const char *path) {
  if (!table->names) return;
  for (size_t column = 0; column < table->n_columns; column++) {
    char *end;
    strtod(table->names[column], &end);
    bool is_number = end != table->names[column] && *end == '\0';
    if (!is_number) return;
  }
  log_warning("%s: the header holds numbers alone; if it is a row, write header: false", path);
}

static bool has_target(const CsvTable *table) {
  return table->text_column < table->n_columns;
}

static int compare_texts(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The distinct texts of the target column, in byte order. */
static void collect_class_names(const CsvTable *table, DatasetDescription *description) {
  char **texts = NEW_ARRAY(char *, table->n_rows);
  memcpy(texts, table->texts, table->n_rows * sizeof *texts);
  qsort(texts, table->n_rows, sizeof *texts, compare_texts);

  size_t n_names = 0;
  for (size_t i = 0; i < table->n_rows; i++) {
    bool is_new = n_names == 0 || strcmp(texts[i], texts[n_names - 1]) != 0;
    if (is_new) texts[n_names++] = texts[i];
  }
  description->n_class_names = n_names;
  description->class_names = NEW_ARRAY(char *, n_names);
  for (size_t i = 0; i < n_names; i++) description->class_names[i] = memory_copy_text(texts[i]);
  memory_release(texts);
}

static int32_t class_index(const DatasetDescription *description, const char *text) {
  char *const *name = bsearch(&text, description->class_names, description->n_class_names,
                              sizeof *description->class_names, compare_texts);
  return (int32_t)(name - description->class_names);
}

static bool targets_are_int32(const CsvTable *table) {
  for (size_t row = 0; row < table->n_rows; row++) {
    double target = csv_number(table, row, table->text_column);
    if (target != trunc(target) || target < INT32_MIN || target > INT32_MAX) return false;
  }
  return true;
}

static Status describe(const CsvTable *table, const char *path, DatasetDescription *description) {
  size_t n_inputs = table->n_columns - has_target(table);
  if (n_inputs == 0) {
    return fail(ERR_DATA, "%s: found no column but the target, expected inputs beside it", path);
  }
  description->name = memory_copy_text(path);
  description->n_samples = table->n_rows;
  description->input_dtype = DTYPE_F32;
  description->input_shape = (Shape){.n_dims = 1, .dims = {n_inputs}};
  if (!has_target(table)) return OK;

  description->target_width = 1;
  description->target_dtype = DTYPE_I32;
  if (table->texts) {
    collect_class_names(table, description);
  } else if (!targets_are_int32(table)) {
    description->target_dtype = DTYPE_F64;
  }
  return OK;
}

static Status read_inputs(const DatasetSource *source, size_t row, float *out) {
  const CsvTable *table = source->state;
  for (size_t column = 0; column < table->n_columns; column++) {
    if (column == table->text_column) continue;
    double number = csv_number(table, row, column);
    if (fabs(number) > (double)FLT_MAX) {
      char name[CSV_COLUMN_BYTES];
      return fail(ERR_DATA, "%s: found %g in %s of row %zu (from 0), expected a number of float32",
                  source->description.name, number, csv_column_text(table, column, name), row);
    }
    *out++ = (float)number;
  }
  return OK;
}

static void read_target(const DatasetSource *source, size_t row, void *targets, size_t index) {
  const CsvTable *table = source->state;
  if (table->texts) {
    ((int32_t *)targets)[index] = class_index(&source->description, table->texts[row]);
  } else if (source->description.target_dtype == DTYPE_I32) {
    ((int32_t *)targets)[index] = (int32_t)csv_number(table, row, table->text_column);
  } else {
    ((double *)targets)[index] = csv_number(table, row, table->text_column);
  }
}

/* ---- the kind ---- */

static void close_source(DatasetSource *source) {
  csv_release(source->state);
  memory_release(source->state);
}

static Status open_source(const void *chosen, const char *folder, DatasetSource *source) {
  const CsvDatasetOptions *given = chosen;
  TRY(check_delimiter(given->delimiter));
  char *path;
  TRY(path_resolve(given->inputs, folder, &path));

  CsvOptions reading = {
      .header = given->header, .delimiter = *given->delimiter, .text_column = given->target};
  source->state = NEW(CsvTable);
  Status status = csv_read(path, &reading, source->state);
  if (status == OK) warn_about_header(source->state, path);
  if (status == OK) status = describe(source->state, path, &source->description);
  if (status != OK) close_source(source);
  memory_release(path);
  return status;
}

static Status read_rows(DatasetSource *source, size_t first, size_t count, void *inputs,
                        void *targets) {
  size_t n_inputs = source->description.input_shape.dims[0];
  for (size_t i = 0; i < count; i++) {
    if (inputs) TRY(read_inputs(source, first + i, (float *)inputs + i * n_inputs));
    if (targets && has_target(source->state)) read_target(source, first + i, targets, i);
  }
  return OK;
}

const DatasetKind csv_dataset = {
    .kind = {.name = "csv",
             .summary = "numbers in a CSV file, one row per sample",
             .options = options,
             .options_size = sizeof(CsvDatasetOptions)},
    .open = open_source,
    .read_rows = read_rows,
    .close = close_source,
};
