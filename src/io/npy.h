#pragma once
/* NumPy's .npy: one array with its element type and shape.
 *
 * Versions 1.0 to 3.0 are read, 1.0 is written. Elements come out row-major and in the host's byte
 * order, however the file has them.
 *
 * Source      numpy/lib/format.py, "Format Specification"
 */

#include "base/array.h"
#include "base/status.h"
#include "base/text.h"

/* Reads an array.
 *
 * Range       elements: |u1 |i1 |b1 (as uint8) and i2 i4 i8 f4 f8 of either byte order; at most
 *             SHAPE_MOST_DIMS dimensions; `source` names the file in messages
 * Ownership   *out is released with array_release
 * Errors      ERR_DATA for what is not .npy, has other elements, or another length than its header
 *             promises; *out is then empty
 */
Status npy_read(const void *bytes, size_t count, const char *source, Array *out);

/* Appends an array in version 1.0. */
void npy_write(const Array *array, Text *out);
