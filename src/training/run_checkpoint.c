/* The half of training/run.h that survives a run: taking from checkpoints, and saving them. */

#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "distributed/agreement.h"
#include "math/product.h"
#include "storage/run_folder.h"
#include "storage/tensor_fit.h"
#include "training/run.h"

/* Every rank has a whole vector; the first of each group sets it for the others. */
static Status set_parameters(Run *run, const real *values) {
  char hash[HASH_TEXT_BYTES];
  parameters_hash(&run->model->map, values, hash);
  TRY(agree_same(run->communicator, ERR_DATA, "the hash of the initial parameters", hash));
  if (run_writes_parameters(run)) {
    memcpy(gradient_reduction_parameters(run->reduction), values,
           run->model->map.length * sizeof(real));
  }
  gradient_reduction_share_parameters(run->reduction);
  return OK;
}

Status run_take_tensors(Run *run, const TensorList *tensors, const char *source) {
  real *values = NEW_ARRAY(real, run->model->map.length);
  Status status = agree(run->communicator, tensor_fit(tensors, source, &run->model->map, values));
  if (status == OK) status = set_parameters(run, values);
  memory_release(values);
  return status;
}

static Status resume_parameters(Run *run, const Checkpoint *checkpoint) {
  real *values = NEW_ARRAY(real, run->model->map.length);
  Status status =
      agree(run->communicator, checkpoint_read_parameters(checkpoint, &run->model->map, values));
  if (status == OK) status = set_parameters(run, values);
  memory_release(values);
  return status;
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
  TRY(resume_slots(run, checkpoint));
  TRY(resume_progress(run, checkpoint));
  copy_rows(&checkpoint_history(checkpoint)->epochs, &run->history.epochs);
  copy_rows(&checkpoint_history(checkpoint)->steps, &run->history.steps);
  copy_rows(&checkpoint_history(checkpoint)->histograms, &run->history.histograms);
  return OK;
}

Status run_resume(Run *run, const Checkpoint *checkpoint) {
  TRY(agree(run->communicator, check_resume(run, checkpoint)));
  TRY(resume_parameters(run, checkpoint));
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
  /* The loss may stay finite for a while without them: a unit that is dead has no part in it. */
  if (!parameters_are_finite(&run->model->map, run_parameters(run))) {
    return run_fail_diverged(run, run->progress.step, "a parameter was not finite any more");
  }
  const char *names[OPTIMIZER_MOST_SLOTS];
  size_t n_slots = optimizer_slot_count(run->optimizer);
  for (size_t i = 0; i < n_slots; i++) names[i] = optimizer_slot_name(run->optimizer, i);
  const DatasetDescription *samples = &run->data.train_set.description;
  CheckpointContent content = {.model = run->model,
                               .config = run->config_text,
                               .seed = (uint64_t)run->config.seed,
                               .shards = run->plan.n_shards,
                               .data_hash = run->data.hash,
                               .n_class_names = samples->n_class_names,
                               .class_names = (const char *const *)samples->class_names,
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
