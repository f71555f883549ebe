#include "model/gradient.h"

#include <string.h>

#include "base/fatal.h"
#include "base/memory.h"
#include "math/elementwise.h"

enum { MOST_LEVELS = 64 };

struct Gradient {
  const Model *model;
  Workspace *workspace;
  ShardProgram program; /* of the wave */
  size_t n_vectors;
  real *vectors[MOST_LEVELS]; /* right children that are too large for one wave */
};

/* Whether `n_rows` rows of shards of at most `shard_rows` fit one wave. */
static bool fits_wave(size_t n_rows, size_t most_shard_rows) {
  return most_shard_rows <= GRADIENT_BLOCK_ROWS && n_rows <= GRADIENT_WAVE_ROWS;
}

static size_t most_shard_rows(size_t batch_rows, size_t n_shards) {
  return (batch_rows + n_shards - 1) / n_shards;
}

Gradient *gradient_create(const Model *model, size_t batch_rows, size_t n_shards, size_t own_shards,
                          size_t target_width) {
  Gradient *gradient = NEW(Gradient);
  gradient->model = model;
  size_t most = most_shard_rows(batch_rows, n_shards), own_rows = most * own_shards;
  size_t rows = own_rows < GRADIENT_WAVE_ROWS ? own_rows : GRADIENT_WAVE_ROWS;
  gradient->workspace = workspace_create(model, rows, target_width, true);

  /* One vector for each level whose nodes may be too large for a wave, up to the largest node that
   * this rank can carry. */
  for (unsigned level = 0; ((size_t)1 << level) < own_shards; level++) {
    if (fits_wave(most << (level + 1), most)) continue;
    gradient->vectors[gradient->n_vectors++] = NEW_ARRAY(real, model->map.length);
  }
  return gradient;
}

void gradient_destroy(Gradient *gradient) {
  if (!gradient) return;
  for (size_t i = 0; i < gradient->n_vectors; i++) memory_release(gradient->vectors[i]);
  workspace_destroy(gradient->workspace, gradient->model);
  memory_release(gradient);
}

/* The shards of a node, all at once. */
static void compute_shards(Gradient *gradient, const Batch *batch, ShardNode node, real *out,
                           double *sums) {
  shard_program(batch->n_rows, batch->n_shards, node, &gradient->program);
  Wave wave = {.batch = batch,
               .rows = shard_node_rows(batch->n_rows, batch->n_shards, node),
               .shards = shard_node_leaves(batch->n_shards, node),
               .program = &gradient->program};
  WaveGradient all = {out, false};
  wave_compute(gradient->model, gradient->workspace, &wave, sums, &all);
}

/* A shard that is too large for one wave: block after block. */
static void compute_long_shard(Gradient *gradient, const Batch *batch, ShardNode leaf, real *out,
                               double *sums) {
  Range rows = shard_node_rows(batch->n_rows, batch->n_shards, leaf);
  for (size_t begin = rows.begin; begin < rows.end; begin += GRADIENT_BLOCK_ROWS) {
    size_t end = begin + GRADIENT_BLOCK_ROWS < rows.end ? begin + GRADIENT_BLOCK_ROWS : rows.end;
    shard_program_single(end - begin, &gradient->program);
    Wave wave = {.batch = batch,
                 .rows = {begin, end},
                 .shards = shard_node_leaves(batch->n_shards, leaf),
                 .program = &gradient->program};
    WaveGradient block = {out, begin > rows.begin};
    wave_compute(gradient->model, gradient->workspace, &wave, sums, &block);
  }
}

static bool compute_node(Gradient *gradient, const Batch *batch, ShardNode node, size_t depth,
                         real *out, double *sums) {
  Range rows = shard_node_rows(batch->n_rows, batch->n_shards, node);
  if (range_count(rows) == 0) return false;
  if (fits_wave(range_count(rows), most_shard_rows(batch->n_rows, batch->n_shards))) {
    compute_shards(gradient, batch, node, out, sums);
    return true;
  }
  if (node.level == 0) {
    compute_long_shard(gradient, batch, node, out, sums);
    return true;
  }

  ShardNode right = shard_right(node);
  if (!compute_node(gradient, batch, shard_left(node), depth, out, sums)) {
    return compute_node(gradient, batch, right, depth, out, sums);
  }
  if (range_count(shard_node_rows(batch->n_rows, batch->n_shards, right)) == 0) return true;
  CHECK(depth < gradient->n_vectors, "no vector for level %u of the tree", node.level);
  compute_node(gradient, batch, right, depth + 1, gradient->vectors[depth], sums);
  elements_add(gradient->model->map.length, gradient->vectors[depth], out);
  return true;
}

bool gradient_compute(Gradient *gradient, const Batch *batch, ShardNode node, real *out,
                      double *sums) {
  size_t n_sums = model_sum_count(gradient->model);
  Range shards = shard_node_leaves(batch->n_shards, node);
  memset(sums + shards.begin * n_sums, 0, range_count(shards) * n_sums * sizeof(double));
  return compute_node(gradient, batch, node, 0, out, sums);
}

size_t gradient_memory_bytes(const Gradient *gradient) {
  size_t vectors = gradient->n_vectors * gradient->model->map.length * sizeof(real);
  return vectors + workspace_bytes(gradient->workspace, gradient->model);
}
