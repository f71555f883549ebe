#pragma once
/* Products of runs of rows by a library's general matrix product.
 *
 * A library's bits depend on the shape of a product. So every run is a product of its own, always
 * of the same shape, and a weight gradient is formed tile by tile: all runs are added up on one
 * tile, in the order of the program, while it is in the cache.
 */

#include "math/engine.h"

/* One general matrix product, row-major: c (rows, columns) = op(a) op(b). */
typedef struct Gemm {
  bool transpose_a, transpose_b;
  size_t rows, columns, inner;
  const real *a, *b;
  size_t a_stride, b_stride; /* elements from one row to the next, as the matrix lies in memory */
  real *c;                   /* dense */
} Gemm;

typedef void (*GemmFunction)(const Gemm *gemm);

/* The products of math/product.h, each by any library. */
size_t by_gemm_scratch(size_t n, size_t d, size_t m);
void by_gemm_forward(GemmFunction multiply, const ShardProgram *program, size_t d, size_t m,
                     const real *x, const real *w, const real *b, real *y);
void by_gemm_input_gradient(GemmFunction multiply, const ShardProgram *program, size_t d, size_t m,
                            const real *dy, const real *w, real *dx);
void by_gemm_weight_rows(GemmFunction multiply, const WeightProduct *product, Range inputs,
                         bool accumulate, real *dw);

/* The input gradient as dx^T = w dy^T with small transposes around it: libraries are faster at it
 * with few rows and many outputs. */
void by_gemm_input_gradient_transposed(GemmFunction multiply, const ShardProgram *program, size_t d,
                                       size_t m, const real *dy, const real *w, real *dx,
                                       real *scratch);

/* The version and kernels of OpenBLAS, for engines that use it. Borrowed. */
const char *openblas_version(void);
const char *openblas_kernels(void);

/* c = op(a) op(b) by OpenBLAS. */
void openblas_multiply(const Gemm *gemm);
