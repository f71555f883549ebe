#include "training/step.h"

#include <math.h>

#include "base/clock.h"
#include "training/stop_request.h"

/* The partial gradients of this rank's nodes of the tree. */
static void compute_partials(Run *run, size_t n_rows) {
  Batch batch = {.parameters = run_parameters(run),
                 .n_rows = n_rows,
                 .n_shards = run->plan.n_shards,
                 .seed = (uint64_t)run->config.seed,
                 .epoch = (uint32_t)run->progress.epoch,
                 .first_position = run->progress.epoch_step * run->batch_size,
                 .rows = run_data_rows(&run->sampler)};
  double *shard_sums = step_report_shards(run->report);
  for (size_t i = run->plan.first_of_rank[run->plan.rank];
       i < run->plan.first_of_rank[run->plan.rank + 1]; i++) {
    gradient_compute(run->gradient, &batch, run->plan.nodes[i],
                     gradient_reduction_partial(run->reduction, i), shard_sums);
  }
}

static const real *read_sum(const void *context, size_t offset, size_t count) {
  return gradient_reduction_stretch(context, offset, count);
}

static double whole_norm(Run *run, const GradientSource *gradient, double scale) {
  if (!optimizer_needs_norm(run->optimizer)) return 0;
  optimizer_norm_partials(run->optimizer, gradient, scale, run->block_norms);
  return sqrt(gradient_reduction_add_blocks(run->reduction, run->block_norms));
}

static void update(Run *run, size_t n_rows) {
  const LossKind *loss = model_loss(run->model);
  GradientSource gradient = {read_sum, run->reduction};
  OptimizerStep step = {.step = run->progress.step,
                        .gradient_scale =
                            summary_factor(loss->summary, run->sums[0], (double)n_rows)};
  step.gradient_norm = whole_norm(run, &gradient, step.gradient_scale);
  optimizer_apply(run->optimizer, &step, &gradient, gradient_reduction_parameters(run->reduction));
  gradient_reduction_publish(run->reduction);
}

static void count_step(Run *run, size_t n_rows, double seconds) {
  Progress *progress = &run->progress;
  progress->step++;
  progress->epoch_step++;
  progress->samples_seen += n_rows;
  progress->epoch_weight += (double)n_rows;
  progress->epoch_seconds += seconds;
  for (size_t i = 0; i < progress->n_sums; i++) progress->epoch_sums[i] += run->sums[i];
}

Status step_run(Run *run, StepFacts *facts) {
  size_t n_rows = run_batch_rows(run, run->progress.epoch_step);
  *facts = (StepFacts){.n_rows = n_rows};
  facts->learning_rate = optimizer_learning_rate(&run->config.optimizer, run->progress.step);

  double begin_s = clock_monotonic_s();
  compute_partials(run, n_rows);
  double computed_s = clock_monotonic_s();
  step_report_post(run->report, stop_requested());
  gradient_reduction_exchange(run->reduction, n_rows);
  facts->stop = step_report_collect(run->report, n_rows, run->sums);
  facts->loss = summary_value(model_loss(run->model)->summary, run->sums[0], (double)n_rows);
  if (!isfinite(facts->loss)) {
    return fail(ERR_DIVERGED,
                "the loss became %g at step %llu (epoch %llu); try a smaller learning rate, "
                "optimizer.clip_norm, or data.scale",
                facts->loss, (unsigned long long)run->progress.step + 1,
                (unsigned long long)run->progress.epoch + 1);
  }
  update(run, n_rows);
  double end_s = clock_monotonic_s();

  facts->seconds_computing = computed_s - begin_s;
  facts->seconds_reducing = end_s - computed_s;
  count_step(run, n_rows, end_s - begin_s);
  return OK;
}
