#include "model/model.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

const Option model_options[] = {
    {.key = "input",
     .type = OPTION_INT_LIST,
     .offset = offsetof(ModelSettings, input),
     .min = 1,
     .max = 1e9,
     .identity = true,
     .help = "numbers per sample, or a shape such as [28, 28, 1]"},
    {.key = "layers",
     .type = OPTION_KIND_LIST,
     .offset = offsetof(ModelSettings, layers),
     .kinds = &layer_kinds,
     .identity = true,
     .help = "from input to output, each a kind with its options"},
    {.key = NULL},
};

/* "dense", "dense_1", ...: the kind's name, and a number from the second layer of that name on. */
static void name_layer(const Model *model, Layer *layer) {
  const LayerOptions *common = layer->setting->options;
  if (common->name) {
    snprintf(layer->name, sizeof layer->name, "%s", common->name);
    return;
  }
  const char *base = layer->setting->kind->name;
  size_t earlier = 0;
  for (const Layer *other = model->layers; other < layer; other++) {
    if (other->setting->kind == layer->setting->kind) earlier++;
  }
  if (earlier == 0) {
    snprintf(layer->name, sizeof layer->name, "%s", base);
  } else {
    snprintf(layer->name, sizeof layer->name, "%s_%zu", base, earlier);
  }
}

/* True for the name under which a checkpoint may keep a layer's activation by itself. */
static bool is_activation_of(const char *name, const char *layer) {
  size_t length = strlen(layer);
  return strncmp(name, layer, length) == 0 && strcmp(name + length, "_activation") == 0;
}

static Status check_name(const Model *model, const Layer *layer) {
  for (const Layer *other = model->layers; other < layer; other++) {
    if (strcmp(other->name, layer->name) == 0) {
      return fail(ERR_CONFIG, "%s: a second layer named '%s'", layer->setting->place, layer->name);
    }
    if (is_activation_of(layer->name, other->name) || is_activation_of(other->name, layer->name)) {
      return fail(ERR_CONFIG,
                  "%s: found the names '%s' and '%s', of which a checkpoint needs one "
                  "for the other's activation",
                  layer->setting->place, other->name, layer->name);
    }
  }
  bool is_dots = strcmp(layer->name, ".") == 0 || strcmp(layer->name, "..") == 0;
  if (!*layer->name || is_dots || strchr(layer->name, '/')) {
    return fail(ERR_CONFIG, "%s: found the name '%s', expected text without '/', not '.'",
                layer->setting->place, layer->name);
  }
  return OK;
}

static Status add_layer(Model *model, const KindSetting *setting) {
  Layer *layer = &model->layers[model->n_layers];
  layer->kind = (const LayerKind *)setting->kind;
  layer->setting = setting;
  layer->index = (uint32_t)model->n_layers;
  name_layer(model, layer);
  TRY(check_name(model, layer));

  layer->input = layer->index ? layer[-1].output : model->input;
  layer->input_width = shape_count(&layer->input);
  model->n_layers++;
  TRY(layer->kind->shape(layer, &model->map));
  layer->output_width = shape_count(&layer->output);
  return OK;
}

/* Leaves the last activation to the loss where the two have a safe form together. */
static void link_loss(Model *model) {
  const char *link = model_loss(model)->link;
  Layer *last = &model->layers[model->n_layers - 1];
  bool linked = link && last->activation && strcmp(last->activation->kind->name, link) == 0;
  /* Over several dimensions softmax works on the last one; the loss would take the whole sample. */
  if (linked && last->output.n_dims == 1) {
    model->output_activation = last->activation;
    last->activation = NULL;
  }
}

static Status check_metrics(const KindList *metrics) {
  for (size_t i = 0; i < metrics->count; i++) {
    for (size_t j = 0; j < i; j++) {
      if (metrics->items[i].kind != metrics->items[j].kind) continue;
      return fail(ERR_CONFIG, "%s: %s stands twice", metrics->items[i].place,
                  metrics->items[i].kind->name);
    }
  }
  return OK;
}

static void choose_metrics(Model *model, const KindList *metrics) {
  model->n_metrics = metrics->count ? metrics->count : 1;
  model->metrics = NEW_ARRAY(const MetricKind *, model->n_metrics);
  model->metrics[0] = metric_default(model_loss(model));
  for (size_t i = 0; i < metrics->count; i++) {
    model->metrics[i] = (const MetricKind *)metrics->items[i].kind;
  }
}

Status model_create(const ModelSettings *settings, const KindSetting *loss, const KindList *metrics,
                    Model **out) {
  *out = NULL;
  TRY(check_metrics(metrics));
  if (settings->layers.count == 0) {
    return fail(ERR_CONFIG, "model.layers: found no layer, expected at least one");
  }
  if (settings->input.count == 0 || settings->input.count > SHAPE_MOST_DIMS) {
    return fail(ERR_CONFIG, "model.input: found %zu dimensions, expected 1 to %d",
                settings->input.count, SHAPE_MOST_DIMS);
  }

  Model *model = NEW(Model);
  model->loss = loss;
  model->input.n_dims = settings->input.count;
  for (size_t i = 0; i < settings->input.count; i++) {
    model->input.dims[i] = (size_t)settings->input.values[i];
  }
  model->layers = NEW_ARRAY(Layer, settings->layers.count);
  for (size_t i = 0; i < settings->layers.count; i++) {
    Status status = add_layer(model, &settings->layers.items[i]);
    if (status != OK) {
      model_destroy(model);
      return status;
    }
  }
  link_loss(model);
  choose_metrics(model, metrics);
  *out = model;
  return OK;
}

void model_destroy(Model *model) {
  if (!model) return;
  memory_release(model->layers);
  memory_release(model->metrics);
  parameter_map_release(&model->map);
  memory_release(model);
}

const LossKind *model_loss(const Model *model) {
  return (const LossKind *)model->loss->kind;
}

size_t model_input_width(const Model *model) {
  return shape_count(&model->input);
}

size_t model_output_width(const Model *model) {
  return model->layers[model->n_layers - 1].output_width;
}

size_t model_layer_parameters(const Model *model, const Layer *layer) {
  size_t count = 0;
  for (size_t i = 0; i < layer->n_tensors; i++) {
    count += model->map.tensors[layer->tensors[i].index].count;
  }
  return count;
}

const KindSetting *model_activation(const Model *model, size_t layer) {
  bool is_last = layer + 1 == model->n_layers;
  return is_last && model->output_activation ? model->output_activation
                                             : model->layers[layer].activation;
}

size_t model_sum_count(const Model *model) {
  return 1 + model->n_metrics;
}

void model_initialize(const Model *model, uint64_t seed, real *parameters) {
  memset(parameters, 0, model->map.length * sizeof(real));
  for (size_t i = 0; i < model->n_layers; i++) {
    const Layer *layer = &model->layers[i];
    for (size_t t = 0; t < layer->n_tensors; t++) {
      const LayerTensor *tensor = &layer->tensors[t];
      RandomStream stream = {
          .seed = seed, .purpose = RANDOM_WEIGHTS, .stream = (uint32_t)tensor->index};
      InitializerTarget target = {.stream = stream,
                                  .fan_in = tensor->fan_in,
                                  .fan_out = tensor->fan_out,
                                  .count = model->map.tensors[tensor->index].count,
                                  .values = parameters + tensor->offset};
      const InitializerKind *kind = (const InitializerKind *)tensor->initializer->kind;
      kind->fill(tensor->initializer->options, &target);
    }
  }
}

LayerPass model_pass(const Workspace *workspace, const real *parameters, size_t layer,
                     const RowRun *run) {
  return (LayerPass){
      .program = run->program,
      .n_rows = shard_program_rows(run->program),
      .training = run->training,
      .seed = run->seed,
      .epoch = run->epoch,
      .first_position = run->first_position,
      .parameters = parameters,
      .x = layer ? workspace->y[layer - 1] : workspace->x,
      .y = workspace->y[layer],
      .cache = workspace->cache[layer],
      .dy = workspace->dy[layer],
      .dx = layer ? workspace->dy[layer - 1] : NULL,
      .scratch = workspace->scratch,
  };
}

void model_forward(const Model *model, const Workspace *workspace, const real *parameters,
                   const RowRun *run) {
  for (size_t i = 0; i < model->n_layers; i++) {
    LayerPass pass = model_pass(workspace, parameters, i, run);
    model->layers[i].kind->forward(&model->layers[i], &pass);
  }

  size_t n = shard_program_rows(run->program), m = model_output_width(model);
  const real *output = workspace->y[model->n_layers - 1];
  if (model->output_activation) {
    activation_forward(model->output_activation, n, m, output, workspace->prediction);
  } else {
    memcpy(workspace->prediction, output, n * m * sizeof(real));
  }
}

void model_score(const Model *model, const Workspace *workspace, size_t n, real *gradient) {
  const LossKind *loss = model_loss(model);
  size_t m = model_output_width(model);
  LossPass pass = {.n = n,
                   .m = m,
                   .from_logits = model->output_activation != NULL,
                   .output = workspace->y[model->n_layers - 1],
                   .target = workspace->target,
                   .losses = workspace->values,
                   .gradient = gradient};
  loss->evaluate(model->loss->options, &pass);

  for (size_t i = 0; i < model->n_metrics; i++) {
    MetricPass metric = {.n = n,
                         .m = m,
                         .prediction = workspace->prediction,
                         .target = workspace->target,
                         .threshold = loss->threshold,
                         .values = workspace->values + (1 + i) * n};
    model->metrics[i]->evaluate(&metric);
  }
}

void model_add_sums(const Model *model, const Workspace *workspace, size_t n, Range rows,
                    double *sums) {
  for (size_t i = 0; i < model_sum_count(model); i++) {
    const double *values = workspace->values + i * n;
    for (size_t row = rows.begin; row < rows.end; row++) sums[i] += values[row];
  }
}
