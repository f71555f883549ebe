#include "model/pooled_gradient.h"

#include <string.h>

#include "base/fatal.h"
#include "base/memory.h"

/* 96 KiB of float: what is computed at a time stays in the second-level cache, beside the operands.
 */
enum { STRETCH_ELEMENTS = 24576, STRETCH_ROWS = 12 };

struct PooledGradient {
  const Model *model;
  RowPool *pool;
  Workspace *workspace; /* on this rank's rows */
  ShardProgram own_program;
  ShardProgram program;                /* of all rows */
  size_t program_rows, program_shards; /* that it was made for */
  const Batch *batch;                  /* whose slice is being computed */
  real *scratch;                       /* of the layers, for all rows */

  Range slice;
  size_t layer; /* whose gradient has begun; n_layers: none yet */
  Range there;  /* the flat range that is in `stretch` */
  real *stretch;
};

/* Rows of a tensor that are computed at a time, and never fewer than a block of the map needs. */
static size_t rows_at_a_time(size_t length) {
  size_t rows = STRETCH_ELEMENTS / length / STRETCH_ROWS * STRETCH_ROWS;
  size_t of_block = PARAMETER_BLOCK / length + 2;
  if (rows < STRETCH_ROWS) rows = STRETCH_ROWS;
  return rows > of_block ? rows : of_block;
}

static size_t stretch_elements(const Model *model) {
  size_t most = 0;
  for (size_t i = 0; i < model->n_layers; i++) {
    const Layer *layer = &model->layers[i];
    for (size_t t = 0; t < layer->n_tensors; t++) {
      size_t length = layer_row_length(layer, &model->map, t), rows = rows_at_a_time(length);
      size_t elements = (rows < layer->tensors[t].rows ? rows : layer->tensors[t].rows) * length;
      if (elements > most) most = elements;
    }
  }
  return most;
}

PooledGradient *pooled_gradient_create(const Model *model, RowPool *pool, size_t own_rows,
                                       size_t target_width, Range slice) {
  CHECK(own_rows <= POOLED_MOST_ROWS, "%zu rows are more than a wave", own_rows);
  PooledGradient *pooled = NEW(PooledGradient);
  pooled->model = model;
  pooled->pool = pool;
  pooled->workspace = workspace_create_for_pool(model, own_rows, target_width);
  pooled->scratch = NEW_ARRAY(real, workspace_scratch(model, pool->n_rows));
  pooled->stretch = NEW_ARRAY(real, stretch_elements(model));
  pooled->slice = slice;
  return pooled;
}

void pooled_gradient_destroy(PooledGradient *pooled) {
  if (!pooled) return;
  workspace_destroy(pooled->workspace, pooled->model);
  row_pool_destroy(pooled->pool);
  memory_release(pooled->scratch);
  memory_release(pooled->stretch);
  memory_release(pooled);
}

void pooled_gradient_compute(PooledGradient *pooled, const Batch *batch, Range shards,
                             double *sums) {
  const Model *model = pooled->model;
  size_t n_sums = model_sum_count(model);
  memset(sums + shards.begin * n_sums, 0, range_count(shards) * n_sums * sizeof(double));
  Range rows = {shard_rows(batch->n_rows, batch->n_shards, shards.begin).begin,
                shard_rows(batch->n_rows, batch->n_shards, shards.end - 1).end};
  if (range_count(rows) == 0) return;
  CHECK(range_count(rows) <= pooled->workspace->n_rows, "%zu rows are too many", range_count(rows));

  workspace_enter(pooled->workspace, model, pooled->pool, rows.begin);
  /* Nothing is summed over rows here, so the rows may be one run. */
  shard_program_single(range_count(rows), &pooled->own_program);
  Wave wave = {.batch = batch, .rows = rows, .shards = shards, .program = &pooled->own_program};
  wave_compute(model, pooled->workspace, &wave, sums, NULL);
}

void pooled_gradient_begin_slice(PooledGradient *pooled, const Batch *batch) {
  if (pooled->program_rows != batch->n_rows || pooled->program_shards != batch->n_shards) {
    shard_program(batch->n_rows, batch->n_shards, shard_root(batch->n_shards), &pooled->program);
    pooled->program_rows = batch->n_rows;
    pooled->program_shards = batch->n_shards;
  }
  pooled->batch = batch;
  pooled->layer = pooled->model->n_layers;
  pooled->there = (Range){0, 0};
}

/* A layer's pass over all rows of the pool, as far as gradients of parameters look at it. */
static LayerPass pass_of_pool(const PooledGradient *pooled, size_t layer) {
  const RowPool *pool = pooled->pool;
  return (LayerPass){.program = &pooled->program,
                     .n_rows = pooled->batch->n_rows,
                     .training = true,
                     .parameters = pooled->batch->parameters,
                     .x = layer ? pool->y[layer - 1] : pool->x,
                     .dy = pool->dy[layer],
                     .scratch = pooled->scratch};
}

/* A tensor of a layer, by their indices. */
typedef struct TensorPlace {
  size_t layer, tensor;
} TensorPlace;

/* The tensor that holds a flat position. */
static TensorPlace find_tensor(const Model *model, size_t offset) {
  for (size_t i = 0; i < model->n_layers; i++) {
    for (size_t t = 0; t < model->layers[i].n_tensors; t++) {
      const LayerTensor *tensor = &model->layers[i].tensors[t];
      size_t end = tensor->offset + model->map.tensors[tensor->index].count;
      if (offset >= tensor->offset && offset < end) return (TensorPlace){i, t};
    }
  }
  CHECK(false, "no tensor at %zu", offset);
  return (TensorPlace){0, 0};
}

/* Computes the rows of a tensor from the one on that holds `offset`. */
static void compute_stretch(PooledGradient *pooled, size_t offset) {
  const Model *model = pooled->model;
  TensorPlace place = find_tensor(model, offset);
  const Layer *layer = &model->layers[place.layer];
  const LayerTensor *tensor = &layer->tensors[place.tensor];
  LayerPass pass = pass_of_pool(pooled, place.layer);
  if (place.layer != pooled->layer && layer->kind->begin_gradient) {
    layer->kind->begin_gradient(layer, &pass);
  }
  pooled->layer = place.layer;

  size_t length = layer_row_length(layer, &model->map, place.tensor);
  size_t first = (offset - tensor->offset) / length;
  size_t of_slice = (pooled->slice.end - tensor->offset + length - 1) / length;
  size_t end = first + rows_at_a_time(length);
  if (end > of_slice) end = of_slice;
  if (end > tensor->rows) end = tensor->rows;
  TensorRows rows = {place.tensor, {first, end}};
  layer->kind->tensor_gradient(layer, &pass, &rows, false, pooled->stretch);
  pooled->there = (Range){tensor->offset + first * length, tensor->offset + end * length};
}

const real *pooled_gradient_stretch(PooledGradient *pooled, size_t offset, size_t count) {
  if (offset < pooled->there.begin || offset + count > pooled->there.end) {
    step_clock_read(pooled->batch->clock, PHASE_UPDATE);
    compute_stretch(pooled, offset);
    step_clock_read(pooled->batch->clock, PHASE_BACKWARD);
  }
  return pooled->stretch + (offset - pooled->there.begin);
}

size_t pooled_gradient_memory_bytes(const PooledGradient *pooled) {
  const Model *model = pooled->model;
  size_t scratch = workspace_scratch(model, pooled->pool->n_rows);
  return workspace_bytes(pooled->workspace, model) +
         (scratch + stretch_elements(model)) * sizeof(real);
}
