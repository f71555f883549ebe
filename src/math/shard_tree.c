#include "math/shard_tree.h"

#include "base/fatal.h"

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

size_t shard_count_auto(size_t batch_size) {
  size_t count = 1;
  while (2 * count <= batch_size / 16 && count < 64) count *= 2;
  return count;
}

Range shard_rows(size_t n_rows, size_t n_shards, size_t shard) {
  return (Range){shard * n_rows / n_shards, (shard + 1) * n_rows / n_shards};
}

Range shard_node_leaves(size_t n_shards, ShardNode node) {
  size_t begin = node.index << node.level, end = (node.index + 1) << node.level;
  return (Range){smaller(begin, n_shards), smaller(end, n_shards)};
}

Range shard_node_rows(size_t n_rows, size_t n_shards, ShardNode node) {
  Range leaves = shard_node_leaves(n_shards, node);
  return (Range){leaves.begin * n_rows / n_shards, leaves.end * n_rows / n_shards};
}

ShardNode shard_root(size_t n_shards) {
  ShardNode root = {0, 0};
  while (((size_t)1 << root.level) < n_shards) root.level++;
  return root;
}

ShardNode shard_left(ShardNode node) {
  return (ShardNode){node.level - 1, 2 * node.index};
}

ShardNode shard_right(ShardNode node) {
  return (ShardNode){node.level - 1, 2 * node.index + 1};
}

size_t shard_cover(size_t n_shards, Range leaves, ShardNode nodes[SHARD_MOST_NODES]) {
  size_t count = 0;
  for (size_t leaf = leaves.begin; leaf < leaves.end;) {
    ShardNode node = {0, leaf};
    for (;;) {
      ShardNode parent = {node.level + 1, node.index / 2};
      Range covered = shard_node_leaves(n_shards, parent);
      bool fits = node.index % 2 == 0 && covered.end <= leaves.end;
      if (!fits || node.level >= shard_root(n_shards).level) break;
      node = parent;
    }
    CHECK(count < SHARD_MOST_NODES, "a run of shards has too many nodes");
    nodes[count++] = node;
    leaf = shard_node_leaves(n_shards, node).end;
  }
  return count;
}

/* Returns false if no shard of the node is present. */
static bool node_sum(size_t n_shards, ShardNode node, const bool *present, const double *values,
                     size_t stride, double *sum) {
  if (node.index << node.level >= n_shards) return false;
  if (node.level == 0) {
    if (present[node.index]) *sum = values[node.index * stride];
    return present[node.index];
  }
  double left = 0, right = 0;
  bool has_left = node_sum(n_shards, shard_left(node), present, values, stride, &left);
  bool has_right = node_sum(n_shards, shard_right(node), present, values, stride, &right);
  if (has_left && has_right) {
    *sum = left + right;
  } else {
    *sum = has_left ? left : right;
  }
  return has_left || has_right;
}

double shard_sum(size_t n_shards, const bool *present, const double *values, size_t stride) {
  double sum = 0;
  node_sum(n_shards, shard_root(n_shards), present, values, stride, &sum);
  return sum;
}

/* Returns false if the node has no rows. */
static bool append_node(size_t n_rows, size_t n_shards, ShardNode node, size_t first_row,
                        ShardProgram *program) {
  Range rows = shard_node_rows(n_rows, n_shards, node);
  if (range_count(rows) == 0) return false;
  if (node.level == 0) {
    CHECK(program->n_runs < SHARD_MOST_RUNS, "too many shards for one program");
    Range own = {rows.begin - first_row, rows.end - first_row};
    program->runs[program->n_runs++] = (ShardRun){.rows = own};
    return true;
  }
  bool left = append_node(n_rows, n_shards, shard_left(node), first_row, program);
  bool right = append_node(n_rows, n_shards, shard_right(node), first_row, program);
  if (left && right) program->runs[program->n_runs - 1].additions++;
  return true;
}

void shard_program(size_t n_rows, size_t n_shards, ShardNode node, ShardProgram *program) {
  program->n_runs = 0;
  append_node(n_rows, n_shards, node, shard_node_rows(n_rows, n_shards, node).begin, program);
}

void shard_program_single(size_t n_rows, ShardProgram *program) {
  program->n_runs = 1;
  program->runs[0] = (ShardRun){.rows = {0, n_rows}};
}

size_t shard_program_rows(const ShardProgram *program) {
  return program->n_runs ? program->runs[program->n_runs - 1].rows.end : 0;
}
