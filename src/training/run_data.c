#include "training/run_data.h"

#include "data/class_names.h"
#include "data/transform.h"
#include "model/target.h"

static void read_sampler_rows(const void *context, uint64_t first, size_t n, real *x,
                              real *targets) {
  sampler_read(context, first, n, x, targets);
}

RowSource run_data_rows(const Sampler *sampler) {
  size_t target_width = sampler->samples->dataset->description.target_width;
  return (RowSource){.read = read_sampler_rows, .context = sampler, .target_width = target_width};
}

static Status check_set(const Model *model, const Dataset *dataset, bool needs_targets) {
  const DatasetDescription *description = &dataset->description;
  if (shape_count(&description->input_shape) != model_input_width(model)) {
    char found[SHAPE_TEXT_BYTES], expected[SHAPE_TEXT_BYTES];
    return fail(ERR_CONFIG, "%s: found samples of %s numbers, expected %s, as model.input says",
                description->name, shape_text(&description->input_shape, found),
                shape_text(&model->input, expected));
  }
  if (!needs_targets) return OK;
  if (description->target_width == 0) {
    return fail(ERR_CONFIG,
                "%s: found no targets, expected them for training and evaluation; name "
                "them in the configuration (targets: for idx, target: for csv)",
                description->name);
  }
  return target_check(model_loss(model), description->name, &dataset->targets,
                      model_output_width(model));
}

Status run_data_fit(const RunConfig *config, const Model *model, bool needs_targets,
                    Dataset *dataset) {
  if (dataset->description.target_width > 0) {
    TRY(dataset_apply_target_rule(&config->data.target_rule, dataset));
  }
  return check_set(model, dataset, needs_targets);
}

Status run_data_read_set(const RunConfig *config, const KindSetting *setting, const Model *model,
                         bool needs_targets, const SharedMemory *memory, Dataset *out) {
  TRY(memory ? dataset_read_shared(setting, config->folder, memory, out)
             : dataset_read(setting, config->folder, out));
  Status status = run_data_fit(config, model, needs_targets, out);
  /* Nobody goes on to the next data set alone. */
  if (memory) status = memory->agree(memory->context, status);
  if (status != OK) dataset_release(out);
  return status;
}

static Status split_train_set(const KindSetting *setting, uint64_t seed, RunData *data) {
  const SplitOptions *options = setting->options;
  const DatasetDescription *samples = &data->train_set.description;
  if (samples->n_samples < 2) {
    return fail(ERR_DATA,
                "%s: found 1 sample, expected 2 at least: data.validation.split keeps some back",
                samples->name);
  }
  Status status = options->stratified
                      ? split_stratified(&data->train_set, options->split, seed, &data->split)
                      : split_last(samples->n_samples, options->split, seed, &data->split);
  if (status != OK) return fail(status, "%s: %s", setting->place, status_message());
  data->train.part = data->split.training;
  data->validation.part = data->split.validation;
  return OK;
}

static Status read_validation(const RunConfig *config, const Model *model,
                              const SharedMemory *memory, RunData *data) {
  const KindSetting *setting = &config->data.validation;
  data->has_validation = setting->kind != NULL;
  if (!data->has_validation) return OK;
  if (setting->kind == &split_kind) {
    data->validation.dataset = &data->train_set;
    return split_train_set(setting, (uint64_t)config->seed, data);
  }
  TRY(run_data_read_set(config, setting, model, true, memory, &data->validation_set));
  data->validation.dataset = &data->validation_set;
  return dataset_match_classes(&data->train_set.description, &data->validation_set);
}

Status run_data_read(const RunConfig *config, const Model *model, const SharedMemory *memory,
                     RunData *out) {
  *out = (RunData){0};
  TRY(run_data_read_set(config, &config->data.train, model, true, memory, &out->train_set));
  dataset_hash(&out->train_set, out->hash);
  out->train = (Samples){.dataset = &out->train_set, .scale = config->data.scale};
  out->validation.scale = config->data.scale;
  Status status = read_validation(config, model, memory, out);
  if (status != OK) run_data_release(out);
  return status;
}

void run_data_release(RunData *data) {
  split_release(&data->split);
  dataset_release(&data->train_set);
  dataset_release(&data->validation_set);
  *data = (RunData){0};
}
