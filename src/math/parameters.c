#include "math/parameters.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

static size_t round_up(size_t count) {
  size_t step = CACHE_LINE_BYTES / sizeof(real);
  return (count + step - 1) / step * step;
}

size_t parameter_map_add(ParameterMap *map, const char *layer, const char *name, Shape shape) {
  size_t old_bytes = map->n_tensors * sizeof(ParameterTensor);
  map->tensors = memory_grow(map->tensors, old_bytes, old_bytes + sizeof(ParameterTensor));

  ParameterTensor *tensor = &map->tensors[map->n_tensors];
  snprintf(tensor->layer, sizeof tensor->layer, "%s", layer);
  snprintf(tensor->name, sizeof tensor->name, "%s", name);
  tensor->shape = shape;
  tensor->offset = map->length;
  tensor->count = shape_count(&shape);

  map->length += round_up(tensor->count);
  map->count += tensor->count;
  return map->n_tensors++;
}

void parameter_map_release(ParameterMap *map) {
  memory_release(map->tensors);
  *map = (ParameterMap){0};
}

Array parameters_array(const ParameterTensor *tensor, const real *parameters) {
  Array array = array_create(DTYPE_F32, tensor->shape);
  float *values = array.values;
  for (size_t i = 0; i < tensor->count; i++) values[i] = (float)parameters[tensor->offset + i];
  return array;
}

void parameters_hash(const ParameterMap *map, const real *parameters, char out[HASH_TEXT_BYTES]) {
  Hash *hash = hash_begin();
  for (size_t t = 0; t < map->n_tensors; t++) {
    const real *values = parameters + map->tensors[t].offset;
    for (size_t i = 0; i < map->tensors[t].count; i++) {
      float value = (float)values[i];
      hash_add(hash, &value, sizeof value);
    }
  }
  hash_end(hash, out);
}

bool parameters_are_finite(const ParameterMap *map, const real *parameters) {
  for (size_t t = 0; t < map->n_tensors; t++) {
    const real *values = parameters + map->tensors[t].offset;
    for (size_t i = 0; i < map->tensors[t].count; i++) {
      if (!isfinite(values[i])) return false;
    }
  }
  return true;
}

static size_t tensor_blocks(const ParameterTensor *tensor) {
  return (tensor->count + PARAMETER_BLOCK - 1) / PARAMETER_BLOCK;
}

size_t parameter_block_count(const ParameterMap *map) {
  size_t count = 0;
  for (size_t t = 0; t < map->n_tensors; t++) count += tensor_blocks(&map->tensors[t]);
  return count;
}

void parameter_blocks(const ParameterMap *map, ParameterBlock *blocks) {
  for (size_t t = 0; t < map->n_tensors; t++) {
    const ParameterTensor *tensor = &map->tensors[t];
    for (size_t i = 0; i < tensor->count; i += PARAMETER_BLOCK) {
      size_t left = tensor->count - i;
      size_t count = left < PARAMETER_BLOCK ? left : PARAMETER_BLOCK;
      *blocks++ = (ParameterBlock){.tensor = t, .offset = tensor->offset + i, .count = count};
    }
  }
}

Range parameter_slice(const ParameterMap *map, Range blocks) {
  if (range_count(blocks) == 0) return (Range){0, 0};
  ParameterBlock *all = NEW_ARRAY(ParameterBlock, parameter_block_count(map));
  parameter_blocks(map, all);
  const ParameterBlock *last = &all[blocks.end - 1];
  Range slice = {all[blocks.begin].offset, last->offset + last->count};
  memory_release(all);
  return slice;
}
