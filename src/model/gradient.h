#pragma once
/* The gradient of a node of the shard tree: forward, backward, and the sum in tree order.
 *
 * A shard's gradient is the sum, not the mean, over its samples. It is computed in blocks of at
 * most GRADIENT_BLOCK_ROWS rows, added from the first to the last. Shards are added in the order of
 * math/shard_tree.h. As many shards as fit GRADIENT_WAVE_ROWS rows are worked on together, which
 * never changes a bit.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "math/shard_tree.h"
#include "model/wave.h"

enum { GRADIENT_BLOCK_ROWS = 256, GRADIENT_WAVE_ROWS = 256 };

typedef struct Gradient Gradient;

/* Memory for gradients of batches of up to `batch_rows` rows in `n_shards` shards, for a rank that
 * carries `own_shards` of them.
 *
 * Ownership   gradient_destroy; the model must outlive it
 */
Gradient *gradient_create(const Model *model, size_t batch_rows, size_t n_shards, size_t own_shards,
                          size_t target_width);

/* Releases it; NULL is fine. */
void gradient_destroy(Gradient *gradient);

/* Computes the gradient of one node.
 *
 * Shapes      out: the flat vector, padding untouched
 *             sums (S, model_sum_count): the rows of this node's shards are set
 * Range       returns false, and leaves out as it is, if the node has no samples
 */
bool gradient_compute(Gradient *gradient, const Batch *batch, ShardNode node, real *out,
                      double *sums);

/* What gradient_compute writes. */
typedef struct GradientOutput {
  real *gradient; /* the flat vector */
  double *sums;   /* (S, model_sum_count) */
} GradientOutput;

/* The same, for somebody who waits for the gradient part by part: what can be left for last is
 * computed in the order of the parts, each of which is announced when it is finished.
 *
 * Range       order NULL: all at once. Without samples nothing is announced. The bits are those of
 *             gradient_compute provided that product_cuts_freely.
 */
bool gradient_compute_parts(Gradient *gradient, const Batch *batch, ShardNode node,
                            const PartOrder *order, const GradientOutput *output);

/* Bytes of memory that gradient_create takes for activations and partial sums. */
size_t gradient_memory_bytes(const Gradient *gradient);
