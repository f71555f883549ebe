/* Dropout: in training each input is left out at random, and the others make up for it.
 *
 * Formula     y = f x,   dx = f dy,   f = 1 / (1 - rate) where u >= rate, else 0
 *             u uniform in [0, 1); in evaluation y = x
 * Source      Srivastava et al. 2014, in the inverted form; Keras, Dropout
 * Shapes      x, y (N, any shape)
 */

#include "model/layers/identity.h"

typedef struct DropoutOptions {
  LayerOptions common;
  double rate;
} DropoutOptions;

static double rate_of(const Layer *layer) {
  return ((const DropoutOptions *)layer->setting->options)->rate;
}

static Status shape(Layer *layer, ParameterMap *map) {
  (void)map;
  layer->output = layer->input;
  layer->cache_width = layer->input_width;
  return OK;
}

/* The factors of a row: a function of seed, layer, epoch, the sample's position and the unit. */
static void fill_factors(real rate, const RandomStream *stream, uint64_t position, size_t m,
                         real *factor) {
  real scale = 1 / (1 - rate);
  random_fill_uniform(stream, (uint32_t)position, 0, m, factor);
  for (size_t i = 0; i < m; i++) factor[i] = factor[i] >= rate ? scale : 0;
}

static void forward(const Layer *layer, const LayerPass *pass) {
  if (!pass->training) {
    layer_copy_forward(layer, pass);
    return;
  }
  size_t m = layer->output_width;
  RandomStream stream = layer_stream(layer, pass, RANDOM_DROPOUT);
  for (size_t row = 0; row < pass->n_rows; row++) {
    const real *x = pass->x + row * m;
    real *y = pass->y + row * m, *factor = pass->cache + row * m;
    fill_factors((real)rate_of(layer), &stream, pass->first_position + row, m, factor);
    for (size_t i = 0; i < m; i++) y[i] = factor[i] * x[i];
  }
}

static void input_gradient(const Layer *layer, const LayerPass *pass) {
  if (!pass->training) {
    layer_copy_gradient(layer, pass);
  } else if (pass->dx) {
    size_t count = pass->n_rows * layer->output_width;
    for (size_t i = 0; i < count; i++) pass->dx[i] = pass->cache[i] * pass->dy[i];
  }
}

static void keras_config(const Layer *layer, Json *config) {
  json_put_real(config, "rate", rate_of(layer));
}

static void torch(const Layer *layer, Text *module) {
  char rate[NUMBER_TEXT_BYTES];
  text_append(module, "Dropout(%s)", text_real(rate, rate_of(layer)));
}

static const Option options[] = {
    LAYER_OPTIONS,
    {.key = "rate",
     .type = OPTION_REAL,
     .offset = offsetof(DropoutOptions, rate),
     .min = 0,
     .max = 1,
     .below_max = true,
     .help = "share of the inputs that is left out"},
    {.key = NULL},
};

const LayerKind dropout_layer = {
    .kind = {.name = "dropout",
             .summary = "leaves out inputs at random in training",
             .options = options,
             .options_size = sizeof(DropoutOptions),
             .short_option = "rate"},
    .shape = shape,
    .forward = forward,
    .input_gradient = input_gradient,
    .keras_class = "Dropout",
    .keras_config = keras_config,
    .torch = torch,
};
