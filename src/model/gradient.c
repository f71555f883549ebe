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
  bool exact[GRADIENT_BLOCK_ROWS + 1]; /* by rows: may a product add onto its left neighbour? */
  size_t n_vectors;
  real *vectors[MOST_LEVELS]; /* right children that are too large for one wave */
  real *tiles[MOST_LEVELS];   /* right children within a wave */
  size_t n_tiles, tile_length;
};

/* The rows that are worked on together: whole shards of a node, or one block of a shard. */
typedef struct Wave {
  Gradient *gradient;
  const Batch *batch;
  ShardNode node;
  Range rows; /* of the batch */
} Wave;

static bool try_accumulation(const Model *model, size_t n_rows) {
  for (size_t i = 0; i < model->n_layers; i++) {
    const Layer *layer = &model->layers[i];
    bool (*exactly)(const Layer *, size_t) = layer->kind->accumulates_exactly;
    if (exactly && !exactly(layer, n_rows)) return false;
  }
  return true;
}

/* Tries the rows that the shards and blocks of a batch of `batch_rows` have; others stay false. */
static void try_batch(Gradient *gradient, size_t batch_rows, size_t n_shards) {
  size_t fewest = batch_rows / n_shards, most = (batch_rows + n_shards - 1) / n_shards;
  for (size_t rows = fewest; rows <= most; rows++) {
    size_t block = rows < GRADIENT_BLOCK_ROWS ? rows : GRADIENT_BLOCK_ROWS;
    size_t last = rows % GRADIENT_BLOCK_ROWS;
    if (block && !gradient->exact[block]) {
      gradient->exact[block] = try_accumulation(gradient->model, block);
    }
    if (last && !gradient->exact[last]) {
      gradient->exact[last] = try_accumulation(gradient->model, last);
    }
  }
}

/* Whether a node's shards fit one wave: none is larger than a block, all together fit the rows. */
static bool fits_wave(size_t n_rows, size_t n_shards, ShardNode node) {
  Range rows = shard_node_rows(n_rows, n_shards, node);
  bool small_shards = (n_rows + n_shards - 1) / n_shards <= GRADIENT_BLOCK_ROWS;
  return small_shards && rows.end - rows.begin <= GRADIENT_WAVE_ROWS;
}

Gradient *gradient_create(const Model *model, size_t batch_rows, size_t last_rows, size_t n_shards,
                          size_t own_shards, size_t target_width) {
  Gradient *gradient = NEW(Gradient);
  gradient->model = model;
  size_t rows = batch_rows < GRADIENT_WAVE_ROWS ? batch_rows : GRADIENT_WAVE_ROWS;
  gradient->workspace = workspace_create(model, rows, target_width, true);
  try_batch(gradient, batch_rows, n_shards);
  try_batch(gradient, last_rows, n_shards);

  /* One vector for each level whose nodes may be too large for a wave, up to the largest node that
   * this rank can carry. */
  size_t most_rows = (batch_rows + n_shards - 1) / n_shards;
  unsigned level = 0;
  for (; ((size_t)1 << level) < own_shards; level++) {
    bool fits = most_rows <= GRADIENT_BLOCK_ROWS && most_rows << (level + 1) <= GRADIENT_WAVE_ROWS;
    if (!fits) gradient->vectors[gradient->n_vectors++] = NEW_ARRAY(real, model->map.length);
  }
  for (size_t i = 0; i < model->n_layers; i++) {
    for (size_t tile = 0; tile < model->layers[i].n_tiles; tile++) {
      Range range = model->layers[i].tiles[tile];
      size_t length = range.end - range.begin;
      if (length > gradient->tile_length) gradient->tile_length = length;
    }
  }
  gradient->n_tiles = level + 1;
  for (size_t i = 0; i < gradient->n_tiles; i++) {
    gradient->tiles[i] = NEW_ARRAY(real, gradient->tile_length);
  }
  return gradient;
}

void gradient_destroy(Gradient *gradient) {
  if (!gradient) return;
  for (size_t i = 0; i < gradient->n_vectors; i++) memory_release(gradient->vectors[i]);
  for (size_t i = 0; i < gradient->n_tiles; i++) memory_release(gradient->tiles[i]);
  workspace_destroy(gradient->workspace, gradient->model);
  memory_release(gradient);
}

static RowRun run_of_rows(const Wave *wave, Range rows) {
  return (RowRun){.first_row = rows.begin - wave->rows.begin,
                  .n_rows = rows.end - rows.begin,
                  .training = true,
                  .seed = wave->batch->seed,
                  .epoch = wave->batch->epoch,
                  .first_position = wave->batch->first_position + rows.begin};
}

/* The rows of a shard that lie in this wave: all of them, or the block that the wave is. */
static Range shard_rows_of_wave(const Wave *wave, size_t shard) {
  Range rows = shard_rows(wave->batch->n_rows, wave->batch->n_shards, shard);
  if (rows.begin < wave->rows.begin) rows.begin = wave->rows.begin;
  if (rows.end > wave->rows.end) rows.end = wave->rows.end;
  return rows;
}

static void read_rows(const Wave *wave) {
  const Model *model = wave->gradient->model;
  const Workspace *workspace = wave->gradient->workspace;
  const RowSource *source = &wave->batch->rows;
  size_t n = wave->rows.end - wave->rows.begin;
  uint64_t first = wave->batch->first_position + wave->rows.begin;
  source->read(source->context, first, n, workspace->x, workspace->stored);
  target_encode(n, source->target_width, model_output_width(model), workspace->stored,
                workspace->target);
}

/* Forward and the input gradients of one shard's rows. */
static void propagate(const Wave *wave, Range rows, double *sums) {
  const Model *model = wave->gradient->model;
  const Workspace *workspace = wave->gradient->workspace;
  const real *parameters = wave->batch->parameters;
  RowRun run = run_of_rows(wave, rows);
  size_t last = model->n_layers - 1;

  model_forward(model, workspace, parameters, &run);
  real *output_gradient = workspace->dy[last] + run.first_row * model_output_width(model);
  model_score(model, workspace, &run, sums, output_gradient);
  for (size_t i = last + 1; i-- > 0;) {
    LayerPass pass = model_pass(model, workspace, parameters, i, &run);
    model->layers[i].kind->input_gradient(&model->layers[i], &pass);
  }
}

typedef struct Tile {
  const Layer *layer;
  size_t index;  /* of the tile in the layer */
  size_t length; /* elements */
} Tile;

static void shard_tile(const Wave *wave, const Tile *tile, Range rows, bool accumulate, real *out) {
  RowRun run = run_of_rows(wave, rows);
  LayerPass pass = model_pass(wave->gradient->model, wave->gradient->workspace,
                              wave->batch->parameters, tile->layer->index, &run);
  tile->layer->kind->parameter_gradient(tile->layer, &pass, tile->index, accumulate, out);
}

/* Adds one run of rows to what `out` holds, through the product itself where that is exact. */
static void add_shard_tile(const Wave *wave, const Tile *tile, Range rows, real *scratch,
                           real *out) {
  if (wave->gradient->exact[rows.end - rows.begin]) {
    shard_tile(wave, tile, rows, true, out);
  } else {
    shard_tile(wave, tile, rows, false, scratch);
    elements_add(tile->length, scratch, out);
  }
}

/* One tile of a node: its shards added in tree order while the tile stays in the cache. */
static bool node_tile(const Wave *wave, const Tile *tile, ShardNode node, size_t depth, real *out) {
  size_t n_shards = wave->batch->n_shards;
  if (node.index << node.level >= n_shards) return false;
  if (node.level == 0) {
    Range rows = shard_rows_of_wave(wave, node.index);
    if (rows.begin >= rows.end) return false;
    shard_tile(wave, tile, rows, false, out);
    return true;
  }

  ShardNode right = shard_right(node);
  if (!node_tile(wave, tile, shard_left(node), depth, out)) {
    return node_tile(wave, tile, right, depth, out);
  }
  real *scratch = wave->gradient->tiles[depth];
  if (right.level == 0 && right.index < n_shards) {
    Range rows = shard_rows_of_wave(wave, right.index);
    if (rows.begin < rows.end) add_shard_tile(wave, tile, rows, scratch, out);
  } else if (node_tile(wave, tile, right, depth + 1, scratch)) {
    elements_add(tile->length, scratch, out);
  }
  return true;
}

/* Works off one wave. With `continues` the wave is a further block of a shard whose first blocks
 * are in `out` already. */
static void compute_wave(const Wave *wave, bool continues, real *out, double *sums) {
  const Model *model = wave->gradient->model;
  size_t n_sums = model_sum_count(model);
  read_rows(wave);
  Range shards = shard_node_leaves(wave->batch->n_shards, wave->node);
  for (size_t shard = shards.begin; shard < shards.end; shard++) {
    Range rows = shard_rows_of_wave(wave, shard);
    if (rows.begin < rows.end) propagate(wave, rows, sums + shard * n_sums);
  }

  for (size_t i = model->n_layers; i-- > 0;) {
    const Layer *layer = &model->layers[i];
    for (size_t t = 0; t < layer->n_tiles; t++) {
      Range range = layer->tiles[t];
      Tile tile = {layer, t, range.end - range.begin};
      if (continues) {
        add_shard_tile(wave, &tile, wave->rows, wave->gradient->tiles[0], out + range.begin);
      } else {
        node_tile(wave, &tile, wave->node, 0, out + range.begin);
      }
    }
  }
}

/* A shard that is too large for one wave: block after block. */
static void compute_long_shard(Gradient *gradient, const Batch *batch, ShardNode leaf, Range rows,
                               real *out, double *sums) {
  for (size_t begin = rows.begin; begin < rows.end; begin += GRADIENT_BLOCK_ROWS) {
    size_t end = begin + GRADIENT_BLOCK_ROWS < rows.end ? begin + GRADIENT_BLOCK_ROWS : rows.end;
    Wave wave = {gradient, batch, leaf, {begin, end}};
    compute_wave(&wave, begin > rows.begin, out, sums);
  }
}

static bool compute_node(Gradient *gradient, const Batch *batch, ShardNode node, size_t depth,
                         real *out, double *sums) {
  Range rows = shard_node_rows(batch->n_rows, batch->n_shards, node);
  if (rows.begin >= rows.end) return false;
  if (fits_wave(batch->n_rows, batch->n_shards, node)) {
    Wave wave = {gradient, batch, node, rows};
    compute_wave(&wave, false, out, sums);
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
  Range right_rows = shard_node_rows(batch->n_rows, batch->n_shards, right);
  if (right_rows.begin >= right_rows.end) return true;

  CHECK(depth < gradient->n_vectors, "no vector for level %u of the tree", node.level);
  real *scratch = gradient->vectors[depth];
  compute_node(gradient, batch, right, depth + 1, scratch, sums);
  elements_add(gradient->model->map.length, scratch, out);
  return true;
}

bool gradient_compute(Gradient *gradient, const Batch *batch, ShardNode node, real *out,
                      double *sums) {
  size_t n_sums = model_sum_count(gradient->model);
  Range shards = shard_node_leaves(batch->n_shards, node);
  memset(sums + shards.begin * n_sums, 0, (shards.end - shards.begin) * n_sums * sizeof(double));
  return compute_node(gradient, batch, node, 0, out, sums);
}

size_t gradient_memory_bytes(const Gradient *gradient) {
  const Model *model = gradient->model;
  size_t row = model_input_width(model) + 3 * model_output_width(model);
  for (size_t i = 0; i < model->n_layers; i++) {
    row += 2 * model->layers[i].output_width + model->layers[i].cache_width;
  }
  size_t elements = row * gradient->workspace->n_rows + gradient->n_vectors * model->map.length +
                    gradient->n_tiles * gradient->tile_length;
  return elements * sizeof(real);
}
