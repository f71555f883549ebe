#pragma once
/* Memory for the rows that go through a model: activations, their gradients, and what comes with
 * them.
 *
 * A workspace either has memory of its own for them, or works on some rows of a pool: memory that
 * holds the inputs of all layers and the gradients of their outputs for all rows of a batch, which
 * is what gradients of parameters are made of. Ranks that share memory share a pool.
 */

#include <stdbool.h>
#include <stddef.h>

#include "math/real.h"

typedef struct Model Model;

typedef struct RowPool {
  size_t n_rows;
  real *x;   /* (N, input) */
  real **y;  /* per layer (N, output_width) */
  real **dy; /* per layer (N, output_width) */
} RowPool;

/* Elements of memory that a pool of `n_rows` rows needs. */
size_t row_pool_elements(const Model *model, size_t n_rows);

/* A pool in memory of the caller, of row_pool_elements elements, which must outlive it.
 *
 * Ownership   row_pool_destroy
 */
RowPool *row_pool_create(const Model *model, size_t n_rows, real *memory);

/* Releases the pool but not its memory; NULL is fine. */
void row_pool_destroy(RowPool *pool);

typedef struct Workspace {
  size_t n_rows;
  real *x;          /* (N, input) */
  real *stored;     /* (N, T): targets as the data set holds them */
  real *target;     /* (N, M) */
  real *prediction; /* (N, M) */
  double *values;   /* (model_sum_count, N): losses, then metrics, of every sample */
  real **y;         /* per layer (N, output_width) */
  real **cache;     /* per layer (N, cache_width) */
  real **dy;        /* per layer (N, output_width); NULL without backward */
  real *scratch;    /* of the layers */
  bool in_pool;     /* x, y and dy are a pool's */
} Workspace;

/* Makes a workspace for up to `n_rows` rows with targets of width T, for gradients too where
 * `backward`. Ownership: workspace_destroy.
 */
Workspace *workspace_create(const Model *model, size_t n_rows, size_t target_width, bool backward);

/* Makes a workspace that has no x, y and dy of its own: see workspace_enter. */
Workspace *workspace_create_for_pool(const Model *model, size_t n_rows, size_t target_width);

/* Puts a workspace that was made for a pool onto the pool's rows from `first` on. */
void workspace_enter(Workspace *workspace, const Model *model, const RowPool *pool, size_t first);

/* Releases a workspace; NULL is fine. */
void workspace_destroy(Workspace *workspace, const Model *model);

/* Bytes of memory that a workspace takes, or with a pool, its share of the pool included. */
size_t workspace_bytes(const Workspace *workspace, const Model *model);

/* Elements of scratch memory that the layers need for n rows. */
size_t workspace_scratch(const Model *model, size_t n_rows);
