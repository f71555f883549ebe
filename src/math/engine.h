#pragma once
/* What a matrix engine is. A kind is one file in math/engines/; see math/product.h for the meaning
 * of the products.
 */

#include "math/product.h"

typedef struct Engine {
  bool (*is_possible)(void);    /* in this build, on this processor; else nothing else is used */
  void (*start)(void);          /* may be NULL */
  const char *(*version)(void); /* name and version */
  const char *(*kernels)(void);
  size_t (*vector_bits)(void); /* of the widest vectors it uses here; may be NULL */
  size_t (*scratch)(size_t n, size_t d, size_t m);
  void (*forward)(const ShardProgram *program, size_t d, size_t m, const real *x, const real *w,
                  const real *b, real *y, real *scratch);
  void (*input_gradient)(const ShardProgram *program, size_t d, size_t m, const real *dy,
                         const real *w, real *dx, real *scratch);
  void (*weight_begin)(const WeightProduct *product); /* may be NULL */
  void (*weight_rows)(const WeightProduct *product, Range inputs, bool accumulate, real *dw);
  bool cuts_freely; /* an element's bits depend on its row and its column alone */
} Engine;

extern const Engine native_engine, openblas_engine, onednn_engine;
