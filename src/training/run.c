#include "training/run.h"

#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/memory.h"
#include "distributed/agreement.h"
#include "io/file.h"
#include "math/product.h"
#include "storage/run_folder.h"

const real *run_parameters(const Run *run) {
  return gradient_reduction_parameters(run->reduction);
}

void run_parameter_hash(const Run *run, char out[HASH_TEXT_BYTES]) {
  parameters_hash(&run->model->map, run_parameters(run), out);
}

bool run_is_first_rank(const Run *run) {
  return communicator_rank(run->communicator) == 0;
}

size_t run_batch_rows(const Run *run, uint64_t epoch_step) {
  size_t n = samples_count(&run->data.train), begin = (size_t)epoch_step * run->batch_size;
  return n - begin < run->batch_size ? n - begin : run->batch_size;
}

/* What each rank does by itself. */
static Status create_locally(Run *run) {
  const RunConfig *config = &run->config;
  TRY(product_start());
  TRY(model_create(&config->model, &config->loss, &config->metrics, &run->model));
  return run_data_read(config, run->model, &run->data);
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

static Status create_engine(Run *run) {
  const RunConfig *config = &run->config;
  const Model *model = run->model;
  size_t target_width = run->data.train_set.description.target_width;
  Range own = shard_plan_leaves(&run->plan, run->plan.rank);
  run->reduction = gradient_reduction_create(run->communicator, &run->plan, &model->map,
                                             (ReductionPath)config->training.reduction);
  run->report = step_report_create(run->communicator, &run->plan, model_sum_count(model));
  run->gradient =
      gradient_create(model, run->batch_size, run_batch_rows(run, run->steps_per_epoch - 1),
                      run->plan.n_shards, range_count(own), target_width);
  TRY(optimizer_create(&config->optimizer, &model->map, gradient_reduction_blocks(run->reduction),
                       &run->optimizer));
  model_initialize(model, (uint64_t)config->seed, gradient_reduction_parameters(run->reduction));

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
  static const char *const step_columns[] = {"step", "loss", "learning_rate", "seconds_computing",
                                             "seconds_reducing"};
  for (size_t i = 0; i < sizeof step_columns / sizeof *step_columns; i++) {
    metric_table_add_column(steps, step_columns[i]);
  }
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
                          .config_folder = run->config.folder,
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
  TRY_TO(failed, agree(communicator, create_locally(run)));
  TRY_TO(failed, check_ranks_alike(run));
  TRY_TO(failed, agree(communicator, plan_batches(run)));
  TRY_TO(failed, agree(communicator, create_engine(run)));
  create_record(run, command_line);
  *out = run;
  return OK;

failed:
  run_destroy(run);
  return status;
}

void run_destroy(Run *run) {
  if (!run) return;
  optimizer_destroy(run->optimizer);
  gradient_destroy(run->gradient);
  step_report_destroy(run->report);
  gradient_reduction_destroy(run->reduction);
  shard_plan_release(&run->plan);
  model_destroy(run->model);
  run_data_release(&run->data);
  metric_table_release(&run->history.epochs);
  metric_table_release(&run->history.steps);
  memory_release(run->progress.epoch_sums);
  memory_release((void *)(uintptr_t)run->facts.created);
  memory_release(run->sums);
  memory_release(run->block_norms);
  memory_release(run->folder);
  memory_release(run->config_text);
  run_config_release(&run->config);
  memory_release(run);
}

Status run_take_parameters(Run *run, const Checkpoint *checkpoint) {
  real *parameters = gradient_reduction_parameters(run->reduction);
  return agree(run->communicator,
               checkpoint_read_parameters(checkpoint, &run->model->map, parameters));
}

/* Every rank reads whole slots and keeps its slice. */
static Status resume_slots(Run *run, const Checkpoint *checkpoint) {
  const ParameterMap *map = &run->model->map;
  Range slice = parameter_slice(map, gradient_reduction_blocks(run->reduction));
  real *whole = NEW_ARRAY(real, map->length);
  Status status = OK;
  for (size_t i = 0; i < optimizer_slot_count(run->optimizer) && status == OK; i++) {
    const char *name = optimizer_slot_name(run->optimizer, i);
    status = checkpoint_read_slot(checkpoint, map, name, whole);
    real *slot = optimizer_slot(run->optimizer, i);
    if (status == OK) memcpy(slot, whole + slice.begin, range_count(slice) * sizeof(real));
  }
  memory_release(whole);
  return status;
}

static Status check_resume(const Run *run, const Checkpoint *checkpoint) {
  RunConfig stored;
  TRY(run_config_parse(checkpoint_config(checkpoint), checkpoint_path(checkpoint), ".", NULL,
                       &stored));
  Status status = run_config_same_identity(&stored, &run->config);
  run_config_release(&stored);
  TRY(status);
  if (strcmp(checkpoint_data_hash(checkpoint), run->data.hash) != 0) {
    return fail(ERR_DATA,
                "data.train: found samples with the hash %s, but the run to resume was "
                "trained on %s",
                run->data.hash, checkpoint_data_hash(checkpoint));
  }
  return OK;
}

static void copy_rows(const MetricTable *from, MetricTable *to) {
  double row[METRIC_MOST_COLUMNS];
  for (size_t i = 0; i < from->n_rows; i++) {
    for (size_t c = 0; c < to->n_columns; c++) {
      size_t column = metric_table_column(from, to->names[c]);
      row[c] = column < from->n_columns ? metric_table_at(from, i, column) : NAN;
    }
    metric_table_append(to, row);
  }
}

/* The sums of an open epoch belong to the loss and the metrics of the stored configuration. */
static Status resume_progress(Run *run, const Checkpoint *checkpoint) {
  const Progress *stored = checkpoint_progress(checkpoint);
  Progress *progress = &run->progress;
  if (stored->epoch_step > 0 && stored->n_sums != progress->n_sums) {
    return fail(ERR_CONFIG,
                "metrics: found %zu, but the run to resume stopped within an epoch with "
                "%zu; change them between epochs",
                progress->n_sums - 1, stored->n_sums - 1);
  }
  double *sums = progress->epoch_sums;
  size_t n_sums = progress->n_sums;
  *progress = *stored;
  progress->epoch_sums = sums;
  progress->n_sums = n_sums;
  for (size_t i = 0; i < n_sums && i < stored->n_sums; i++) sums[i] = stored->epoch_sums[i];
  return OK;
}

static Status resume_locally(Run *run, const Checkpoint *checkpoint) {
  TRY(check_resume(run, checkpoint));
  TRY(checkpoint_read_parameters(checkpoint, &run->model->map,
                                 gradient_reduction_parameters(run->reduction)));
  TRY(resume_slots(run, checkpoint));
  TRY(resume_progress(run, checkpoint));
  copy_rows(&checkpoint_history(checkpoint)->epochs, &run->history.epochs);
  copy_rows(&checkpoint_history(checkpoint)->steps, &run->history.steps);
  return OK;
}

Status run_resume(Run *run, const Checkpoint *checkpoint) {
  TRY(agree(run->communicator, resume_locally(run, checkpoint)));
  const RunFacts *facts = checkpoint_facts(checkpoint);
  if (strcmp(facts->engine, product_engine()) != 0 ||
      strcmp(facts->kernel_family, product_kernel_family()) != 0) {
    log_warning("the checkpoint was computed with %s (%s), this is %s (%s): the last bits may "
                "differ from those of an uninterrupted run",
                facts->engine, facts->kernel_family, product_engine(), product_kernel_family());
  }
  return OK;
}

/* Brings every slot together at rank 0. */
static real **collect_slots(Run *run) {
  real **slots = NEW_ARRAY(real *, OPTIMIZER_MOST_SLOTS);
  for (size_t i = 0; i < optimizer_slot_count(run->optimizer); i++) {
    if (run_is_first_rank(run)) slots[i] = NEW_ARRAY(real, run->model->map.length);
    gradient_reduction_collect(run->reduction, optimizer_slot(run->optimizer, i), slots[i]);
  }
  return slots;
}

static Status write_checkpoint(Run *run, real **slots) {
  const char *names[OPTIMIZER_MOST_SLOTS];
  size_t n_slots = optimizer_slot_count(run->optimizer);
  for (size_t i = 0; i < n_slots; i++) names[i] = optimizer_slot_name(run->optimizer, i);
  CheckpointContent content = {.model = run->model,
                               .config = run->config_text,
                               .seed = (uint64_t)run->config.seed,
                               .shards = run->plan.n_shards,
                               .data_hash = run->data.hash,
                               .progress = &run->progress,
                               .history = &run->history,
                               .facts = &run->facts,
                               .parameters = run_parameters(run),
                               .optimizer = run->config.optimizer.kind->name,
                               .n_slots = n_slots,
                               .slot_names = names,
                               .slots = (const real *const *)slots};
  return run_folder_save(run->folder, &content, (size_t)run->config.checkpoint.keep);
}

Status run_save(Run *run) {
  real **slots = collect_slots(run);
  Status status = run_is_first_rank(run) ? write_checkpoint(run, slots) : OK;
  for (size_t i = 0; i < OPTIMIZER_MOST_SLOTS; i++) memory_release(slots[i]);
  memory_release(slots);
  return agree(run->communicator, status);
}
