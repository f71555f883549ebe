#pragma once
/* Every matrix product of the program: the only door to the matrix engines.
 *
 * The rows of a product are runs that belong to different shards, as a ShardProgram says
 * (math/shard_tree.h), and no run's result depends on the others. The engine is chosen once, at the
 * start. Its products run on one thread, whatever the environment says.
 *
 * Range       a program has at least one run
 * Shapes      x (N,D)   w (D,M)   b (M)   y, dy (N,M)   dx (N,D)   dw (D,M)      row-major, dense
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/range.h"
#include "base/status.h"
#include "math/real.h"
#include "math/shard_tree.h"

typedef enum ProductEngine {
  PRODUCT_AUTO,     /* native where it can run, else a library */
  PRODUCT_NATIVE,   /* the program's own: any rows in one product, the same bits on any processor */
  PRODUCT_OPENBLAS, /* run by run */
  PRODUCT_ONEDNN,   /* oneDNN for large products, OpenBLAS for small ones; run by run */
} ProductEngine;

extern const char *const product_engine_names[]; /* NULL-terminated, in the order of the enum */

/* Chooses the engine and tries it on products with a known result. From then on numbers that are
 * too small are 0 (math/denormals.h), for products and for all else that this thread computes.
 *
 * Errors      ERR_CONFIG if the engine is not in this build or cannot run on this processor;
 *             ERR_INTERNAL if it computes wrong numbers here
 */
Status product_start(ProductEngine engine);

/* Elements of scratch memory that the products of a shape need, for up to n rows. */
size_t product_scratch(size_t n, size_t d, size_t m);

/* y = x w + b; b NULL: no bias. */
void product_forward(const ShardProgram *program, size_t d, size_t m, const real *x, const real *w,
                     const real *b, real *y, real *scratch);

/* dx = dy w^T. */
void product_input_gradient(const ShardProgram *program, size_t d, size_t m, const real *dy,
                            const real *w, real *dx, real *scratch);

/* What a weight gradient is made of: dw = the sum of the runs' x^T dy in the order of the program.
 */
typedef struct WeightProduct {
  const ShardProgram *program;
  size_t d, m;
  const real *x, *dy;
  real *scratch;
} WeightProduct;

/* Prepares product_weight_rows: to be called once the numbers are there, and again whenever the
 * scratch memory has been used for something else. */
void product_weight_begin(const WeightProduct *product);

/* Some inputs' rows of dw, or with `accumulate` dw += these. Shapes: dw (inputs, M) */
void product_weight_rows(const WeightProduct *product, Range inputs, bool accumulate, real *dw);

/* True if the rows of a weight gradient have the same bits however they are divided. */
bool product_cuts_freely(void);

/* The version and the kernels of an engine, whether in use or not; NULL if it cannot run here.
 * Borrowed. */
const char *product_version_of(ProductEngine choice);
const char *product_kernels_of(ProductEngine choice);

/* Bits of the widest vectors that an engine computes with on this processor: they change no result.
 * 0 if that is not known, or if it cannot run here. */
size_t product_vector_bits_of(ProductEngine choice);

/* The engine in use and its version, "native 1" or "OpenBLAS 0.3.21"; borrowed. */
const char *product_engine(void);

/* The kernels that it has picked for this processor, "FMA" or "Zen"; borrowed. */
const char *product_kernel_family(void);
