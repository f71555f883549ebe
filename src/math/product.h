#pragma once
/* Every matrix product of the program: the only door to the BLAS.
 *
 * Matrices are row-major and dense. A product's bits depend on its shape, the engine and the
 * kernels that the engine picked for this processor, and on nothing else: one thread computes.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "math/real.h"

/* Sets the engine to one thread and tries it on a small product with a known result.
 *
 * Errors      ERR_INTERNAL when the library computes wrong numbers on this processor
 */
Status product_start(void);

/* y = x w.      y (N,M)   x (N,D)   w (D,M) */
void product_forward(size_t n, size_t d, size_t m, const real *x, const real *w, real *y);

/* dx = dy w^T.  dx (N,D)  dy (N,M)  w (D,M) */
void product_input_gradient(size_t n, size_t d, size_t m, const real *dy, const real *w, real *dx);

/* dw = x^T dy, or dw += x^T dy where `accumulate`.
 *
 * Shapes      dw (D,M)   x (N, D) with rows `x_stride` apart   dy (N,M)
 */
void product_weight_gradient(size_t n, size_t d, size_t m, const real *x, size_t x_stride,
                             const real *dy, bool accumulate, real *dw);

/* True if, for this shape, letting the product add onto dw gives the same bits as computing it
 * apart and adding afterwards. Tried on numbers of this shape.
 */
bool product_accumulates_exactly(size_t n, size_t d, size_t m);

/* The engine's name and version, "OpenBLAS 0.3.21"; borrowed. */
const char *product_engine(void);

/* The kernel family in use, "Zen"; borrowed. */
const char *product_kernel_family(void);
