#pragma once
/* The gradient of a slice of the parameters, over all rows of a batch.
 *
 * Ranks that share memory pool their rows instead of their gradients: each takes its own shards
 * forward and backward, which leaves the layers' inputs and the gradients of their outputs in the
 * pool, and then computes the gradient of its own slice from the rows of all. Where a batch has
 * fewer rows than the layers have units, that moves much less between cores, and a stretch of the
 * gradient is used for the update while it is in the cache. The bits are those of model/gradient.h,
 * provided that product_cuts_freely.
 *
 * Order of calls, once a step: pooled_gradient_compute; when all ranks have done so,
 * pooled_gradient_begin_slice, then pooled_gradient_stretch in ascending order, which may be gone
 * through again.
 */

#include <stddef.h>

#include "model/gradient.h"

typedef struct PooledGradient PooledGradient;

/* The most rows that a rank may take: those of one wave, and of one block of a shard. */
enum { POOLED_MOST_ROWS = GRADIENT_BLOCK_ROWS };

/* Makes one for batches that fit the pool, of which this rank takes up to `own_rows` rows.
 *
 * Range       own_rows <= POOLED_MOST_ROWS, at most SHARD_MOST_RUNS shards
 * Shapes      slice: of the flat vector, cut at block edges
 * Ownership   pooled_gradient_destroy; takes `pool`, whose memory is that of all ranks' pools;
 *             model and memory must outlive it
 */
PooledGradient *pooled_gradient_create(const Model *model, RowPool *pool, size_t own_rows,
                                       size_t target_width, Range slice);

/* Releases it; NULL is fine. */
void pooled_gradient_destroy(PooledGradient *pooled);

/* Forward and backward for some shards; all but the parameters' gradients.
 *
 * Shapes      sums (S, model_sum_count): the rows of these shards are set
 */
void pooled_gradient_compute(PooledGradient *pooled, const Batch *batch, Range shards,
                             double *sums);

/* Begins with the slice's gradient. The batch must stay until its last stretch. */
void pooled_gradient_begin_slice(PooledGradient *pooled, const Batch *batch);

/* The summed gradient of `count` elements from flat position `offset`, which lie in one block of
 * the slice, in tree order.
 *
 * Ownership   borrowed until the next call
 */
const real *pooled_gradient_stretch(PooledGradient *pooled, size_t offset, size_t count);

/* Bytes of memory that it takes, this rank's rows of the pool included. */
size_t pooled_gradient_memory_bytes(const PooledGradient *pooled);
