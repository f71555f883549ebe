#pragma once
/* Partial sums of nodes of the shard tree, added up in tree order, a stretch of elements at a time.
 *
 * The partial sums may lie anywhere; nothing is copied that need not be. Knows nothing of ranks.
 */

#include <stddef.h>

#include "math/parameters.h"
#include "math/shard_tree.h"

enum { TREE_SUM_MOST_LEVELS = 64 };

typedef struct TreeSum {
  size_t n_shards;
  size_t n_nodes;
  ShardNode *nodes;     /* disjoint; owned */
  const real **sources; /* per node: its partial sum, from element 0 on; the array is owned */
  real *scratch[TREE_SUM_MOST_LEVELS]; /* PARAMETER_BLOCK elements each; owned */
} TreeSum;

/* An empty sum with room for `most_nodes`. Ownership: tree_sum_release. */
TreeSum tree_sum_create(size_t n_shards, size_t most_nodes);

/* Adds a node whose partial sum begins at `source`, which must stay. */
void tree_sum_add(TreeSum *sum, ShardNode node, const real *source);

/* Elements [begin, begin + count) of the sum of a node that the added nodes cover.
 *
 * Range       count <= PARAMETER_BLOCK; n_rows: of the batch: nodes without rows are absent
 * Ownership   borrowed until the next call: a source itself, or scratch memory; NULL if the node
 *             has no rows
 */
const real *tree_sum_stretch(const TreeSum *sum, ShardNode node, size_t n_rows, size_t begin,
                             size_t count);

/* Releases what the sum owns. */
void tree_sum_release(TreeSum *sum);
