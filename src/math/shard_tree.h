#pragma once
/* The fixed binary tree over the shards of a batch: the one order in which anything is added.
 *
 * Shards are the leaves 0..S-1. A node of level j covers the aligned block of 2^j leaves that
 * begins at index << j, cut off at S. A sum is always left child + right child. Shards without
 * samples are absent: they are not added at all. Knows nothing of ranks.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/range.h"

typedef struct ShardNode {
  unsigned level;
  size_t index; /* first leaf = index << level */
} ShardNode;

/* The shards that `auto` means.
 *
 * Formula     the largest power of two not above max(1, batch_size / 16), at most 64
 */
size_t shard_count_auto(size_t batch_size);

/* The rows of shard s of a batch of n rows cut into S shards.
 *
 * Formula     [floor(s n / S), floor((s + 1) n / S))
 */
Range shard_rows(size_t n_rows, size_t n_shards, size_t shard);

/* The rows of all shards of a node: a contiguous range. */
Range shard_node_rows(size_t n_rows, size_t n_shards, ShardNode node);

/* The leaves of a node, cut off at S. */
Range shard_node_leaves(size_t n_shards, ShardNode node);

/* The node that holds the whole tree. */
ShardNode shard_root(size_t n_shards);

/* The two halves of a node of level 1 or more; the right one may lie beyond S. */
ShardNode shard_left(ShardNode node);
ShardNode shard_right(ShardNode node);

/* Writes the maximal nodes whose leaves all lie in `leaves`, in leaf order; returns their number.
 *
 * Range       at most SHARD_MOST_NODES; a block cut off by S counts as whole
 */
enum { SHARD_MOST_NODES = 64 };
size_t shard_cover(size_t n_shards, Range leaves, ShardNode nodes[SHARD_MOST_NODES]);

/* Adds one number per shard in tree order. `present[s]` says whether shard s has samples.
 *
 * Shapes      values (S, stride): the number of shard s is values[s * stride]
 * Range       0 if no shard is present
 */
double shard_sum(size_t n_shards, const bool *present, const double *values, size_t stride);

/* Runs of rows, and the order in which what comes of them is added: the shards of a node.
 *
 * A stack machine: for each run in turn, push its sum, then `additions` times replace the top two,
 * right above left, by left + right. One sum is left.
 */
enum { SHARD_MOST_RUNS = 256, SHARD_MOST_DEPTH = 12 };

typedef struct ShardRun {
  Range rows;
  size_t additions;
} ShardRun;

typedef struct ShardProgram {
  size_t n_runs;
  ShardRun runs[SHARD_MOST_RUNS];
} ShardProgram;

/* The program of a node: its shards that have rows, in leaf order. Rows are counted from the node's
 * first.
 *
 * Range       the node has at most SHARD_MOST_RUNS shards with rows; none: an empty program
 */
void shard_program(size_t n_rows, size_t n_shards, ShardNode node, ShardProgram *program);

/* The program of rows that belong together: one run, no additions. */
void shard_program_single(size_t n_rows, ShardProgram *program);

/* All rows of a program. */
size_t shard_program_rows(const ShardProgram *program);
