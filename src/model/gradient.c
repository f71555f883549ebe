#include "model/gradient.h"

#include <string.h>

#include "base/fatal.h"
#include "base/memory.h"
#include "math/elementwise.h"
#include "model/gradient_parts.h"

enum { MOST_LEVELS = 64 };

struct Gradient {
  const Model *model;
  Workspace *workspace;
  ShardProgram program; /* of the wave */
  size_t n_vectors;
  real *vectors[MOST_LEVELS]; /* right children that are too large for one wave */
};

/* Whether `n_rows` rows of shards of at most `most_shard_rows` fit one wave. */
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

/* What is being computed: a node of the tree into a vector. */
typedef struct NodeTask {
  const Batch *batch;
  const PartOrder *order; /* NULL: the node is not the last, or nobody waits for parts */
  real *root;             /* where the whole sum goes */
  size_t depth;           /* `vectors` in use: right children, each to be added to the one before */
  double *sums;
} NodeTask;

static real *vector_at(const Gradient *gradient, const NodeTask *task, size_t depth) {
  return depth > 0 ? gradient->vectors[depth - 1] : task->root;
}

/* The last wave: each part is added to its left neighbours up to the root, and announced. */
static void compute_parts(const Gradient *gradient, const NodeTask *task, WaveParts *parts) {
  const PartOrder *order = task->order;
  for (size_t part = 0; part < order->count; part++) {
    Range range = order->parts[part];
    gradient_part_compute(gradient->model, parts, part);
    for (size_t depth = task->depth; depth > 0; depth--) {
      elements_add(range_count(range), vector_at(gradient, task, depth) + range.begin,
                   vector_at(gradient, task, depth - 1) + range.begin);
    }
    order->finished(order->context, part);
  }
}

/* `continues`: a further block of a shard; `last`: nothing of the node comes after it. */
static void compute_wave(Gradient *gradient, const NodeTask *task, const Wave *wave, bool continues,
                         bool last) {
  WaveGradient out = {vector_at(gradient, task, task->depth), continues};
  bool in_parts = task->order && last;
  wave_compute(gradient->model, gradient->workspace, wave, task->sums, in_parts ? NULL : &out);
  if (!in_parts) return;
  WaveParts parts = {gradient->workspace, wave, out, task->order, gradient->model->n_layers};
  compute_parts(gradient, task, &parts);
  step_clock_read(task->batch->clock, PHASE_BACKWARD);
}

/* The shards of a node, all at once. */
static void compute_shards(Gradient *gradient, const NodeTask *task, ShardNode node) {
  const Batch *batch = task->batch;
  shard_program(batch->n_rows, batch->n_shards, node, &gradient->program);
  Wave wave = {.batch = batch,
               .rows = shard_node_rows(batch->n_rows, batch->n_shards, node),
               .shards = shard_node_leaves(batch->n_shards, node),
               .program = &gradient->program};
  compute_wave(gradient, task, &wave, false, true);
}

/* A shard that is too large for one wave: block after block. */
static void compute_long_shard(Gradient *gradient, const NodeTask *task, ShardNode leaf) {
  const Batch *batch = task->batch;
  Range rows = shard_node_rows(batch->n_rows, batch->n_shards, leaf);
  for (size_t begin = rows.begin; begin < rows.end; begin += GRADIENT_BLOCK_ROWS) {
    size_t left = rows.end - begin;
    size_t count = left < GRADIENT_BLOCK_ROWS ? left : GRADIENT_BLOCK_ROWS;
    shard_program_single(count, &gradient->program);
    Wave wave = {.batch = batch,
                 .rows = {begin, begin + count},
                 .shards = shard_node_leaves(batch->n_shards, leaf),
                 .program = &gradient->program};
    compute_wave(gradient, task, &wave, begin > rows.begin, count == left);
  }
}

static bool has_rows(const Batch *batch, ShardNode node) {
  return range_count(shard_node_rows(batch->n_rows, batch->n_shards, node)) > 0;
}

static void compute_node(Gradient *gradient, const NodeTask *task, ShardNode node) {
  const Batch *batch = task->batch;
  size_t n_rows = range_count(shard_node_rows(batch->n_rows, batch->n_shards, node));
  if (fits_wave(n_rows, most_shard_rows(batch->n_rows, batch->n_shards))) {
    compute_shards(gradient, task, node);
    return;
  }
  if (node.level == 0) {
    compute_long_shard(gradient, task, node);
    return;
  }
  ShardNode left = shard_left(node), right = shard_right(node);
  if (!has_rows(batch, left) || !has_rows(batch, right)) {
    compute_node(gradient, task, has_rows(batch, left) ? left : right);
    return;
  }

  NodeTask of_left = *task, of_right = *task;
  of_left.order = NULL;
  compute_node(gradient, &of_left, left);
  CHECK(task->depth < gradient->n_vectors, "no vector for level %u of the tree", node.level);
  of_right.depth++;
  compute_node(gradient, &of_right, right);
  if (task->order) return; /* the last wave has added it, part by part */
  elements_add(gradient->model->map.length, vector_at(gradient, task, of_right.depth),
               vector_at(gradient, task, task->depth));
  step_clock_read(batch->clock, PHASE_BACKWARD);
}

bool gradient_compute(Gradient *gradient, const Batch *batch, ShardNode node, real *out,
                      double *sums) {
  return gradient_compute_parts(gradient, batch, node, NULL, &(GradientOutput){out, sums});
}

bool gradient_compute_parts(Gradient *gradient, const Batch *batch, ShardNode node,
                            const PartOrder *order, const GradientOutput *output) {
  size_t n_sums = model_sum_count(gradient->model);
  Range shards = shard_node_leaves(batch->n_shards, node);
  memset(output->sums + shards.begin * n_sums, 0, range_count(shards) * n_sums * sizeof(double));
  if (!has_rows(batch, node)) return false;
  NodeTask task = {.batch = batch, .order = order, .root = output->gradient, .sums = output->sums};
  compute_node(gradient, &task, node);
  return true;
}

size_t gradient_memory_bytes(const Gradient *gradient) {
  size_t vectors = gradient->n_vectors * gradient->model->map.length * sizeof(real);
  return vectors + workspace_bytes(gradient->workspace, gradient->model);
}
