/* The writing half of storage/checkpoint.h. */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/file.h"
#include "io/h5.h"
#include "storage/checkpoint.h"
#include "storage/checkpoint_layout.h"
#include "storage/keras_model.h"

static void write_progress(H5File *file, const CheckpointContent *content) {
  const Progress *progress = content->progress;
  char hash[HASH_TEXT_BYTES];
  parameters_hash(&content->model->map, content->parameters, hash);

  h5_add_group(file, GROUP_STATE);
  h5_set_whole(file, GROUP_STATE, "step", (int64_t)progress->step);
  h5_set_whole(file, GROUP_STATE, "epoch", (int64_t)progress->epoch);
  h5_set_whole(file, GROUP_STATE, "epoch_step", (int64_t)progress->epoch_step);
  h5_set_whole(file, GROUP_STATE, "samples_seen", (int64_t)progress->samples_seen);
  h5_set_real(file, GROUP_STATE, "epoch_weight", progress->epoch_weight);
  h5_set_real(file, GROUP_STATE, "epoch_seconds", progress->epoch_seconds);
  h5_set_real(file, GROUP_STATE, "noise_variance", progress->noise.variance);
  h5_set_real(file, GROUP_STATE, "noise_gradient", progress->noise.gradient);
  h5_set_whole(file, GROUP_STATE, "seed", (int64_t)content->seed);
  h5_set_whole(file, GROUP_STATE, "shards", (int64_t)content->shards);
  h5_set_text(file, GROUP_STATE, "parameter_hash", hash);
  h5_set_text(file, GROUP_STATE, "data_hash", content->data_hash);
  h5_add_array(file, DATASET_EPOCH_SUMS, DTYPE_F64, &(Shape){1, {progress->n_sums}},
               progress->epoch_sums);
}

/* A row of the map of the flat vector. */
typedef struct TensorRecord {
  char layer[TENSOR_NAME_BYTES];
  char name[TENSOR_NAME_BYTES];
  char role[16];
  char dtype[16];
  char shape[SHAPE_TEXT_BYTES];
  int64_t offset; /* in the flat vectors of this file, which have no padding */
  int64_t count;
} TensorRecord;

static void write_parameter_map(H5File *file, const ParameterMap *map) {
  static const H5Column columns[] = {
      {"layer", offsetof(TensorRecord, layer), TENSOR_NAME_BYTES},
      {"name", offsetof(TensorRecord, name), TENSOR_NAME_BYTES},
      {"role", offsetof(TensorRecord, role), 16},
      {"dtype", offsetof(TensorRecord, dtype), 16},
      {"shape", offsetof(TensorRecord, shape), SHAPE_TEXT_BYTES},
      {"offset", offsetof(TensorRecord, offset), 0},
      {"count", offsetof(TensorRecord, count), 0},
  };
  TensorRecord *records = NEW_ARRAY(TensorRecord, map->n_tensors);
  size_t offset = 0;
  for (size_t i = 0; i < map->n_tensors; i++) {
    const ParameterTensor *tensor = &map->tensors[i];
    TensorRecord *record = &records[i];
    memcpy(record->layer, tensor->layer, TENSOR_NAME_BYTES);
    memcpy(record->name, tensor->name, TENSOR_NAME_BYTES);
    strcpy(record->role, "trainable");
    strcpy(record->dtype, "float32");
    shape_text(&tensor->shape, record->shape);
    record->offset = (int64_t)offset;
    record->count = (int64_t)tensor->count;
    offset += tensor->count;
  }
  h5_add_table(file, DATASET_PARAMETERS, columns, sizeof columns / sizeof *columns, records,
               map->n_tensors, sizeof *records);
  memory_release(records);
}

static void write_slot(H5File *file, const ParameterMap *map, const char *name,
                       const real *values) {
  float *packed = NEW_ARRAY(float, map->count);
  size_t at = 0;
  for (size_t t = 0; t < map->n_tensors; t++) {
    const real *from = values + map->tensors[t].offset;
    for (size_t i = 0; i < map->tensors[t].count; i++) packed[at++] = (float)from[i];
  }
  char path[128];
  snprintf(path, sizeof path, GROUP_OPTIMIZER "/%s", name);
  h5_add_array(file, path, DTYPE_F32, &(Shape){1, {map->count}}, packed);
  memory_release(packed);
}

static void write_optimizer(H5File *file, const CheckpointContent *content) {
  h5_add_group(file, GROUP_OPTIMIZER);
  h5_set_text(file, GROUP_OPTIMIZER, "name", content->optimizer);
  h5_set_whole(file, GROUP_OPTIMIZER, "iteration", (int64_t)content->progress->step);
  for (size_t i = 0; i < content->n_slots; i++) {
    write_slot(file, &content->model->map, content->slot_names[i], content->slots[i]);
  }
}

/* What a column holds, for whoever opens the file. */
static const char *column_meaning(const char *name) {
  static const struct {
    const char *name, *meaning;
  } meanings[] = {
      {"epoch", "finished epochs"},
      {"step", "finished updates"},
      {"seconds", "s, training of this epoch and nothing else"},
      {"learning_rate", "of the latest update"},
      {"loss", "mean over the samples as they were trained on"},
      {"val_loss", "on the validation samples, after the epoch"},
      {"gradient_noise_scale", "samples; batches well above it repeat themselves"},
      {"tensor", "row of /lockstep/parameters"},
      {"of_gradient",
       "1: of the gradient at the last step of the epoch; 0: of the weights after it"},
      {"minimum", "of the finite elements"},
      {"maximum", "of the finite elements"},
      {"seconds_computing", "s, gradients of this step on rank 0"},
      {"seconds_reducing", "s, sum, update and publication of this step on rank 0"},
  };
  for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
    if (strcmp(meanings[i].name, name) == 0) return meanings[i].meaning;
  }
  if (strncmp(name, "count_", 6) == 0) return "elements in this bucket, of equal widths";
  return strncmp(name, "val_", 4) == 0 ? "on the validation samples, after the epoch"
                                       : "over the samples as they were trained on";
}

static bool holds_whole_numbers(const char *column) {
  static const char *const names[] = {"epoch", "step", "tensor", "of_gradient"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(names[i], column) == 0) return true;
  }
  return strncmp(column, "count_", 6) == 0;
}

static void write_column(H5File *file, const char *group, const MetricTable *table, size_t column) {
  const char *name = table->names[column];
  bool is_whole = holds_whole_numbers(name);
  double *reals = NEW_ARRAY(double, table->n_rows);
  int64_t *wholes = NEW_ARRAY(int64_t, table->n_rows);
  for (size_t row = 0; row < table->n_rows; row++) {
    reals[row] = metric_table_at(table, row, column);
    if (is_whole) wholes[row] = (int64_t)reals[row];
  }
  char path[160];
  snprintf(path, sizeof path, "%s/%s", group, name);
  h5_add_array(file, path, is_whole ? DTYPE_I64 : DTYPE_F64, &(Shape){1, {table->n_rows}},
               is_whole ? (void *)wholes : (void *)reals);
  h5_set_text(file, path, "meaning", column_meaning(name));
  memory_release(reals);
  memory_release(wholes);
}

static void write_table(H5File *file, const char *group, const MetricTable *table) {
  h5_add_group(file, group);
  for (size_t i = 0; i < table->n_columns; i++) write_column(file, group, table, i);
  const char *names[METRIC_MOST_COLUMNS];
  for (size_t i = 0; i < table->n_columns; i++) names[i] = table->names[i];
  h5_set_texts(file, group, "columns", table->n_columns, names);
}

static void write_facts(H5File *file, const RunFacts *facts) {
  h5_add_group(file, GROUP_RUN);
  h5_set_whole(file, GROUP_RUN, "ranks", facts->ranks);
  h5_set_whole(file, GROUP_RUN, "ranks_per_node", facts->ranks_per_node);
  h5_set_whole(file, GROUP_RUN, "hosts", facts->hosts);
  h5_set_text(file, GROUP_RUN, "host", facts->host);
  h5_set_text(file, GROUP_RUN, "engine", facts->engine);
  h5_set_text(file, GROUP_RUN, "kernel_family", facts->kernel_family);
  h5_set_text(file, GROUP_RUN, "mpi", facts->mpi);
  h5_set_text(file, GROUP_RUN, "hdf5", h5_version());
  h5_set_text(file, GROUP_RUN, "command_line", facts->command_line);
  h5_set_text(file, GROUP_RUN, "config_folder", facts->config_folder);
  h5_set_text(file, GROUP_RUN, "created", facts->created);
}

/* Not there where targets are numbers. */
static void write_class_names(H5File *file, const CheckpointContent *content) {
  if (content->n_class_names == 0) return;
  h5_add_group(file, GROUP_CLASSES);
  h5_set_texts(file, GROUP_CLASSES, "names", content->n_class_names, content->class_names);
}

static void write_everything(H5File *file, const CheckpointContent *content) {
  keras_model_write(file, content->model, content->parameters);
  h5_add_group(file, GROUP_LOCKSTEP);
  h5_set_whole(file, GROUP_LOCKSTEP, "format", CHECKPOINT_FORMAT);
  h5_set_text(file, GROUP_LOCKSTEP, "version", LOCKSTEP_VERSION);
  h5_add_text(file, DATASET_CONFIG, content->config);
  write_class_names(file, content);
  write_progress(file, content);
  write_optimizer(file, content);
  write_parameter_map(file, &content->model->map);
  h5_add_group(file, GROUP_METRICS);
  write_table(file, GROUP_EPOCH_METRICS, &content->history->epochs);
  write_table(file, GROUP_STEP_METRICS, &content->history->steps);
  /* Most columns of all, and a run may do without. */
  if (content->history->histograms.n_rows > 0) {
    write_table(file, GROUP_HISTOGRAMS, &content->history->histograms);
  }
  write_facts(file, content->facts);
}

Status checkpoint_write(const char *path, const CheckpointContent *content) {
  if (!parameters_are_finite(&content->model->map, content->parameters)) {
    return fail(ERR_DIVERGED, "%s: not saved: a parameter is not finite", path);
  }
  H5File *file = h5_begin(USER_BLOCK_BYTES);
  write_everything(file, content);
  char *bytes;
  size_t count;
  h5_finish(file, &bytes, &count);

  UserBlock block = {.step = content->progress->step,
                     .epoch = content->progress->epoch,
                     .rest_bytes = count - USER_BLOCK_BYTES};
  hash_bytes(block.rest_hash, bytes + USER_BLOCK_BYTES, count - USER_BLOCK_BYTES);
  user_block_write(&block, bytes);
  Status status = file_write(path, bytes, count);
  memory_release(bytes);
  return status;
}
