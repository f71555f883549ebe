#include "model/layer.h"

#include "base/fatal.h"

void layer_add_tensor(Layer *layer, ParameterMap *map, const char *name, Shape shape,
                      const LayerTensor *origin) {
  CHECK(layer->n_tensors < LAYER_MOST_TENSORS, "layer %s has too many tensors", layer->name);
  LayerTensor *tensor = &layer->tensors[layer->n_tensors++];
  *tensor = *origin;
  tensor->index = parameter_map_add(map, layer->name, name, shape);
  tensor->offset = map->tensors[tensor->index].offset;
}

RandomStream layer_stream(const Layer *layer, const LayerPass *pass, RandomPurpose purpose) {
  return (RandomStream){
      .seed = pass->seed, .purpose = purpose, .stream = layer->index, .epoch = pass->epoch};
}
