/* Flatten: the numbers of a sample in a row, whatever shape they had.
 *
 * Formula     y = x,   dx = dy
 * Source      Keras, Flatten
 * Shapes      x (N, any shape)   y (N,M), M the product of x's dimensions
 */

#include "model/layers/identity.h"

static Status shape(Layer *layer, ParameterMap *map) {
  (void)map;
  layer->output = (Shape){1, {layer->input_width}};
  return OK;
}

static OnnxValue onnx(const Layer *layer, OnnxGraph *graph, OnnxValue x, const OnnxValue *tensors) {
  (void)layer, (void)tensors;
  return onnx_add_unary(graph, "Flatten", x);
}

static void torch(const Layer *layer, Text *module) {
  (void)layer;
  text_append(module, "Flatten()");
}

static const Option options[] = {
    LAYER_OPTIONS,
    {.key = NULL},
};

const LayerKind flatten_layer = {
    .kind = {.name = "flatten",
             .summary = "any shape as one row of numbers",
             .options = options,
             .options_size = sizeof(LayerOptions)},
    .shape = shape,
    .forward = layer_copy_forward,
    .input_gradient = layer_copy_gradient,
    .keras_class = "Flatten",
    .onnx = onnx,
    .torch = torch,
};
