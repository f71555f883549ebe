/* The reading half of storage/checkpoint.h. */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "io/file.h"
#include "io/h5.h"
#include "storage/checkpoint.h"
#include "storage/checkpoint_layout.h"
#include "storage/keras_model.h"

struct Checkpoint {
  char *path;
  char *bytes;
  size_t n_bytes;
  H5File *file;
  char *config;
  size_t n_class_names;
  char **class_names;
  char *optimizer;
  char *data_hash;
  char *parameter_hash;
  Progress progress;
  History history;
  RunFacts facts; /* its texts are owned here */
};

static Status read_count(const H5File *file, const char *path, const char *name, uint64_t *out) {
  int64_t value = 0;
  TRY(h5_get_whole(file, path, name, &value));
  *out = (uint64_t)value;
  return OK;
}

/* Files of before the noise was measured lack it. */
static Status read_noise(const H5File *file, NoiseScale *noise) {
  if (!h5_has_attribute(file, GROUP_STATE, "noise_variance")) return OK;
  TRY(h5_get_real(file, GROUP_STATE, "noise_variance", &noise->variance));
  return h5_get_real(file, GROUP_STATE, "noise_gradient", &noise->gradient);
}

static Status read_progress(Checkpoint *checkpoint) {
  const H5File *file = checkpoint->file;
  Progress *progress = &checkpoint->progress;
  TRY(read_count(file, GROUP_STATE, "step", &progress->step));
  TRY(read_count(file, GROUP_STATE, "epoch", &progress->epoch));
  TRY(read_count(file, GROUP_STATE, "epoch_step", &progress->epoch_step));
  TRY(read_count(file, GROUP_STATE, "samples_seen", &progress->samples_seen));
  TRY(h5_get_real(file, GROUP_STATE, "epoch_weight", &progress->epoch_weight));
  TRY(h5_get_real(file, GROUP_STATE, "epoch_seconds", &progress->epoch_seconds));
  TRY(read_noise(file, &progress->noise));
  TRY(h5_get_text(file, GROUP_STATE, "parameter_hash", &checkpoint->parameter_hash));
  TRY(h5_get_text(file, GROUP_STATE, "data_hash", &checkpoint->data_hash));

  Array sums;
  TRY(h5_read_array(file, DATASET_EPOCH_SUMS, DTYPE_F64, &sums));
  progress->n_sums = shape_count(&sums.shape);
  progress->epoch_sums = sums.values;
  return OK;
}

static Status read_column(const Checkpoint *checkpoint, const char *group, MetricTable *table,
                          size_t column, Array *out) {
  char path[160];
  snprintf(path, sizeof path, "%s/%s", group, table->names[column]);
  TRY(h5_read_array(checkpoint->file, path, DTYPE_F64, out));
  size_t n_rows = shape_count(&out->shape);
  if (column > 0 && n_rows != table->n_rows) {
    return fail(ERR_DATA, "%s: %s: found %zu rows, expected %zu", checkpoint->path, path, n_rows,
                table->n_rows);
  }
  table->n_rows = n_rows;
  return OK;
}

static Status read_table(const Checkpoint *checkpoint, const char *group, MetricTable *table) {
  char **names;
  size_t count;
  TRY(h5_get_texts(checkpoint->file, group, "columns", &names, &count));
  Array columns[METRIC_MOST_COLUMNS] = {{0}};
  Status status = OK;
  for (size_t i = 0; i < count && i < METRIC_MOST_COLUMNS; i++) {
    metric_table_add_column(table, names[i]);
  }
  h5_release_texts(names, count);

  MetricTable read = *table;
  for (size_t i = 0; i < read.n_columns && status == OK; i++) {
    status = read_column(checkpoint, group, &read, i, &columns[i]);
  }
  for (size_t row = 0; row < read.n_rows && status == OK; row++) {
    double values[METRIC_MOST_COLUMNS];
    for (size_t i = 0; i < read.n_columns; i++) values[i] = array_at(&columns[i], row);
    metric_table_append(table, values);
  }
  for (size_t i = 0; i < read.n_columns; i++) array_release(&columns[i]);
  return status;
}

/* The texts of RunFacts are const for everyone else. */
static Status read_fact(const H5File *file, const char *name, const char **out) {
  char *text;
  TRY(h5_get_text(file, GROUP_RUN, name, &text));
  *out = text;
  return OK;
}

static Status read_facts(Checkpoint *checkpoint) {
  const H5File *file = checkpoint->file;
  RunFacts *facts = &checkpoint->facts;
  TRY(h5_get_whole(file, GROUP_RUN, "ranks", &facts->ranks));
  TRY(h5_get_whole(file, GROUP_RUN, "ranks_per_node", &facts->ranks_per_node));
  TRY(h5_get_whole(file, GROUP_RUN, "hosts", &facts->hosts));
  TRY(read_fact(file, "host", &facts->host));
  TRY(read_fact(file, "engine", &facts->engine));
  TRY(read_fact(file, "kernel_family", &facts->kernel_family));
  TRY(read_fact(file, "mpi", &facts->mpi));
  TRY(read_fact(file, "command_line", &facts->command_line));
  TRY(read_fact(file, "config_folder", &facts->config_folder));
  return read_fact(file, "created", &facts->created);
}

static Status read_class_names(Checkpoint *checkpoint) {
  if (!h5_has(checkpoint->file, GROUP_CLASSES)) return OK;
  return h5_get_texts(checkpoint->file, GROUP_CLASSES, "names", &checkpoint->class_names,
                      &checkpoint->n_class_names);
}

static Status read_everything(Checkpoint *checkpoint) {
  TRY(h5_read_text(checkpoint->file, DATASET_CONFIG, &checkpoint->config));
  TRY(h5_get_text(checkpoint->file, GROUP_OPTIMIZER, "name", &checkpoint->optimizer));
  TRY(read_class_names(checkpoint));
  TRY(read_progress(checkpoint));
  TRY(read_table(checkpoint, GROUP_EPOCH_METRICS, &checkpoint->history.epochs));
  TRY(read_table(checkpoint, GROUP_STEP_METRICS, &checkpoint->history.steps));
  if (h5_has(checkpoint->file, GROUP_HISTOGRAMS)) {
    TRY(read_table(checkpoint, GROUP_HISTOGRAMS, &checkpoint->history.histograms));
  }
  return read_facts(checkpoint);
}

bool checkpoint_recognise(const char *path) {
  char title[sizeof USER_BLOCK_TITLE - 1];
  struct stat facts;
  bool is_file =
      stat(path, &facts) == 0 && S_ISREG(facts.st_mode); /* a pipe would lose its bytes */
  FILE *file = is_file ? fopen(path, "rb") : NULL;
  if (!file) return false;
  bool is_checkpoint = fread(title, 1, sizeof title, file) == sizeof title &&
                       memcmp(title, USER_BLOCK_TITLE, sizeof title) == 0;
  fclose(file);
  return is_checkpoint;
}

Status checkpoint_open(const char *path, Checkpoint **out) {
  *out = NULL;
  Checkpoint *checkpoint = NEW(Checkpoint);
  checkpoint->path = memory_copy_text(path);
  UserBlock block;
  Status status = OK;
  TRY_TO(failed, file_read(path, &checkpoint->bytes, &checkpoint->n_bytes));
  TRY_TO(failed, user_block_verify(checkpoint->bytes, checkpoint->n_bytes, path, &block));
  TRY_TO(failed, h5_open(checkpoint->bytes, checkpoint->n_bytes, path, &checkpoint->file));
  TRY_TO(failed, read_everything(checkpoint));
  *out = checkpoint;
  return OK;

failed:
  checkpoint_close(checkpoint);
  return status;
}

static void release_facts(RunFacts *facts) {
  const char *const texts[] = {facts->host,   facts->engine,       facts->kernel_family,
                               facts->mpi,    facts->command_line, facts->config_folder,
                               facts->created};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    memory_release((void *)(uintptr_t)texts[i]);
}

void checkpoint_close(Checkpoint *checkpoint) {
  if (!checkpoint) return;
  h5_close(checkpoint->file);
  release_facts(&checkpoint->facts);
  history_release(&checkpoint->history);
  memory_release(checkpoint->progress.epoch_sums);
  memory_release(checkpoint->parameter_hash);
  memory_release(checkpoint->data_hash);
  memory_release(checkpoint->optimizer);
  for (size_t i = 0; i < checkpoint->n_class_names; i++) {
    memory_release(checkpoint->class_names[i]);
  }
  memory_release(checkpoint->class_names);
  memory_release(checkpoint->config);
  memory_release(checkpoint->bytes);
  memory_release(checkpoint->path);
  memory_release(checkpoint);
}

const char *checkpoint_path(const Checkpoint *checkpoint) {
  return checkpoint->path;
}

const char *checkpoint_bytes(const Checkpoint *checkpoint, size_t *count) {
  *count = checkpoint->n_bytes;
  return checkpoint->bytes;
}

const char *checkpoint_config(const Checkpoint *checkpoint) {
  return checkpoint->config;
}

const char *const *checkpoint_class_names(const Checkpoint *checkpoint, size_t *count) {
  *count = checkpoint->n_class_names;
  return (const char *const *)checkpoint->class_names;
}

const char *checkpoint_data_hash(const Checkpoint *checkpoint) {
  return checkpoint->data_hash;
}

const char *checkpoint_parameter_hash(const Checkpoint *checkpoint) {
  return checkpoint->parameter_hash;
}

const char *checkpoint_optimizer(const Checkpoint *checkpoint) {
  return checkpoint->optimizer;
}

const Progress *checkpoint_progress(const Checkpoint *checkpoint) {
  return &checkpoint->progress;
}

const History *checkpoint_history(const Checkpoint *checkpoint) {
  return &checkpoint->history;
}

const RunFacts *checkpoint_facts(const Checkpoint *checkpoint) {
  return &checkpoint->facts;
}

Status checkpoint_read_parameters(const Checkpoint *checkpoint, const ParameterMap *map,
                                  real *parameters) {
  for (size_t t = 0; t < map->n_tensors; t++) {
    const ParameterTensor *tensor = &map->tensors[t];
    char path[KERAS_PATH_BYTES];
    if (!h5_has(checkpoint->file, keras_tensor_path(tensor, path))) {
      return fail(ERR_DATA, "%s: another model: it has no tensor %s of a layer %s",
                  checkpoint->path, tensor->name, tensor->layer);
    }
    Array values;
    TRY(h5_read_array(checkpoint->file, path, DTYPE_F32, &values));
    bool fits = shape_is_same(&values.shape, &tensor->shape);
    for (size_t i = 0; fits && i < tensor->count; i++) {
      parameters[tensor->offset + i] = ((const float *)values.values)[i];
    }
    char found[SHAPE_TEXT_BYTES], expected[SHAPE_TEXT_BYTES];
    shape_text(&values.shape, found);
    array_release(&values);
    if (!fits) {
      return fail(ERR_DATA, "%s: another model: found the shape %s for %s of layer %s, expected %s",
                  checkpoint->path, found, tensor->name, tensor->layer,
                  shape_text(&tensor->shape, expected));
    }
  }
  return OK;
}

Status checkpoint_read_slot(const Checkpoint *checkpoint, const ParameterMap *map, const char *slot,
                            real *values) {
  char path[128];
  snprintf(path, sizeof path, GROUP_OPTIMIZER "/%s", slot);
  Array packed;
  TRY(h5_read_array(checkpoint->file, path, DTYPE_F32, &packed));
  size_t found = shape_count(&packed.shape), at = 0;
  for (size_t t = 0; found == map->count && t < map->n_tensors; t++) {
    real *to = values + map->tensors[t].offset;
    for (size_t i = 0; i < map->tensors[t].count; i++) to[i] = ((float *)packed.values)[at++];
  }
  array_release(&packed);
  if (found != map->count) {
    return fail(ERR_DATA, "%s: %s: found %zu elements, expected %zu", checkpoint->path, path, found,
                map->count);
  }
  return OK;
}

Status checkpoint_walk(const Checkpoint *checkpoint, H5Visitor visit, void *context) {
  return h5_walk(checkpoint->file, visit, context);
}
