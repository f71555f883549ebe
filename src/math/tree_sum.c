#include "math/tree_sum.h"

#include "base/fatal.h"
#include "base/memory.h"
#include "math/elementwise.h"

TreeSum tree_sum_create(size_t n_shards, size_t most_nodes) {
  TreeSum sum = {.n_shards = n_shards};
  sum.nodes = NEW_ARRAY(ShardNode, most_nodes);
  sum.sources = NEW_ARRAY(const real *, most_nodes);
  for (size_t i = 0; i <= shard_root(n_shards).level; i++) {
    sum.scratch[i] = NEW_ARRAY(real, PARAMETER_BLOCK);
  }
  return sum;
}

void tree_sum_release(TreeSum *sum) {
  for (size_t i = 0; i < TREE_SUM_MOST_LEVELS; i++) memory_release(sum->scratch[i]);
  memory_release(sum->nodes);
  memory_release(sum->sources);
  *sum = (TreeSum){0};
}

void tree_sum_add(TreeSum *sum, ShardNode node, const real *source) {
  sum->nodes[sum->n_nodes] = node;
  sum->sources[sum->n_nodes++] = source;
}

static const real *added_source(const TreeSum *sum, ShardNode node) {
  for (size_t i = 0; i < sum->n_nodes; i++) {
    if (sum->nodes[i].level == node.level && sum->nodes[i].index == node.index) {
      return sum->sources[i];
    }
  }
  return NULL;
}

/* A stretch of elements of a batch. */
typedef struct Stretch {
  size_t n_rows, begin, count;
} Stretch;

/* An added partial sum in place, or the halves added in scratch[depth]. */
static const real *node_stretch(const TreeSum *sum, ShardNode node, size_t depth,
                                const Stretch *stretch) {
  Range rows = shard_node_rows(stretch->n_rows, sum->n_shards, node);
  if (rows.begin >= rows.end) return NULL;
  const real *whole = added_source(sum, node);
  if (whole) return whole + stretch->begin;
  CHECK(node.level > 0, "no partial sum of shard %zu", node.index);

  const real *left = node_stretch(sum, shard_left(node), depth, stretch);
  const real *right = node_stretch(sum, shard_right(node), depth + 1, stretch);
  if (!left) return right;
  if (!right) return left;
  real *total = sum->scratch[depth];
  elements_sum(stretch->count, left, right, total);
  return total;
}

const real *tree_sum_stretch(const TreeSum *sum, ShardNode node, size_t n_rows, size_t begin,
                             size_t count) {
  Stretch stretch = {n_rows, begin, count};
  return node_stretch(sum, node, 0, &stretch);
}
