#include "data/dataset.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "base/fatal.h"
#include "base/hash.h"
#include "base/memory.h"
#include "config/expand.h"
#include "config/options.h"

static void description_release(DatasetDescription *description) {
  for (size_t i = 0; i < description->n_class_names; i++) {
    memory_release(description->class_names[i]);
  }
  memory_release(description->class_names);
  memory_release(description->name);
  *description = (DatasetDescription){0};
}

static Shape inputs_shape(const DatasetDescription *description) {
  const Shape *of_sample = &description->input_shape;
  CHECK(of_sample->n_dims < SHAPE_MOST_DIMS, "%s: %zu dimensions of a sample, at most %d wanted",
        description->name, of_sample->n_dims, SHAPE_MOST_DIMS - 1);
  Shape shape = {.n_dims = 1 + of_sample->n_dims, .dims = {description->n_samples}};
  for (size_t i = 0; i < of_sample->n_dims; i++) shape.dims[i + 1] = of_sample->dims[i];
  return shape;
}

static Array create_targets(const DatasetDescription *description) {
  if (description->target_width == 0) return (Array){0};
  Shape shape = {.n_dims = 2, .dims = {description->n_samples, description->target_width}};
  return array_create(description->target_dtype, shape);
}

/* They are the paths among its options. */
void dataset_add_files(const KindSetting *setting, const char *folder, TextList *out) {
  const Option *row = setting->kind ? setting->kind->options : NULL;
  for (; row && row->key; row++) {
    if (row->type != OPTION_PATH) continue;
    const char *written = *(char *const *)((const char *)setting->options + row->offset);
    char *path;
    if (written && path_resolve(written, folder, &path) == OK) text_list_take(out, path);
  }
}

/* Opens a source; on failure the message names the place of a wrong option. */
static Status open_source(const KindSetting *setting, const char *folder, DatasetSource *source) {
  const DatasetKind *kind = (const DatasetKind *)setting->kind; /* a row begins with its Kind */
  Status status = kind->open(setting->options, folder, source);
  if (status != OK) {
    description_release(&source->description);
    /* Files name themselves; an option is named by its place in the configuration. */
    if (status == ERR_CONFIG) return fail(status, "%s: %s", setting->place, status_message());
    return status;
  }
  if (source->description.n_samples == 0) {
    status =
        fail(ERR_DATA, "%s: found no samples, expected at least one", source->description.name);
    kind->close(source);
    description_release(&source->description);
  }
  return status;
}

/* Reads all targets, and the inputs of some rows; closes the source, whose description goes to
 * `out`. */
static Status read_source(const DatasetKind *kind, DatasetSource *source, Range rows,
                          Dataset *out) {
  size_t n_samples = source->description.n_samples;
  size_t row_bytes =
      shape_count(&source->description.input_shape) * dtype_bytes(source->description.input_dtype);
  char *inputs = (char *)out->inputs.values + rows.begin * row_bytes;
  Status status = kind->read_rows(source, rows.begin, range_count(rows), inputs, NULL);
  if (status == OK && out->targets.values) {
    status = kind->read_rows(source, 0, n_samples, NULL, out->targets.values);
  }
  kind->close(source);
  return status;
}

Status dataset_read(const KindSetting *setting, const char *folder, Dataset *out) {
  *out = (Dataset){0};
  DatasetSource source = {0};
  TRY(open_source(setting, folder, &source));
  out->description = source.description;
  out->inputs = array_create(source.description.input_dtype, inputs_shape(&out->description));
  out->targets = create_targets(&out->description);
  Range all = {0, out->description.n_samples};
  Status status = read_source((const DatasetKind *)setting->kind, &source, all, out);
  if (status != OK) dataset_release(out);
  return status;
}

Status dataset_read_shared(const KindSetting *setting, const char *folder,
                           const SharedMemory *memory, Dataset *out) {
  *out = (Dataset){0};
  const DatasetKind *kind = (const DatasetKind *)setting->kind;
  DatasetSource source = {0};
  Status opened = open_source(setting, folder, &source);
  Status status = memory->agree(memory->context, opened);
  if (status == OK) {
    status = memory->agree_same(memory->context, "the data file", source.description.name);
  }
  if (status != OK) {
    if (opened == OK) {
      kind->close(&source);
      description_release(&source.description);
    }
    return status;
  }

  out->description = source.description;
  out->inputs =
      (Array){.dtype = source.description.input_dtype, .shape = inputs_shape(&out->description)};
  size_t bytes = shape_count(&out->inputs.shape) * dtype_bytes(out->inputs.dtype);
  out->inputs.values = memory->allocate(memory->context, bytes);
  out->shares_inputs = true;
  out->targets = create_targets(&out->description);
  Range part = memory->part(memory->context, out->description.n_samples);
  status = memory->agree(memory->context, read_source(kind, &source, part, out));
  memory->wait(memory->context);
  if (status != OK) dataset_release(out);
  return status;
}

static void hash_add_number(Hash *hash, uint64_t number) {
  uint64_t little_endian = htole64(number);
  hash_add(hash, &little_endian, sizeof little_endian);
}

/* An array that is empty counts as one without dimensions. */
static void hash_add_array(Hash *hash, const Array *array) {
  const char *dtype = dtype_name(array->dtype);
  hash_add(hash, dtype, strlen(dtype));
  hash_add_number(hash, array->shape.n_dims);
  for (size_t i = 0; i < array->shape.n_dims; i++) hash_add_number(hash, array->shape.dims[i]);
  if (!array->values) return;
  hash_add(hash, array->values, shape_count(&array->shape) * dtype_bytes(array->dtype));
}

void dataset_hash(const Dataset *dataset, char out[33]) {
  Hash *hash = hash_begin();
  hash_add_array(hash, &dataset->inputs);
  hash_add_array(hash, &dataset->targets);
  hash_end(hash, out);
}

void dataset_release(Dataset *dataset) {
  description_release(&dataset->description);
  if (dataset->shares_inputs) {
    dataset->inputs = (Array){0};
  } else {
    array_release(&dataset->inputs);
  }
  array_release(&dataset->targets);
}
