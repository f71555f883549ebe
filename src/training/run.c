#include "training/run.h"

#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "distributed/agreement.h"
#include "io/path.h"
#include "math/product.h"
#include "training/pooling.h"

const real *run_parameters(const Run *run) {
  return gradient_reduction_parameters(run->reduction);
}

void run_parameter_hash(const Run *run, char out[HASH_TEXT_BYTES]) {
  parameters_hash(&run->model->map, run_parameters(run), out);
}

bool run_is_first_rank(const Run *run) {
  return communicator_rank(run->communicator) == 0;
}

bool run_writes_parameters(const Run *run) {
  return node_group_place(gradient_reduction_group(run->reduction)) == 0;
}

size_t run_batch_rows(const Run *run, uint64_t epoch_step) {
  size_t n = samples_count(&run->data.train), begin = (size_t)epoch_step * run->batch_size;
  return n - begin < run->batch_size ? n - begin : run->batch_size;
}

double run_learning_rate(const Run *run, uint64_t step) {
  return optimizer_learning_rate(&run->config.optimizer, run->batch_size, step);
}

/* What each rank does by itself. */
static Status create_model(Run *run) {
  const RunConfig *config = &run->config;
  TRY(product_start((ProductEngine)config->compute.engine));
  return model_create(&config->model, &config->loss, &config->metrics, &run->model);
}

static Status read_data(Run *run) {
  run->data_memory = data_memory_create(run->communicator);
  SharedMemory memory = data_memory_shared(run->data_memory);
  return run_data_read(&run->config, run->model, &memory, &run->data);
}

/* Ranks whose libraries or data differ would compute different bits. */
static Status check_ranks_alike(Run *run) {
  Communicator *communicator = run->communicator;
  TRY(agree_same(communicator, ERR_CONFIG, "the matrix library", product_engine()));
  TRY(agree_same(communicator, ERR_CONFIG, "the kernel family of the matrix library",
                 product_kernel_family()));
  char hash[HASH_TEXT_BYTES], *config_text = run_config_text(&run->config);
  hash_bytes(hash, config_text, strlen(config_text));
  memory_release(config_text);
  TRY(agree_same(communicator, ERR_CONFIG, "the configuration's hash", hash));
  return agree_same(communicator, ERR_DATA, "the hash of the training data", run->data.hash);
}

static Status plan_batches(Run *run) {
  TrainingSettings *settings = &run->config.training;
  size_t n = samples_count(&run->data.train);
  run->batch_size = settings->batch_size ? (size_t)settings->batch_size : n;
  if (run->batch_size > n && !settings->drop_last) run->batch_size = n;
  run->steps_per_epoch =
      settings->drop_last ? n / run->batch_size : (n + run->batch_size - 1) / run->batch_size;
  if (run->steps_per_epoch == 0) {
    return fail(ERR_CONFIG, "training.drop_last: found %zu samples for batches of %zu, so no batch",
                n, run->batch_size);
  }
  size_t n_shards = settings->shards
                        ? (size_t)settings->shards
                        : shard_count_auto(settings->batch_size ? (size_t)settings->batch_size : n);
  /* From here on the configuration says the number, so that a resume may say it too. */
  settings->shards = (int64_t)n_shards;
  return shard_plan_create(n_shards, (size_t)communicator_size(run->communicator),
                           (size_t)communicator_rank(run->communicator), &run->plan);
}

/* What computes the gradients, as the reduction needs them. */
static void create_gradient(Run *run) {
  const Model *model = run->model;
  size_t target_width = run->data.train_set.description.target_width;
  size_t own_shards = range_count(shard_plan_leaves(&run->plan, run->plan.rank));
  real *memory = gradient_reduction_pool(run->reduction);
  if (memory) {
    RowPool *pool = row_pool_create(model, run->batch_size, memory);
    run->pooled = pooled_gradient_create(model, pool, pooling_most_rows(run), target_width,
                                         gradient_reduction_slice(run->reduction));
  } else {
    run->gradient =
        gradient_create(model, run->batch_size, run->plan.n_shards, own_shards, target_width);
  }
}

static void create_noise_probe(Run *run) {
  if (run->config.report.noise_every == 0 || run->plan.n_shards < 2) return;
  run->noise = noise_probe_create(run->model, run->communicator, &run->plan, run->batch_size,
                                  run->data.train_set.description.target_width);
}

static Status create_engine(Run *run) {
  const RunConfig *config = &run->config;
  const Model *model = run->model;
  ReductionSetup setup = {.path = (ReductionPath)config->training.reduction,
                          .ranks_per_node = (size_t)config->compute.ranks_per_node};
  TRY(pooling_choose(run, &setup.pool_elements));
  run->reduction = gradient_reduction_create(run->communicator, &run->plan, &model->map, &setup);
  NodeGroup *group = gradient_reduction_group(run->reduction);
  run->report = step_report_create(run->communicator, group, &run->plan, model_sum_count(model));
  create_gradient(run);
  create_noise_probe(run);
  TRY(optimizer_create(&config->optimizer, &model->map, gradient_reduction_blocks(run->reduction),
                       &run->optimizer));
  run->tensor_histograms = tensor_histograms_create(&model->map, run->reduction);
  if (run_writes_parameters(run)) {
    model_initialize(model, (uint64_t)config->seed, gradient_reduction_parameters(run->reduction));
  }
  gradient_reduction_share_parameters(run->reduction);

  run->sampler = (Sampler){.samples = &run->data.train,
                           .shuffle = config->training.shuffle,
                           .seed = (uint64_t)config->seed};
  sampler_begin_epoch(&run->sampler, 0);
  return OK;
}

static void create_history(Run *run) {
  const Model *model = run->model;
  MetricTable *epochs = &run->history.epochs, *steps = &run->history.steps;
  metric_table_add_column(epochs, "epoch");
  metric_table_add_column(epochs, "step");
  metric_table_add_column(epochs, "seconds");
  metric_table_add_column(epochs, "learning_rate");
  for (int validation = 0; validation < 2; validation++) {
    const char *prefix = validation ? "val_" : "";
    Text name = {0};
    text_append(&name, "%sloss", prefix);
    metric_table_add_column(epochs, name.bytes);
    for (size_t i = 0; i < model->n_metrics; i++) {
      name.length = 0;
      text_append(&name, "%s%s", prefix, model->metrics[i]->kind.name);
      metric_table_add_column(epochs, name.bytes);
    }
    text_release(&name);
  }
  if (run->noise) metric_table_add_column(epochs, "gradient_noise_scale");
  static const char *const step_columns[] = {"step", "loss", "learning_rate", "seconds_computing",
                                             "seconds_reducing"};
  for (size_t i = 0; i < sizeof step_columns / sizeof *step_columns; i++) {
    metric_table_add_column(steps, step_columns[i]);
  }
  histogram_table_create(&run->history.histograms);
}

static void create_record(Run *run, const char *command_line) {
  size_t n_sums = model_sum_count(run->model);
  run->sums = NEW_ARRAY(double, n_sums);
  run->block_norms = NEW_ARRAY(double, range_count(gradient_reduction_blocks(run->reduction)));
  run->progress.n_sums = n_sums;
  run->config_text = run_config_text(&run->config);
  run->progress.epoch_sums = NEW_ARRAY(double, n_sums);
  create_history(run);

  char *created = memory_allocate(32);
  time_t now = time(NULL);
  struct tm utc;
  strftime(created, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
  run->facts = (RunFacts){.ranks = communicator_size(run->communicator),
                          .ranks_per_node = communicator_ranks_here(run->communicator),
                          .hosts = communicator_hosts(run->communicator),
                          .host = communicator_host(run->communicator),
                          .engine = product_engine(),
                          .kernel_family = product_kernel_family(),
                          .mpi = communicator_library(),
                          .command_line = command_line,
                          .config_folder = path_absolute(run->config.folder),
                          .created = created};
}

Status run_create(RunConfig *config, const char *folder, const char *command_line,
                  Communicator *communicator, Run **out) {
  *out = NULL;
  Run *run = NEW(Run);
  run->config = *config;
  *config = (RunConfig){0};
  run->folder = memory_copy_text(folder);
  run->communicator = communicator;

  Status status = OK;
  TRY_TO(failed, agree(communicator, create_model(run)));
  TRY_TO(failed, agree(communicator, read_data(run)));
  TRY_TO(failed, check_ranks_alike(run));
  TRY_TO(failed, agree(communicator, plan_batches(run)));
  TRY_TO(failed, agree(communicator, create_engine(run)));
  create_record(run, command_line);
  run->cores = core_usage_find(communicator);
  *out = run;
  return OK;

failed:
  run_destroy(run);
  return status;
}

Status run_fail_diverged(const Run *run, uint64_t step, const char *what) {
  uint64_t epoch = step ? (step - 1) / run->steps_per_epoch + 1 : 1;
  return fail(ERR_DIVERGED,
              "%s at step %llu (epoch %llu): the training diverged; try a smaller learning rate, "
              "optimizer.clip_norm, or data.scale",
              what, (unsigned long long)step, (unsigned long long)epoch);
}

void run_destroy(Run *run) {
  if (!run) return;
  optimizer_destroy(run->optimizer);
  gradient_destroy(run->gradient);
  pooled_gradient_destroy(run->pooled);
  noise_probe_destroy(run->noise);
  tensor_histograms_destroy(run->tensor_histograms);
  step_report_destroy(run->report);
  gradient_reduction_destroy(run->reduction);
  shard_plan_release(&run->plan);
  model_destroy(run->model);
  run_data_release(&run->data);
  data_memory_destroy(run->data_memory);
  history_release(&run->history);
  memory_release(run->progress.epoch_sums);
  memory_release((void *)(uintptr_t)run->facts.created);
  memory_release((void *)(uintptr_t)run->facts.config_folder);
  memory_release(run->sums);
  memory_release(run->block_norms);
  memory_release(run->folder);
  memory_release(run->config_text);
  run_config_release(&run->config);
  memory_release(run);
}
