/* safetensors, with the names and orders of a PyTorch nn.Sequential that has activations, dropouts
 * and flattens as modules of their own: "3.weight" and "3.bias" of its fourth module. A weight is
 * (outputs, inputs), the transpose of a kernel.
 */

#include "io/safetensors.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "storage/model_file.h"

/* A kernel as a weight. */
static Array transposed(const Array *array) {
  size_t d = array->shape.dims[0], m = array->shape.dims[1];
  Array turned = array_create(DTYPE_F32, (Shape){2, {m, d}});
  const float *from = array->values;
  float *to = turned.values;
  for (size_t i = 0; i < d; i++) {
    for (size_t j = 0; j < m; j++) to[j * d + i] = from[i * m + j];
  }
  return turned;
}

static void add_tensor(const ModelExport *content, const ParameterTensor *tensor, size_t module,
                       TensorList *out) {
  bool is_kernel = strcmp(tensor->name, "kernel") == 0;
  Text name = {0};
  text_append(&name, "%zu.%s", module, is_kernel ? "weight" : tensor->name);
  Array array = parameters_array(tensor, content->parameters);
  tensor_list_add(out, name.bytes, is_kernel ? transposed(&array) : array);
  if (is_kernel) array_release(&array);
  text_release(&name);
}

/* Appends a module to the text of the nn.Sequential; an empty one is none. Takes `module`. */
static void add_module(Text *module, Text *modules, size_t *count) {
  if (module->length) text_append(modules, "%s%s", (*count)++ ? ", " : "", module->bytes);
  text_release(module);
}

/* The tensors under their names, and the modules as PyTorch's nn.Sequential takes them. */
static void list_modules(const ModelExport *content, TensorList *tensors, Text *modules) {
  const Model *model = content->model;
  size_t count = 0;
  for (size_t i = 0; i < model->n_layers; i++) {
    const Layer *layer = &model->layers[i];
    for (size_t t = 0; t < layer->n_tensors; t++) {
      add_tensor(content, &model->map.tensors[layer->tensors[t].index], count, tensors);
    }
    Text module = {0}, activation = {0};
    if (layer->kind->torch) layer->kind->torch(layer, &module);
    activation_torch(model_activation(model, i), &activation);
    add_module(&module, modules, &count);
    add_module(&activation, modules, &count);
  }
}

static void write_file(const ModelExport *content, char **bytes, size_t *count) {
  TensorList tensors = {0};
  Text modules = {0};
  text_append(&modules, "Sequential(");
  list_modules(content, &tensors, &modules);
  text_append(&modules, ")");

  Json *metadata = model_export_properties(content);
  json_put_text(metadata, "format", "pt");
  json_put_text(metadata, "modules", modules.bytes);
  safetensors_write(&tensors, metadata, bytes, count);
  text_release(&modules);
  tensor_list_release(&tensors);
}

/* There is no signature: a header's length, and the header that begins with a brace. */
static bool recognises(const char *bytes, size_t count) {
  enum { LENGTH_BYTES = 8 };
  return count > LENGTH_BYTES && bytes[LENGTH_BYTES] == '{' && bytes[LENGTH_BYTES - 1] == 0;
}

const ModelFileKind safetensors_file = {
    .kind = {.name = "safetensors", .summary = "tensors as PyTorch's nn.Sequential names them"},
    .ending = ".safetensors",
    .write = write_file,
    .recognises = recognises,
    .read = safetensors_read,
};
