#include "experiments/scaling.h"

#include "base/cores.h"
#include "base/memory.h"
#include "experiments/scaling_files.h"
#include "math/shard_tree.h"
#include "storage/work_folder.h"
#include "training/run_config.h"

static size_t most_ranks(const ScalingSettings *settings) {
  size_t most = 0;
  for (size_t i = 0; i < settings->n_counts; i++) {
    if (settings->counts[i] > most) most = settings->counts[i];
  }
  return most;
}

/* One number of shards for all: the configuration's, or as many as most ranks need and more. */
static Status choose_shards(const ScalingSettings *settings, const TrainingSettings *training,
                            size_t *shards) {
  size_t ranks = most_ranks(settings);
  *shards = (size_t)training->shards;
  if (*shards == 0) {
    *shards = shard_count_auto((size_t)training->batch_size);
    while (*shards < ranks) *shards *= 2;
  }
  if (*shards >= ranks) return OK;
  return fail(ERR_CONFIG, "training.shards: found %zu, expected at least as many as ranks, %zu",
              *shards, ranks);
}

static void add_points(Scaling *scaling, bool is_weak, size_t batch_size, size_t shards) {
  const ScalingSettings *settings = scaling->settings;
  size_t own_shards = (shards + settings->counts[0] - 1) / settings->counts[0];
  for (size_t i = 0; i < settings->n_counts; i++) {
    ScalingPoint *point = &scaling->points[scaling->n_points++];
    size_t ranks = settings->counts[i];
    *point = (ScalingPoint){
        .is_weak = is_weak, .ranks = ranks, .batch_size = batch_size, .shards = shards};
    if (is_weak) {
      point->batch_size = batch_size / settings->counts[0] * ranks;
      point->shards = own_shards * ranks;
    }
    point->shares_cores = scaling->cores > 0 && ranks > scaling->cores;
    point->measurements = NEW_ARRAY(ScalingMeasurement, settings->n_repeats);
  }
}

static Status plan_points(Scaling *scaling) {
  const ScalingSettings *settings = scaling->settings;
  RunConfig config;
  TRY(run_config_read(settings->config, &settings->changes, &config));
  TrainingSettings training = config.training;
  run_config_release(&config);
  if (training.batch_size == 0) {
    return fail(ERR_CONFIG, "training.batch_size: found full, expected a number of samples");
  }
  if (settings->weak && (size_t)training.batch_size % settings->counts[0] != 0) {
    return fail(ERR_CONFIG,
                "training.batch_size: found %lld for %zu ranks, expected a multiple: each gets the "
                "same in weak scaling",
                (long long)training.batch_size, settings->counts[0]);
  }
  size_t shards;
  TRY(choose_shards(settings, &training, &shards));
  scaling->points = NEW_ARRAY(ScalingPoint, 2 * settings->n_counts);
  if (settings->strong) add_points(scaling, false, (size_t)training.batch_size, shards);
  if (settings->weak) add_points(scaling, true, (size_t)training.batch_size, shards);
  return OK;
}

Status scaling_create(const ScalingSettings *settings, Scaling **out) {
  *out = NULL;
  Scaling *scaling = NEW(Scaling);
  scaling->settings = settings;
  if (!settings->launcher) scaling->cores = cores_usable();
  Status status = plan_points(scaling);
  if (status == OK) {
    status =
        work_folder_enter(settings->folder, WORK_SCALING, false, settings->force, &scaling->lock);
  }
  if (status == OK && settings->force) scaling_remove_files(settings->folder);
  if (status == OK) *out = scaling;
  if (status != OK) scaling_destroy(scaling);
  return status;
}

void scaling_destroy(Scaling *scaling) {
  if (!scaling) return;
  for (size_t i = 0; i < scaling->n_points; i++) memory_release(scaling->points[i].measurements);
  memory_release(scaling->points);
  folder_lock_release(&scaling->lock);
  memory_release(scaling);
}

const ScalingPoint *scaling_reference(const Scaling *scaling, const ScalingPoint *point) {
  for (size_t i = 0; i < scaling->n_points; i++) {
    if (scaling->points[i].is_weak == point->is_weak) return &scaling->points[i];
  }
  return point;
}

Spread scaling_speedup(const Scaling *scaling, const ScalingPoint *point) {
  const ScalingPoint *reference = scaling_reference(scaling, point);
  double work = (double)point->batch_size / (double)reference->batch_size;
  double *ratios = NEW_ARRAY(double, point->n);
  for (size_t r = 0; r < point->n; r++) {
    ratios[r] = work * reference->measurements[r].step_s / point->measurements[r].step_s;
  }
  Spread spread = spread_of(ratios, point->n);
  memory_release(ratios);
  spread.median = work * scaling_step(reference).median / scaling_step(point).median;
  return spread;
}

Spread scaling_efficiency(const Scaling *scaling, const ScalingPoint *point) {
  Spread speedup = scaling_speedup(scaling, point);
  double share = (double)scaling_reference(scaling, point)->ranks / (double)point->ranks;
  return (Spread){share * speedup.median, share * speedup.low, share * speedup.high};
}

Spread scaling_step(const ScalingPoint *point) {
  double *values = NEW_ARRAY(double, point->n);
  for (size_t r = 0; r < point->n; r++) values[r] = point->measurements[r].step_s;
  Spread spread = spread_of(values, point->n);
  memory_release(values);
  return spread;
}
