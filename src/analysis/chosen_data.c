#include "analysis/chosen_data.h"

#include <string.h>

#include "base/log.h"
#include "data/class_names.h"

const char *const data_choice_names[] = {"train", "validation", "test", NULL};

static const KindSetting *setting_of(const DataSettings *data, DataChoice choice) {
  return choice == DATA_TRAIN        ? &data->train
         : choice == DATA_VALIDATION ? &data->validation
                                     : &data->test;
}

void chosen_data_add_files(const TrainedModel *model, TextList *out) {
  for (DataChoice choice = DATA_TRAIN; choice < DATA_DEFAULT; choice++) {
    dataset_add_files(setting_of(&model->config.data, choice), model->config.folder, out);
  }
}

/* Settles what the default is; fails where the configuration lacks the data. */
static Status resolve_choice(const TrainedModel *model, DataChoice *choice) {
  const DataSettings *data = &model->config.data;
  if (*choice == DATA_DEFAULT) {
    *choice = data->test.kind ? DATA_TEST : data->validation.kind ? DATA_VALIDATION : DATA_TRAIN;
  }
  if (setting_of(data, *choice)->kind) return OK;
  return fail(ERR_CONFIG, "%s: data.%s: the stored configuration has none; set it with --set",
              checkpoint_path(model->checkpoint), data_choice_names[*choice]);
}

/* The index of a class is its place among the names of the training samples, which the checkpoint
 * knows; samples without text targets get the names alone. */
static Status name_classes(const TrainedModel *model, Dataset *set) {
  DatasetDescription known = {.name = (char *)checkpoint_path(model->checkpoint)};
  known.class_names = (char **)checkpoint_class_names(model->checkpoint, &known.n_class_names);
  if (set->description.n_class_names > 0) return dataset_match_classes(&known, set);
  if (known.n_class_names > 0) dataset_take_class_names(&known, &set->description);
  return OK;
}

/* What is said of samples that the model has seen, or that were kept from it, holds only for those
 * of the training. */
static void warn_of_change(const TrainedModel *model, const char *hash) {
  if (strcmp(hash, checkpoint_data_hash(model->checkpoint)) == 0) return;
  log_warning("data.train has changed since the training: found samples with the hash %s, but %s "
              "was trained on %s",
              hash, checkpoint_path(model->checkpoint), checkpoint_data_hash(model->checkpoint));
}

static Status read_part_of_training(const TrainedModel *model, DataChoice choice, ChosenData *out) {
  TRY(run_data_read(&model->config, model->model, NULL, &out->run));
  warn_of_change(model, out->run.hash);
  out->samples = choice == DATA_TRAIN ? out->run.train : out->run.validation;
  return OK;
}

static Status read_choice(const TrainedModel *model, DataChoice choice, ChosenData *out) {
  const RunConfig *config = &model->config;
  TRY(resolve_choice(model, &choice));
  out->name = data_choice_names[choice];
  bool is_split = config->data.validation.kind == &split_kind;
  if (is_split && choice != DATA_TEST) return read_part_of_training(model, choice, out);

  TRY(run_data_read_set(config, setting_of(&config->data, choice), model->model, true, NULL,
                        &out->set));
  out->samples = (Samples){.dataset = &out->set, .scale = config->data.scale};
  if (choice == DATA_TRAIN) {
    char hash[HASH_TEXT_BYTES];
    dataset_hash(&out->set, hash); /* before text targets are matched, as in training */
    warn_of_change(model, hash);
  }
  return name_classes(model, &out->set);
}

Status chosen_data_read(const TrainedModel *model, DataChoice choice, ChosenData *out) {
  *out = (ChosenData){0};
  Status status = read_choice(model, choice, out);
  if (status != OK) chosen_data_release(out);
  return status;
}

/* A file of the command line that does not fit is to blame itself, not the configuration. */
static Status check_width(const TrainedModel *model, const DatasetDescription *description) {
  size_t found = shape_count(&description->input_shape);
  size_t expected = model_input_width(model->model);
  if (found == expected) return OK;
  return fail(ERR_DATA, "%s: found samples of %zu numbers, expected %zu, the model's inputs alone",
              description->name, found, expected);
}

static Status read_files(const TrainedModel *model, const KindSetting *setting, bool needs_targets,
                         ChosenData *out) {
  const RunConfig *config = &model->config;
  TRY(dataset_read(setting, ".", &out->set));
  out->name = out->set.description.name;
  out->samples = (Samples){.dataset = &out->set, .scale = config->data.scale};
  TRY(check_width(model, &out->set.description));
  TRY(run_data_fit(config, model->model, needs_targets, &out->set));
  return name_classes(model, &out->set);
}

Status chosen_data_read_files(const TrainedModel *model, const KindSetting *setting,
                              bool needs_targets, ChosenData *out) {
  *out = (ChosenData){0};
  Status status = read_files(model, setting, needs_targets, out);
  if (status != OK) chosen_data_release(out);
  return status;
}

void chosen_data_release(ChosenData *data) {
  run_data_release(&data->run);
  dataset_release(&data->set);
  *data = (ChosenData){0};
}
