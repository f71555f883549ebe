#include "model/gradient.h"

#include <string.h>

#include "base/fatal.h"
#include "base/memory.h"
#include "math/elementwise.h"
#include "model/target.h"

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

/* Rows of the batch that are worked on together: the shards of a node, or a block of one shard. */
typedef struct Wave {
  const Batch *batch;
  ShardNode node;
  Range rows;
  bool continues; /* a further block of a shard: added to what there is */
} Wave;

static void read_rows(const Gradient *gradient, const Wave *wave) {
  const Workspace *workspace = gradient->workspace;
  const RowSource *source = &wave->batch->rows;
  size_t n = range_count(wave->rows);
  source->read(source->context, wave->batch->first_position + wave->rows.begin, n, workspace->x,
               workspace->stored);
  target_encode(n, source->target_width, model_output_width(gradient->model), workspace->stored,
                workspace->target);
}

/* The sums over the samples of each shard, or over one more block of a shard. */
static void add_shard_sums(const Gradient *gradient, const Wave *wave, double *sums) {
  const Batch *batch = wave->batch;
  size_t n = range_count(wave->rows), n_sums = model_sum_count(gradient->model);
  Range shards = shard_node_leaves(batch->n_shards, wave->node);
  for (size_t shard = shards.begin; shard < shards.end; shard++) {
    Range rows = shard_rows(batch->n_rows, batch->n_shards, shard);
    size_t begin = rows.begin > wave->rows.begin ? rows.begin : wave->rows.begin;
    size_t end = rows.end < wave->rows.end ? rows.end : wave->rows.end;
    Range of_wave = {begin - wave->rows.begin, end > begin ? end - wave->rows.begin : 0};
    model_add_sums(gradient->model, gradient->workspace, n, of_wave, sums + shard * n_sums);
  }
}

/* Forward, loss, and from the last layer to the first both halves of backward. */
static void compute_wave(Gradient *gradient, const Wave *wave, real *out, double *sums) {
  const Model *model = gradient->model;
  const Workspace *workspace = gradient->workspace;
  const Batch *batch = wave->batch;
  RowRun run = {.program = &gradient->program,
                .training = true,
                .seed = batch->seed,
                .epoch = batch->epoch,
                .first_position = batch->first_position + wave->rows.begin};

  read_rows(gradient, wave);
  model_forward(model, workspace, batch->parameters, &run);
  model_score(model, workspace, range_count(wave->rows), workspace->dy[model->n_layers - 1]);
  add_shard_sums(gradient, wave, sums);

  for (size_t i = model->n_layers; i-- > 0;) {
    const Layer *layer = &model->layers[i];
    LayerPass pass = model_pass(workspace, batch->parameters, i, &run);
    layer->kind->input_gradient(layer, &pass);
    if (layer->kind->parameter_gradient) {
      layer->kind->parameter_gradient(layer, &pass, wave->continues, out);
    }
  }
}

/* A shard that is too large for one wave: block after block. */
static void compute_long_shard(Gradient *gradient, const Batch *batch, ShardNode leaf, Range rows,
                               real *out, double *sums) {
  for (size_t begin = rows.begin; begin < rows.end; begin += GRADIENT_BLOCK_ROWS) {
    size_t end = begin + GRADIENT_BLOCK_ROWS < rows.end ? begin + GRADIENT_BLOCK_ROWS : rows.end;
    Wave wave = {batch, leaf, {begin, end}, begin > rows.begin};
    shard_program_single(end - begin, &gradient->program);
    compute_wave(gradient, &wave, out, sums);
  }
}

static bool compute_node(Gradient *gradient, const Batch *batch, ShardNode node, size_t depth,
                         real *out, double *sums) {
  Range rows = shard_node_rows(batch->n_rows, batch->n_shards, node);
  if (range_count(rows) == 0) return false;
  if (fits_wave(range_count(rows), most_shard_rows(batch->n_rows, batch->n_shards))) {
    Wave wave = {batch, node, rows, false};
    shard_program(batch->n_rows, batch->n_shards, node, &gradient->program);
    compute_wave(gradient, &wave, out, sums);
    return true;
  }
  if (node.level == 0) {
    compute_long_shard(gradient, batch, node, rows, out, sums);
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
