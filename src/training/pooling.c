#include "training/pooling.h"

#include "math/product.h"

/* Rows of a run of shards of the largest batch, and of any shorter one: no shard has more. */
static size_t most_rows_of(const Run *run, size_t rank) {
  Range own = shard_plan_leaves(&run->plan, rank);
  size_t n_shards = run->plan.n_shards;
  return range_count(own) * ((run->batch_size + n_shards - 1) / n_shards);
}

size_t pooling_most_rows(const Run *run) {
  size_t rows = most_rows_of(run, run->plan.rank);
  return rows < run->batch_size ? rows : run->batch_size;
}

/* What stands in the way of pooling; NULL: nothing. */
static const char *obstacle(const Run *run) {
  const ShardPlan *plan = &run->plan;
  const OptimizerOptions *optimizer = run->config.optimizer.options;
  size_t cap = (size_t)run->config.compute.ranks_per_node;
  bool together = (size_t)communicator_ranks_here(run->communicator) == plan->n_ranks &&
                  (cap == 0 || cap >= plan->n_ranks);
  size_t most = 0;
  for (size_t r = 0; r < plan->n_ranks; r++) {
    size_t rows = most_rows_of(run, r);
    if (rows > most) most = rows;
  }
  if (!together) return "all ranks on one host";
  if (most > POOLED_MOST_ROWS) return "at most 256 samples of a batch on a rank";
  if (plan->n_shards > SHARD_MOST_RUNS) return "at most 256 shards";
  if (!product_cuts_freely()) return "compute.engine: native";
  return optimizer->clip_norm > 0 ? "no optimizer.clip_norm" : NULL;
}

static bool pays(const Run *run) {
  double ranks = (double)run->plan.n_ranks, n = (double)run->batch_size;
  double rows = 0, parameters = (double)run->model->map.count;
  for (size_t i = 0; i < run->model->n_layers; i++) {
    const Layer *layer = &run->model->layers[i];
    if (layer->n_tensors == 0) continue;
    double widths = (double)layer->input_width / ranks + (double)layer->output_width;
    rows += (n - n / ranks) * widths;
  }
  return 2 * rows < parameters * (2 - 1 / ranks);
}

Status pooling_choose(const Run *run, size_t *elements) {
  *elements = 0;
  ReductionPath path = (ReductionPath)run->config.training.reduction;
  if (path != REDUCTION_POOLED && path != REDUCTION_AUTO) return OK;
  const char *missing = obstacle(run);
  if (path == REDUCTION_POOLED && missing) {
    return fail(ERR_CONFIG, "training.reduction: pooled needs %s; expected another, or auto",
                missing);
  }
  bool pools = !missing && (path == REDUCTION_POOLED || pays(run));
  if (pools) *elements = row_pool_elements(run->model, run->batch_size);
  return OK;
}
