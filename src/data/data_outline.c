#include "data/data_outline.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "config/yaml_tree.h"

static void extend(Extent *extent, double value) {
  extent->least = fmin(extent->least, value);
  extent->greatest = fmax(extent->greatest, value);
}

static Extent nothing(void) {
  return (Extent){.least = INFINITY, .greatest = -INFINITY};
}

static double size_of(const Extent *extent) {
  return fmax(fabs(extent->least), fabs(extent->greatest));
}

/* ---- inputs ---- */

static void look_at_inputs(DataOutline *outline) {
  const Array *inputs = &outline->data.inputs;
  size_t width = outline->width, count = shape_count(&inputs->shape);
  Extent *columns = NEW_ARRAY(Extent, width);
  for (size_t i = 0; i < width; i++) columns[i] = nothing();
  for (size_t i = 0; i < count; i++) extend(&columns[i % width], array_at(inputs, i));

  outline->inputs = outline->columns = nothing();
  double logarithms = 0;
  size_t n_sized = 0;
  for (size_t i = 0; i < width; i++) {
    double size = size_of(&columns[i]);
    extend(&outline->inputs, columns[i].least);
    extend(&outline->inputs, columns[i].greatest);
    outline->n_constant += columns[i].least == columns[i].greatest;
    if (size == 0) continue;
    extend(&outline->columns, size);
    logarithms += log(size);
    n_sized++;
  }
  outline->typical = n_sized ? exp(logarithms / (double)n_sized) : 1;
  memory_release(columns);
}

/* ---- targets ---- */

static void measure_targets(DataOutline *outline) {
  const Array *targets = &outline->data.targets;
  size_t count = shape_count(&targets->shape);
  double sum = 0, squares = 0;
  outline->targets = nothing();
  for (size_t i = 0; i < count; i++) {
    extend(&outline->targets, array_at(targets, i));
    sum += array_at(targets, i);
  }
  outline->target_mean = sum / (double)count;
  for (size_t i = 0; i < count; i++) {
    double distance = array_at(targets, i) - outline->target_mean;
    squares += distance * distance;
  }
  outline->target_deviation = sqrt(squares / (double)count);
}

enum { MOST_CLASSES = 1000 };

/* The different targets, ascending; count MOST_CLASSES + 1: more than that, or no whole numbers. */
typedef struct Distinct {
  size_t count;
  double values[MOST_CLASSES + 1];
} Distinct;

static void insert(Distinct *distinct, double value) {
  size_t low = 0, high = distinct->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (distinct->values[middle] < value)
      low = middle + 1;
    else
      high = middle;
  }
  if (low < distinct->count && distinct->values[low] == value) return;
  for (size_t i = distinct->count; i > low; i--) distinct->values[i] = distinct->values[i - 1];
  distinct->values[low] = value;
  distinct->count++;
}

static void collect(const Array *targets, Distinct *out) {
  size_t count = shape_count(&targets->shape);
  out->count = 0;
  for (size_t i = 0; i < count && out->count <= MOST_CLASSES; i++) {
    double value = array_at(targets, i);
    bool is_whole = value == trunc(value) && fabs(value) <= INT32_MAX;
    if (is_whole) insert(out, value);
    if (!is_whole) out->count = MOST_CLASSES + 1;
  }
}

/* Classes from 0 on: see data_outline_read. */
static bool are_classes(const DataOutline *outline, const Distinct *distinct) {
  enum { MOST_IN_IDX = 256, FEW = 20, SAMPLES_FOR_EACH = 10, MOST_GAP = 3 };
  size_t n = distinct->count, n_samples = outline->data.description.n_samples;
  double least = outline->targets.least, greatest = outline->targets.greatest;
  if (n > MOST_CLASSES || least < 0) return false;
  if (outline->files.is_idx && n <= MOST_IN_IDX && greatest < MOST_IN_IDX) return true;
  bool all = greatest < (double)n;
  if (n <= FEW) return greatest < (double)(MOST_GAP * n);
  return all && n_samples >= SAMPLES_FOR_EACH * n;
}

static void judge_numbers(DataOutline *outline, const Distinct *distinct) {
  if (distinct->count == 2) {
    outline->task = TASK_YES_NO;
  } else if (are_classes(outline, distinct)) {
    outline->task = TASK_CLASSES;
  }
  outline->n_classes = distinct->count;
}

static Status judge_names(DataOutline *outline) {
  const DatasetDescription *description = &outline->data.description;
  size_t n_names = description->n_class_names;
  if (2 * n_names > description->n_samples && n_names > 2) {
    return fail(ERR_DATA,
                "%s: found %zu different texts as targets of %zu samples, expected classes or "
                "numbers; choose another column with --target",
                description->name, n_names, description->n_samples);
  }
  outline->task = n_names == 2 ? TASK_YES_NO : TASK_CLASSES;
  outline->n_classes = n_names;
  return OK;
}

static Status judge_targets(DataOutline *outline) {
  const DatasetDescription *description = &outline->data.description;
  measure_targets(outline);
  if (outline->targets.least == outline->targets.greatest) {
    return fail(ERR_DATA, "%s: found the same target for all samples, expected some that differ%s",
                description->name,
                outline->files.is_idx ? "" : "; choose another column with --target");
  }
  if (description->n_class_names > 0) return judge_names(outline);
  outline->task = TASK_NUMBERS;
  if (description->target_width > 1) return OK;
  Distinct *distinct = NEW(Distinct);
  collect(&outline->data.targets, distinct);
  judge_numbers(outline, distinct);
  memory_release(distinct);
  return OK;
}

/* ---- the data set ---- */

/* The only column with text is what somebody wants to tell apart. */
static char *choose_target(const DataOutline *outline, const char *wanted) {
  if (wanted) return memory_copy_text(wanted);
  const CsvForm *form = &outline->form;
  bool is_last = form->n_text_columns != 1 || form->text_column + 1 == form->n_columns;
  Text text = {0};
  if (is_last) text_append(&text, "-1");
  if (!is_last) text_append(&text, "%zu", form->text_column);
  return text_take(&text);
}

/* A column's index stands without quotes, a name in them where it must. */
static void append_column(Text *out, const char *column) {
  bool is_index = column[strspn(column, "-0123456789")] == '\0';
  if (is_index) text_append(out, "%s", column);
  if (!is_index) yaml_append_scalar(out, column);
}

void data_outline_append_options(const DataOutline *outline, bool test, const char *separator,
                                 Text *out) {
  const DataFiles *files = &outline->files;
  text_append(out, "inputs: ");
  yaml_append_scalar(out, test ? files->test_inputs : files->inputs);
  if (files->is_idx) {
    text_append(out, "%stargets: ", separator);
    yaml_append_scalar(out, test ? files->test_targets : files->targets);
    return;
  }
  if (!outline->form.header) text_append(out, "%sheader: false", separator);
  if (outline->form.delimiter != ',') {
    text_append(out, "%sdelimiter: ", separator);
    yaml_append_scalar(out, (const char[]){outline->form.delimiter, '\0'});
  }
  text_append(out, "%starget: ", separator);
  append_column(out, outline->target);
}

static Status read_data(DataOutline *outline) {
  Text yaml = {0};
  text_append(&yaml, "{%s: {", outline->files.is_idx ? "idx" : "csv");
  data_outline_append_options(outline, false, ", ", &yaml);
  text_append(&yaml, "}}");
  KindSetting setting;
  Status status = kind_setting_read(&dataset_kinds, yaml.bytes, &setting);
  if (status == OK) status = dataset_read(&setting, ".", &outline->data);
  kind_setting_release(&setting);
  text_release(&yaml);
  return status;
}

/* What stands in a configuration is UTF-8: a name that is none can only be that of a column. */
static Status check_target(const OutlineRequest *request, const DataFiles *files) {
  char shown[SHORT_TEXT_BYTES];
  if (!request->target || text_is_utf8(request->target)) return OK;
  return fail(ERR_DATA, "%s:1: found the column '%s', whose name is not UTF-8; give its index",
              files->inputs, text_shorten(shown, request->target));
}

/* What does not go with the format would have no effect, which nobody wants who writes it. */
static Status check_request(const OutlineRequest *request, const DataFiles *files) {
  if (files->is_idx && request->target) {
    return fail(ERR_USAGE, "--target %s: found IDX data in %s, expected a CSV file with columns",
                request->target, files->inputs);
  }
  if (!files->is_idx && request->targets) {
    return fail(ERR_USAGE, "--targets %s: found a CSV file, %s, expected IDX data",
                request->targets, files->inputs);
  }
  return OK;
}

static Status read_outline(const OutlineRequest *request, DataOutline *out) {
  TRY(data_files_find(request->path, request->targets, &out->files));
  TRY(check_request(request, &out->files));
  TRY(check_target(request, &out->files));
  if (!out->files.is_idx) {
    TRY(csv_form_guess(out->files.inputs, &out->form));
    out->target = choose_target(out, request->target);
  }
  TRY(read_data(out));
  out->width = shape_count(&out->data.description.input_shape);
  look_at_inputs(out);
  if (!isfinite(size_of(&out->inputs))) {
    return fail(ERR_DATA, "%s: found a number that is not finite, expected finite inputs",
                out->files.inputs);
  }
  return judge_targets(out);
}

Status data_outline_read(const OutlineRequest *request, DataOutline *out) {
  *out = (DataOutline){0};
  Status status = read_outline(request, out);
  if (status != OK) data_outline_release(out);
  return status;
}

void data_outline_release(DataOutline *outline) {
  dataset_release(&outline->data);
  data_files_release(&outline->files);
  memory_release(outline->target);
  *outline = (DataOutline){0};
}
