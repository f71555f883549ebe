#include "training/noise_probe.h"

#include "base/memory.h"
#include "math/elementwise.h"

struct NoiseProbe {
  const Model *model;
  Communicator *communicator;
  const ShardPlan *plan;
  Gradient *gradient;
  ParameterBlock *blocks;
  real *sum;             /* the flat vector: one shard's gradient */
  double *losses;        /* (S, model_sum_count), of no interest */
  double *own_norms;     /* (shards of this rank) */
  double *norms;         /* (S): n_s / B |g_s|^2 */
  size_t *bytes_of_rank; /* (ranks) */
};

NoiseProbe *noise_probe_create(const Model *model, Communicator *communicator,
                               const ShardPlan *plan, size_t batch_rows, size_t target_width) {
  NoiseProbe *probe = NEW(NoiseProbe);
  *probe = (NoiseProbe){.model = model, .communicator = communicator, .plan = plan};
  probe->gradient = gradient_create(model, batch_rows, plan->n_shards, 1, target_width);
  probe->blocks = NEW_ARRAY(ParameterBlock, parameter_block_count(&model->map));
  parameter_blocks(&model->map, probe->blocks);
  probe->sum = NEW_ARRAY(real, model->map.length);
  probe->losses = NEW_ARRAY(double, plan->n_shards *model_sum_count(model));
  probe->own_norms = NEW_ARRAY(double, range_count(shard_plan_leaves(plan, plan->rank)));
  probe->norms = NEW_ARRAY(double, plan->n_shards);
  probe->bytes_of_rank = NEW_ARRAY(size_t, plan->n_ranks);
  for (size_t r = 0; r < plan->n_ranks; r++) {
    probe->bytes_of_rank[r] = range_count(shard_plan_leaves(plan, r)) * sizeof(double);
  }
  return probe;
}

size_t noise_probe_memory_bytes(const NoiseProbe *probe) {
  return probe->model->map.length * sizeof(real) + gradient_memory_bytes(probe->gradient);
}

void noise_probe_destroy(NoiseProbe *probe) {
  if (!probe) return;
  gradient_destroy(probe->gradient);
  memory_release(probe->blocks);
  memory_release(probe->sum);
  memory_release(probe->losses);
  memory_release(probe->own_norms);
  memory_release(probe->norms);
  memory_release(probe->bytes_of_rank);
  memory_release(probe);
}

/* The squared norm of a shard's summed gradient, added over the blocks of the map. */
static double summed_norm(NoiseProbe *probe, const Batch *batch, size_t shard) {
  ShardNode leaf = {.level = 0, .index = shard};
  if (!gradient_compute(probe->gradient, batch, leaf, probe->sum, probe->losses)) return 0;
  double sum = 0;
  size_t n_blocks = parameter_block_count(&probe->model->map);
  for (size_t i = 0; i < n_blocks; i++) {
    sum += elements_squared_norm(probe->blocks[i].count, 1, probe->sum + probe->blocks[i].offset);
  }
  return sum;
}

void noise_probe_measure(NoiseProbe *probe, const Batch *batch, double batch_norm,
                         NoiseScale *scale) {
  Batch untimed = *batch;
  untimed.clock = NULL;
  Range own = shard_plan_leaves(probe->plan, probe->plan->rank);
  for (size_t s = own.begin; s < own.end; s++) {
    double rows = (double)range_count(shard_rows(batch->n_rows, batch->n_shards, s));
    double norm = summed_norm(probe, &untimed, s);
    /* n_s / B |sum / n_s|^2 */
    probe->own_norms[s - own.begin] = rows > 0 ? norm / (rows * (double)batch->n_rows) : 0;
  }
  communicator_collect(probe->communicator, probe->own_norms, probe->bytes_of_rank, probe->norms);

  NoiseMeasurement found = {.n_rows = batch->n_rows, .batch_norm = batch_norm};
  for (size_t s = 0; s < batch->n_shards; s++) {
    found.n_shards += range_count(shard_rows(batch->n_rows, batch->n_shards, s)) > 0;
    found.shard_norms += probe->norms[s];
  }
  if (found.n_shards > 1) noise_scale_add(scale, &found);
}
