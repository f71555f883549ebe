#include "model/layer.h"

#include "base/fatal.h"

void layer_add_tensor(Layer *layer, ParameterMap *map, const char *name, Shape shape,
                      const LayerTensor *origin) {
  CHECK(layer->n_tensors < LAYER_MOST_TENSORS, "layer %s has too many tensors", layer->name);
  LayerTensor *tensor = &layer->tensors[layer->n_tensors++];
  *tensor = *origin;
  tensor->index = parameter_map_add(map, layer->name, name, shape);
  tensor->offset = map->tensors[tensor->index].offset;
  tensor->rows = shape.dims[0];
}

size_t layer_row_length(const Layer *layer, const ParameterMap *map, size_t tensor) {
  return map->tensors[layer->tensors[tensor].index].count / layer->tensors[tensor].rows;
}

void layer_parameter_gradient(const Layer *layer, const LayerPass *pass, bool accumulate,
                              real *gradient) {
  const LayerKind *kind = layer->kind;
  if (!kind->tensor_gradient) return;
  if (kind->begin_gradient) kind->begin_gradient(layer, pass);
  for (size_t t = 0; t < layer->n_tensors; t++) {
    TensorRows all = {t, {0, layer->tensors[t].rows}};
    kind->tensor_gradient(layer, pass, &all, accumulate, gradient + layer->tensors[t].offset);
  }
}

RandomStream layer_stream(const Layer *layer, const LayerPass *pass, RandomPurpose purpose) {
  return (RandomStream){
      .seed = pass->seed, .purpose = purpose, .stream = layer->index, .epoch = pass->epoch};
}
