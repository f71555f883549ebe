#include "model/workspace.h"

#include "base/memory.h"
#include "model/model.h"

/* Every part of a pool begins on a cache line. */
static size_t part_elements(size_t n_rows, size_t width) {
  size_t step = CACHE_LINE_BYTES / sizeof(real);
  return (n_rows * width + step - 1) / step * step;
}

size_t row_pool_elements(const Model *model, size_t n_rows) {
  size_t elements = part_elements(n_rows, model_input_width(model));
  for (size_t i = 0; i < model->n_layers; i++) {
    elements += 2 * part_elements(n_rows, model->layers[i].output_width);
  }
  return elements;
}

RowPool *row_pool_create(const Model *model, size_t n_rows, real *memory) {
  RowPool *pool = NEW(RowPool);
  pool->n_rows = n_rows;
  pool->x = memory;
  pool->y = NEW_ARRAY(real *, model->n_layers);
  pool->dy = NEW_ARRAY(real *, model->n_layers);
  memory += part_elements(n_rows, model_input_width(model));
  for (size_t i = 0; i < model->n_layers; i++) {
    size_t elements = part_elements(n_rows, model->layers[i].output_width);
    pool->y[i] = memory;
    pool->dy[i] = memory + elements;
    memory += 2 * elements;
  }
  return pool;
}

void row_pool_destroy(RowPool *pool) {
  if (!pool) return;
  memory_release(pool->y);
  memory_release(pool->dy);
  memory_release(pool);
}

size_t workspace_scratch(const Model *model, size_t n_rows) {
  size_t most = 0;
  for (size_t i = 0; i < model->n_layers; i++) {
    const Layer *layer = &model->layers[i];
    size_t needed = layer->kind->scratch ? layer->kind->scratch(layer, n_rows) : 0;
    if (needed > most) most = needed;
  }
  return most;
}

/* All but x, y and dy. */
static Workspace *create_private(const Model *model, size_t n_rows, size_t target_width) {
  Workspace *workspace = NEW(Workspace);
  size_t m = model_output_width(model);
  workspace->n_rows = n_rows;
  workspace->stored = NEW_ARRAY(real, n_rows * target_width);
  workspace->target = NEW_ARRAY(real, n_rows * m);
  workspace->prediction = NEW_ARRAY(real, n_rows * m);
  workspace->values = NEW_ARRAY(double, model_sum_count(model) * n_rows);
  workspace->scratch = NEW_ARRAY(real, workspace_scratch(model, n_rows));
  workspace->y = NEW_ARRAY(real *, model->n_layers);
  workspace->cache = NEW_ARRAY(real *, model->n_layers);
  workspace->dy = NEW_ARRAY(real *, model->n_layers);
  for (size_t i = 0; i < model->n_layers; i++) {
    workspace->cache[i] = NEW_ARRAY(real, n_rows * model->layers[i].cache_width);
  }
  return workspace;
}

Workspace *workspace_create(const Model *model, size_t n_rows, size_t target_width, bool backward) {
  Workspace *workspace = create_private(model, n_rows, target_width);
  workspace->x = NEW_ARRAY(real, n_rows * model_input_width(model));
  for (size_t i = 0; i < model->n_layers; i++) {
    size_t elements = n_rows * model->layers[i].output_width;
    workspace->y[i] = NEW_ARRAY(real, elements);
    if (backward) workspace->dy[i] = NEW_ARRAY(real, elements);
  }
  return workspace;
}

Workspace *workspace_create_for_pool(const Model *model, size_t n_rows, size_t target_width) {
  Workspace *workspace = create_private(model, n_rows, target_width);
  workspace->in_pool = true;
  return workspace;
}

void workspace_enter(Workspace *workspace, const Model *model, const RowPool *pool, size_t first) {
  workspace->x = pool->x + first * model_input_width(model);
  for (size_t i = 0; i < model->n_layers; i++) {
    size_t offset = first * model->layers[i].output_width;
    workspace->y[i] = pool->y[i] + offset;
    workspace->dy[i] = pool->dy[i] + offset;
  }
}

void workspace_destroy(Workspace *workspace, const Model *model) {
  if (!workspace) return;
  for (size_t i = 0; i < model->n_layers; i++) {
    memory_release(workspace->cache[i]);
    if (workspace->in_pool) continue;
    memory_release(workspace->y[i]);
    memory_release(workspace->dy[i]);
  }
  if (!workspace->in_pool) memory_release(workspace->x);
  memory_release(workspace->stored);
  memory_release(workspace->target);
  memory_release(workspace->prediction);
  memory_release(workspace->values);
  memory_release(workspace->scratch);
  memory_release(workspace->y);
  memory_release(workspace->cache);
  memory_release(workspace->dy);
  memory_release(workspace);
}

size_t workspace_bytes(const Workspace *workspace, const Model *model) {
  size_t per_row = model_input_width(model) + 2 * model_output_width(model);
  for (size_t i = 0; i < model->n_layers; i++) {
    per_row += 2 * model->layers[i].output_width + model->layers[i].cache_width;
  }
  size_t n = workspace->n_rows;
  return (per_row * n + workspace_scratch(model, n)) * sizeof(real);
}
