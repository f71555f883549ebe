#include "storage/keras_model.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/json.h"
#include "storage/checkpoint_layout.h"

char *keras_tensor_path(const ParameterTensor *tensor, char out[KERAS_PATH_BYTES]) {
  snprintf(out, KERAS_PATH_BYTES, GROUP_WEIGHTS "/%s/%s/%s:0", tensor->layer, tensor->layer,
           tensor->name);
  return out;
}

/* One layer of Keras. A Lockstep layer is one of them, or two where its activation has options that
 * Keras keeps in a layer of its own. */
static void add_layer(Json *layers, const char *class_name, const char *name, Json *config) {
  json_put_text(config, "name", name);
  json_put_bool(config, "trainable", true);
  json_put_text(config, "dtype", "float32");
  Json *layer = json_new_object();
  json_put_text(layer, "class_name", class_name);
  json_put(layer, "config", config);
  json_add(layers, layer);
}

static void add_input_layer(Json *layers, const Model *model) {
  Json *shape = json_new_array();
  json_add_null(shape);
  for (size_t i = 0; i < model->input.n_dims; i++) {
    json_add_whole(shape, (int64_t)model->input.dims[i]);
  }
  Json *config = json_new_object();
  json_put(config, "batch_input_shape", shape);
  json_put_bool(config, "sparse", false);
  json_put_bool(config, "ragged", false);
  json_put_text(config, "name", "input");
  json_put_text(config, "dtype", "float32");
  Json *layer = json_new_object();
  json_put_text(layer, "class_name", "InputLayer");
  json_put(layer, "config", config);
  json_add(layers, layer);
}

/* "leaky_relu" with another slope than Keras's is a layer of its own there. */
static bool needs_own_layer(const KindSetting *activation) {
  return activation && ((const ActivationKind *)activation->kind)->keras_layer &&
         !((const ActivationKind *)activation->kind)->keras_default(activation->options);
}

static void add_model_layers(Json *layers, const Model *model) {
  for (size_t i = 0; i < model->n_layers; i++) {
    const Layer *layer = &model->layers[i];
    const KindSetting *activation = model_activation(model, i);
    const ActivationKind *kind = activation ? (const ActivationKind *)activation->kind : NULL;
    bool own_layer = needs_own_layer(activation);

    Json *config = json_new_object();
    if (layer->kind->keras_config) layer->kind->keras_config(layer, config);
    if (kind) json_put_text(config, "activation", own_layer ? "linear" : kind->kind.name);
    add_layer(layers, layer->kind->keras_class, layer->name, config);

    if (own_layer) {
      char name[TENSOR_NAME_BYTES + 16];
      snprintf(name, sizeof name, "%s_activation", layer->name);
      Json *own_config = json_new_object();
      kind->keras_config(activation->options, own_config);
      add_layer(layers, kind->keras_layer, name, own_config);
    }
  }
}

static char *model_config(const Model *model) {
  Json *layers = json_new_array();
  add_input_layer(layers, model);
  add_model_layers(layers, model);

  Json *config = json_new_object();
  json_put_text(config, "name", "lockstep");
  json_put(config, "layers", layers);
  Json *root = json_new_object();
  json_put_text(root, "class_name", "Sequential");
  json_put(root, "config", config);
  char *text = json_text(root, false);
  json_release(root);
  return text;
}

static void write_tensor(H5File *file, const ParameterTensor *tensor, const real *parameters) {
  char path[KERAS_PATH_BYTES];
  Array array = parameters_array(tensor, parameters);
  h5_add_array(file, keras_tensor_path(tensor, path), array.dtype, &array.shape, array.values);
  array_release(&array);
}

/* The group of one layer, with its weights if it has any. */
static void write_layer_group(H5File *file, const Model *model, const char *name,
                              const Layer *layer, const real *parameters) {
  char path[KERAS_PATH_BYTES], inner[KERAS_PATH_BYTES];
  snprintf(path, sizeof path, GROUP_WEIGHTS "/%s", name);
  h5_add_group(file, path);

  char names[LAYER_MOST_TENSORS][KERAS_PATH_BYTES];
  const char *weight_names[LAYER_MOST_TENSORS];
  size_t count = layer ? layer->n_tensors : 0;
  for (size_t i = 0; i < count; i++) {
    const ParameterTensor *tensor = &model->map.tensors[layer->tensors[i].index];
    snprintf(names[i], sizeof names[i], "%s/%s:0", name, tensor->name);
    weight_names[i] = names[i];
    if (i == 0) {
      snprintf(inner, sizeof inner, GROUP_WEIGHTS "/%s/%s", name, name);
      h5_add_group(file, inner);
    }
    write_tensor(file, tensor, parameters);
  }
  h5_set_texts(file, path, "weight_names", count, weight_names);
}

static void write_weights(H5File *file, const Model *model, const real *parameters) {
  h5_add_group(file, GROUP_WEIGHTS);
  const char **names = NEW_ARRAY(const char *, 2 * model->n_layers);
  char **extra = NEW_ARRAY(char *, model->n_layers);
  size_t count = 0;
  for (size_t i = 0; i < model->n_layers; i++) {
    const Layer *layer = &model->layers[i];
    names[count++] = layer->name;
    write_layer_group(file, model, layer->name, layer, parameters);
    if (needs_own_layer(model_activation(model, i))) {
      Text name = {0};
      text_append(&name, "%s_activation", layer->name);
      extra[i] = text_take(&name);
      names[count++] = extra[i];
      write_layer_group(file, model, extra[i], NULL, parameters);
    }
  }
  h5_set_texts(file, GROUP_WEIGHTS, "layer_names", count, names);
  for (size_t i = 0; i < model->n_layers; i++) memory_release(extra[i]);
  memory_release(extra);
  memory_release(names);
}

void keras_model_write(H5File *file, const Model *model, const real *parameters) {
  char *config = model_config(model);
  h5_set_text(file, "/", "keras_version", KERAS_VERSION);
  h5_set_text(file, "/", "backend", "tensorflow");
  h5_set_text(file, "/", "model_config", config);
  memory_release(config);

  write_weights(file, model, parameters);
  h5_set_text(file, GROUP_WEIGHTS, "keras_version", KERAS_VERSION);
  h5_set_text(file, GROUP_WEIGHTS, "backend", "tensorflow");
}
