#include "training/step.h"

#include <math.h>
#include <stdio.h>

#include "math/product.h"
#include "training/stop_request.h"

static Batch next_batch(Run *run, size_t n_rows) {
  return (Batch){.parameters = run_parameters(run),
                 .n_rows = n_rows,
                 .n_shards = run->plan.n_shards,
                 .seed = (uint64_t)run->config.seed,
                 .epoch = (uint32_t)run->progress.epoch,
                 .first_position = run->progress.epoch_step * run->batch_size,
                 .rows = run_data_rows(&run->sampler),
                 .clock = &run->clock};
}

/* The partial gradients of this rank's nodes of the tree, or its rows of the pool. */
static void compute(Run *run, const Batch *batch) {
  const ShardPlan *plan = &run->plan;
  double *shard_sums = step_report_shards(run->report);
  if (run->pooled) {
    pooled_gradient_compute(run->pooled, batch, shard_plan_leaves(plan, plan->rank), shard_sums);
    return;
  }
  /* Part by part only where that leaves the bits alone. */
  size_t end = plan->first_of_rank[plan->rank + 1];
  const PartOrder *order = product_cuts_freely() ? gradient_reduction_order(run->reduction) : NULL;
  for (size_t i = plan->first_of_rank[plan->rank]; i < end; i++) {
    GradientOutput output = {gradient_reduction_partial(run->reduction, i), shard_sums};
    gradient_compute_parts(run->gradient, batch, plan->nodes[i], i + 1 == end ? order : NULL,
                           &output);
  }
}

static const real *read_sum(void *context, size_t offset, size_t count) {
  return gradient_reduction_stretch(context, offset, count);
}

static const real *read_pooled(void *context, size_t offset, size_t count) {
  return pooled_gradient_stretch(context, offset, count);
}

/* The summed gradient of this rank's slice. */
static GradientSource gradient_source(Run *run, const Batch *batch) {
  if (!run->pooled) return (GradientSource){read_sum, run->reduction};
  pooled_gradient_begin_slice(run->pooled, batch);
  return (GradientSource){read_pooled, run->pooled};
}

/* The squared norm of `scale` times the batch's summed gradient. */
static double squared_norm(Run *run, const GradientSource *gradient, double scale) {
  optimizer_norm_partials(run->optimizer, gradient, scale, run->block_norms);
  return gradient_reduction_add_blocks(run->reduction, run->block_norms);
}

static bool measures_noise(const Run *run) {
  uint64_t every = (uint64_t)run->config.report.noise_every;
  return run->noise && (run->progress.step + 1) % every == 0;
}

static void measure_noise(Run *run, const Batch *batch, const GradientSource *gradient) {
  double batch_norm = squared_norm(run, gradient, 1 / (double)batch->n_rows);
  noise_probe_measure(run->noise, batch, batch_norm, &run->progress.noise);
}

/* Histograms are those of the last step of an epoch. */
static bool takes_histograms(const Run *run) {
  uint64_t every = (uint64_t)run->config.report.histogram_every;
  bool ends_epoch = run->progress.epoch_step + 1 == run->steps_per_epoch;
  return every > 0 && ends_epoch && (run->progress.epoch + 1) % every == 0;
}

/* Looking at a gradient is no part of the training that is timed, though on the pooled path it
 * computes it. */
static void observe_gradient(Run *run, const Batch *batch, const GradientSource *gradient,
                             double scale) {
  if (!measures_noise(run) && !takes_histograms(run)) return;
  step_clock_read(&run->clock, PHASE_UPDATE);
  StepClock before = run->clock;
  if (measures_noise(run)) measure_noise(run, batch, gradient);
  if (takes_histograms(run)) {
    tensor_histograms_of_gradient(run->tensor_histograms, gradient, scale, run->progress.epoch + 1,
                                  &run->history.histograms);
  }
  run->clock = before;
  step_clock_skip(&run->clock);
}

static void update(Run *run, const Batch *batch, double learning_rate) {
  const LossKind *loss = model_loss(run->model);
  GradientSource gradient = gradient_source(run, batch);
  double scale = summary_factor(loss->summary, run->sums[0], (double)batch->n_rows);
  OptimizerStep step = {
      .step = run->progress.step, .learning_rate = learning_rate, .gradient_scale = scale};
  if (optimizer_needs_norm(run->optimizer)) {
    step.gradient_norm = sqrt(squared_norm(run, &gradient, scale));
  }
  observe_gradient(run, batch, &gradient, scale);
  optimizer_apply(run->optimizer, &step, &gradient, gradient_reduction_parameters(run->reduction));
  step_clock_read(&run->clock, PHASE_UPDATE);
  gradient_reduction_publish(run->reduction);
  step_clock_read(&run->clock, PHASE_PUBLISH);
  if (takes_histograms(run)) {
    tensor_histograms_of_weights(run->tensor_histograms, run->progress.epoch + 1,
                                 &run->history.histograms);
  }
}

/* Seconds computing gradients, and seconds summing and exchanging them and the parameters. */
static void divide_time(const StepClock *clock, StepFacts *facts) {
  const double *seconds = clock->seconds;
  facts->seconds_computing =
      seconds[PHASE_GATHER] + seconds[PHASE_FORWARD] + seconds[PHASE_BACKWARD];
  facts->seconds_reducing =
      seconds[PHASE_EXCHANGE] + seconds[PHASE_UPDATE] + seconds[PHASE_PUBLISH];
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
  facts->learning_rate = run_learning_rate(run, run->progress.step);

  step_clock_begin(&run->clock);
  gradient_reduction_begin(run->reduction, n_rows);
  Batch batch = next_batch(run, n_rows);
  compute(run, &batch);
  step_report_post(run->report, stop_requested());
  gradient_reduction_exchange(run->reduction);
  facts->stop = step_report_collect(run->report, n_rows, run->sums);
  step_clock_read(&run->clock, PHASE_EXCHANGE);
  facts->loss = summary_value(model_loss(run->model)->summary, run->sums[0], (double)n_rows);
  if (!isfinite(facts->loss)) {
    char what[64];
    snprintf(what, sizeof what, "the loss became %g", facts->loss);
    return run_fail_diverged(run, run->progress.step + 1, what);
  }
  update(run, &batch, facts->learning_rate);
  divide_time(&run->clock, facts);
  count_step(run, n_rows, facts->seconds_computing + facts->seconds_reducing);
  return OK;
}
