#include "base/array.h"

#include <stdint.h>
#include <stdio.h>

#include "base/memory.h"

size_t dtype_bytes(Dtype dtype) {
  static const size_t bytes[] = {1, 1, 2, 4, 4, 8, 8};
  return bytes[dtype];
}

const char *dtype_name(Dtype dtype) {
  static const char *const names[] = {"uint8",   "int8",    "int16", "int32",
                                      "float32", "float64", "int64"};
  return names[dtype];
}

size_t shape_count(const Shape *shape) {
  size_t count = 1;
  for (size_t i = 0; i < shape->n_dims; i++) count *= shape->dims[i];
  return count;
}

bool shape_is_same(const Shape *a, const Shape *b) {
  bool same = a->n_dims == b->n_dims;
  for (size_t i = 0; same && i < a->n_dims; i++) same = a->dims[i] == b->dims[i];
  return same;
}

bool shape_bytes(const Shape *shape, Dtype dtype, size_t *out) {
  bool overflow = false;
  *out = dtype_bytes(dtype);
  for (size_t i = 0; i < shape->n_dims; i++) {
    overflow |= __builtin_mul_overflow(*out, shape->dims[i], out);
  }
  return !overflow;
}

char *shape_text(const Shape *shape, char out[SHAPE_TEXT_BYTES]) {
  int length = 0;
  out[0] = '\0';
  for (size_t i = 0; i < shape->n_dims && length < SHAPE_TEXT_BYTES; i++) {
    length += snprintf(out + length, (size_t)(SHAPE_TEXT_BYTES - length), "%s%zu", i ? "x" : "",
                       shape->dims[i]);
  }
  return out;
}

Array array_create(Dtype dtype, Shape shape) {
  void *values = memory_allocate_array(shape_count(&shape), dtype_bytes(dtype));
  return (Array){.dtype = dtype, .shape = shape, .values = values};
}

double array_at(const Array *array, size_t index) {
  switch (array->dtype) {
  case DTYPE_U8: return ((const uint8_t *)array->values)[index];
  case DTYPE_I8: return ((const int8_t *)array->values)[index];
  case DTYPE_I16: return ((const int16_t *)array->values)[index];
  case DTYPE_I32: return ((const int32_t *)array->values)[index];
  case DTYPE_F32: return (double)((const float *)array->values)[index];
  case DTYPE_F64: return ((const double *)array->values)[index];
  case DTYPE_I64: return (double)((const int64_t *)array->values)[index];
  }
  return 0;
}

void array_reverse_bytes(Array *array) {
  size_t width = dtype_bytes(array->dtype), n = shape_count(&array->shape);
  for (char *element = array->values; n-- > 0; element += width) {
    for (size_t i = 0; i < width / 2; i++) {
      char low = element[i];
      element[i] = element[width - 1 - i];
      element[width - 1 - i] = low;
    }
  }
}

void array_release(Array *array) {
  memory_release(array->values);
  *array = (Array){0};
}
