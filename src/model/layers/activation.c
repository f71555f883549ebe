/* Activation: a function of the layer before, by itself.
 *
 * Formula     y = f(x),   dx = f'(x) dy; f as its own file in model/activations/ says
 * Source      Keras, Activation
 * Shapes      x, y (N, any shape); softmax runs over the last dimension
 */

#include "model/layers/identity.h"

typedef struct ActivationOptions {
  LayerOptions common;
  KindSetting function;
} ActivationOptions;

static Status shape(Layer *layer, ParameterMap *map) {
  (void)map;
  layer->output = layer->input;
  layer->activation = &((const ActivationOptions *)layer->setting->options)->function;
  return OK;
}

static size_t last_dimension(const Layer *layer) {
  return layer->output.dims[layer->output.n_dims - 1];
}

static void forward(const Layer *layer, const LayerPass *pass) {
  size_t m = last_dimension(layer), n = pass->n_rows * (layer->output_width / m);
  if (layer->activation) {
    activation_forward(layer->activation, n, m, pass->x, pass->y);
  } else {
    layer_copy_forward(layer, pass);
  }
}

/* x is still there, so that functions that need it need no cache. */
static void input_gradient(const Layer *layer, const LayerPass *pass) {
  size_t m = last_dimension(layer), n = pass->n_rows * (layer->output_width / m);
  activation_backward(layer->activation, n, m, pass->x, pass->y, pass->dy);
  layer_copy_gradient(layer, pass);
}

static const Option options[] = {
    LAYER_OPTIONS,
    {.key = "function",
     .type = OPTION_KIND,
     .offset = offsetof(ActivationOptions, function),
     .kinds = &activation_kinds,
     .help = "the function"},
    {.key = NULL},
};

const LayerKind activation_layer = {
    .kind = {.name = "activation",
             .summary = "a function of every input",
             .options = options,
             .options_size = sizeof(ActivationOptions),
             .short_option = "function"},
    .shape = shape,
    .forward = forward,
    .input_gradient = input_gradient,
    .keras_class = "Activation",
};
