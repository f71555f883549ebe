/* ONNX, written: the whole model as it predicts, without dropout and with its last activation. */

#include "io/onnx.h"

#include "base/text.h"
#include "storage/model_file.h"

static OnnxValue add_tensor(OnnxGraph *graph, const ModelExport *content, size_t index) {
  const ParameterTensor *tensor = &content->model->map.tensors[index];
  Array array = parameters_array(tensor, content->parameters);
  Text name = {0};
  text_append(&name, "%s/%s", tensor->layer, tensor->name);
  OnnxValue value = onnx_add_tensor(graph, name.bytes, &array.shape, array.values);
  text_release(&name);
  array_release(&array);
  return value;
}

static OnnxValue add_layer(OnnxGraph *graph, const ModelExport *content, size_t index,
                           OnnxValue x) {
  const Layer *layer = &content->model->layers[index];
  OnnxValue tensors[LAYER_MOST_TENSORS];
  for (size_t t = 0; t < layer->n_tensors; t++) {
    tensors[t] = add_tensor(graph, content, layer->tensors[t].index);
  }
  onnx_begin_part(graph, layer->name);
  OnnxValue z = layer->kind->onnx ? layer->kind->onnx(layer, graph, x, tensors) : x;
  return activation_onnx(model_activation(content->model, index), graph, z);
}

static void write_file(const ModelExport *content, char **bytes, size_t *count) {
  const Model *model = content->model;
  OnnxGraph *graph = onnx_begin("lockstep", &model->input);
  OnnxValue value = onnx_input(graph);
  for (size_t i = 0; i < model->n_layers; i++) value = add_layer(graph, content, i, value);

  Json *properties = model_export_properties(content);
  JsonCursor cursor = {0};
  const char *name;
  const Json *text;
  while (json_next(properties, &cursor, &name, &text)) {
    onnx_set_property(graph, name, json_as_text(text));
  }
  json_release(properties);
  onnx_finish(graph, value, &model->layers[model->n_layers - 1].output, bytes, count);
}

const ModelFileKind onnx_file = {
    .kind = {.name = "onnx", .summary = "the whole model as a graph, for any runtime"},
    .ending = ".onnx",
    .write = write_file,
};
