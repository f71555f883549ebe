#include "model/layer.h"

#include "base/fatal.h"
#include "base/memory.h"

/* 128 KiB of float: a few tiles, one for each open level of the tree, fit a second-level cache. */
enum { TILE_ELEMENTS = 32768 };

void layer_add_tensor(Layer *layer, ParameterMap *map, const char *name, Shape shape,
                      const LayerTensor *origin) {
  CHECK(layer->n_tensors < LAYER_MOST_TENSORS, "layer %s has too many tensors", layer->name);
  LayerTensor *tensor = &layer->tensors[layer->n_tensors++];
  *tensor = *origin;
  tensor->index = parameter_map_add(map, layer->name, name, shape);
  tensor->offset = map->tensors[tensor->index].offset;
}

void layer_add_tiles(Layer *layer, const ParameterMap *map, size_t tensor, size_t row_elements) {
  const ParameterTensor *whole = &map->tensors[layer->tensors[tensor].index];
  size_t rows = TILE_ELEMENTS / row_elements > 0 ? TILE_ELEMENTS / row_elements : 1;
  size_t step = rows * row_elements;
  size_t n_tiles = (whole->count + step - 1) / step;

  size_t old_bytes = layer->n_tiles * sizeof(Range);
  layer->tiles = memory_grow(layer->tiles, old_bytes, old_bytes + n_tiles * sizeof(Range));
  for (size_t i = 0; i < n_tiles; i++) {
    size_t begin = i * step, end = begin + step < whole->count ? begin + step : whole->count;
    layer->tiles[layer->n_tiles++] = (Range){whole->offset + begin, whole->offset + end};
  }
}

RandomStream layer_stream(const Layer *layer, const LayerPass *pass, RandomPurpose purpose) {
  return (RandomStream){
      .seed = pass->seed, .purpose = purpose, .stream = layer->index, .epoch = pass->epoch};
}
