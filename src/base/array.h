#pragma once
/* Numbers in their stored type: the element types, shapes, and a block of elements with both.
 *
 * An Array is how data files and checkpoints hand numbers over. Computing code works on `real`
 * (math/real.h) alone.
 */

#include <stdbool.h>
#include <stddef.h>

typedef enum Dtype {
  DTYPE_U8,
  DTYPE_I8,
  DTYPE_I16,
  DTYPE_I32,
  DTYPE_F32,
  DTYPE_F64,
  DTYPE_I64,
} Dtype;

/* Bytes of one element. */
size_t dtype_bytes(Dtype dtype);

/* "uint8", "float32", ...: NumPy's names. */
const char *dtype_name(Dtype dtype);

enum { SHAPE_MOST_DIMS = 8, SHAPE_TEXT_BYTES = 128 };

typedef struct Shape {
  size_t n_dims;
  size_t dims[SHAPE_MOST_DIMS];
} Shape;

/* Product of the dimensions; 1 without any. */
size_t shape_count(const Shape *shape);

/* True if both have the same dimensions. */
bool shape_is_same(const Shape *a, const Shape *b);

/* The bytes that an array would take; false if they cannot be counted: a shape out of a file may be
 * anything. */
bool shape_bytes(const Shape *shape, Dtype dtype, size_t *out);

/* Writes "28x28x1". Returns `out`. */
char *shape_text(const Shape *shape, char out[SHAPE_TEXT_BYTES]);

typedef struct Array {
  Dtype dtype;
  Shape shape;
  void *values; /* row-major; owned */
} Array;

/* An array of zeros. Ownership: the caller releases it with array_release. */
Array array_create(Dtype dtype, Shape shape);

/* Element `index` of the flattened array as a double; exact but for 64-bit integers above 2^53. */
double array_at(const Array *array, size_t index);

/* Turns big-endian elements into little-endian ones or back, in place. */
void array_reverse_bytes(Array *array);

/* Releases the values and empties the array. */
void array_release(Array *array);
