#pragma once
/* Loops over arrays of numbers. No result depends on how a range is cut: elements do not meet.
 */

#include <stdbool.h>
#include <stddef.h>

#include "math/real.h"

/* out[i] += addend[i] */
void elements_add(size_t count, const real *addend, real *out);

/* out[i] *= factor */
void elements_scale(size_t count, real factor, real *out);

/* y[n,m] += b[m].      Shapes: y (N,M)   b (M) */
void rows_add(size_t n, size_t m, const real *b, real *y);

/* sum[m] = sum_n y[n,m], or sum[m] += (sum_n y[n,m]) where `accumulate`; rows are added from the
 * first to the last.
 *
 * Shapes      y (N,M) with rows `y_stride` apart   sum (M)
 */
void rows_sum(size_t n, size_t m, size_t y_stride, const real *y, bool accumulate, real *sum);
