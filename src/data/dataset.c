#include "data/dataset.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "base/fatal.h"
#include "base/hash.h"
#include "base/memory.h"

static void description_release(DatasetDescription *description) {
  for (size_t i = 0; i < description->n_class_names; i++) {
    memory_release(description->class_names[i]);
  }
  memory_release(description->class_names);
  memory_release(description->name);
  *description = (DatasetDescription){0};
}

static Array create_inputs(const DatasetDescription *description) {
  const Shape *of_sample = &description->input_shape;
  CHECK(of_sample->n_dims < SHAPE_MOST_DIMS, "%s: %zu dimensions of a sample, at most %d wanted",
        description->name, of_sample->n_dims, SHAPE_MOST_DIMS - 1);

  Shape shape = {.n_dims = 1 + of_sample->n_dims, .dims = {description->n_samples}};
  for (size_t i = 0; i < of_sample->n_dims; i++) shape.dims[i + 1] = of_sample->dims[i];
  return array_create(description->input_dtype, shape);
}

static Array create_targets(const DatasetDescription *description) {
  if (description->target_width == 0) return (Array){0};
  Shape shape = {.n_dims = 2, .dims = {description->n_samples, description->target_width}};
  return array_create(description->target_dtype, shape);
}

/* Reads an opened source into `out`, which takes the description over, also on failure. */
static Status read_source(const DatasetKind *kind, DatasetSource *source, Dataset *out) {
  out->description = source->description;
  size_t n_samples = out->description.n_samples;
  if (n_samples == 0) {
    return fail(ERR_DATA, "%s: found no samples, expected at least one", out->description.name);
  }
  out->inputs = create_inputs(&out->description);
  out->targets = create_targets(&out->description);
  return kind->read_rows(source, 0, n_samples, out->inputs.values, out->targets.values);
}

Status dataset_read(const KindSetting *setting, const char *folder, Dataset *out) {
  *out = (Dataset){0};
  const DatasetKind *kind = (const DatasetKind *)setting->kind; /* a row begins with its Kind */
  DatasetSource source = {0};
  Status status = kind->open(setting->options, folder, &source);
  if (status != OK) {
    description_release(&source.description);
    /* Files name themselves; an option is named by its place in the configuration. */
    if (status == ERR_CONFIG) return fail(status, "%s: %s", setting->place, status_message());
    return status;
  }

  status = read_source(kind, &source, out);
  kind->close(&source);
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
  array_release(&dataset->inputs);
  array_release(&dataset->targets);
}
