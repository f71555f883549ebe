#pragma once
/* Loops over arrays of numbers. Where it does not say otherwise no result depends on how a range is
 * cut: elements do not meet.
 */

#include <stdbool.h>
#include <stddef.h>

#include "math/real.h"
#include "math/shard_tree.h"

/* out[i] += addend[i] */
void elements_add(size_t count, const real *addend, real *out);

/* out[i] = left[i] + right[i]; out may be one of them. */
void elements_sum(size_t count, const real *left, const real *right, real *out);

/* out[i] = factor in[i] */
void elements_scale(size_t count, real factor, const real *in, real *out);

/* The squared norm of scale times values, in double.
 *
 * Formula     sum of squares: eight lanes of every eighth element, added in lane order. Cutting the
 *             range changes the bits: take whole blocks (PARAMETER_BLOCK)
 */
double elements_squared_norm(size_t count, double scale, const real *values);

/* y[n,m] += b[m].      Shapes: y (N,M)   b (M) */
void rows_add(size_t n, size_t m, const real *b, real *y);

/* sum = the sum of the runs' sums of some columns in the order of the program, or sum += that sum.
 * Within a run, rows are added from the first to the last.
 *
 * Range       the program has at least one run
 * Shapes      y (N,M)   sum (columns)
 */
void rows_sum(const ShardProgram *program, size_t m, Range columns, const real *y, bool accumulate,
              real *sum);
