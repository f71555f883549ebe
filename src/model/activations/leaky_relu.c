/* Rectified linear unit that leaks a share of what it would cut off.
 *
 * Formula     y = z where z > 0, else slope z;   dz = dy where y > 0, else slope dy
 * Source      Maas, Hannun, Ng 2013; Keras, LeakyReLU
 */

#include "config/options.h"
#include "math/vectorised.h"
#include "model/activation.h"

typedef struct LeakyReluOptions {
  double negative_slope;
} LeakyReluOptions;

static real slope_of(const void *options) {
  return (real)((const LeakyReluOptions *)options)->negative_slope;
}

VECTORISED static void forward(const void *options, size_t n, size_t m, const real *z, real *y) {
  real slope = slope_of(options);
  for (size_t i = 0; i < n * m; i++) y[i] = z[i] > 0 ? z[i] : slope * z[i];
}

VECTORISED static void backward(const void *options, size_t n, size_t m, const real *z,
                                const real *y, real *dy) {
  (void)z;
  real slope = slope_of(options);
  for (size_t i = 0; i < n * m; i++) dy[i] = y[i] > 0 ? dy[i] : slope * dy[i];
}

static bool keras_default(const void *options) {
  return ((const LeakyReluOptions *)options)->negative_slope == 0.2;
}

/* Keras 2 has no other name for it, and Keras 3 takes the old one. */
static void keras_config(const void *options, Json *config) {
  json_put_real(config, "alpha", ((const LeakyReluOptions *)options)->negative_slope);
}

static OnnxValue onnx(const void *options, OnnxGraph *graph, OnnxValue z) {
  OnnxValue y = onnx_add_unary(graph, "LeakyRelu", z);
  onnx_set_real(graph, "alpha", ((const LeakyReluOptions *)options)->negative_slope);
  return y;
}

static void torch(const void *options, Text *module) {
  char slope[NUMBER_TEXT_BYTES];
  text_real(slope, ((const LeakyReluOptions *)options)->negative_slope);
  text_append(module, "LeakyReLU(%s)", slope);
}

static const Option options[] = {
    {.key = "negative_slope",
     .type = OPTION_REAL,
     .offset = offsetof(LeakyReluOptions, negative_slope),
     .fallback = "0.2",
     .min = 0,
     .max = INFINITY,
     .help = "slope below 0"},
    {.key = NULL},
};

const ActivationKind leaky_relu_activation = {
    .kind = {.name = "leaky_relu",
             .summary = "z above 0, slope z below",
             .options = options,
             .options_size = sizeof(LeakyReluOptions),
             .short_option = "negative_slope"},
    .forward = forward,
    .backward = backward,
    .keras_layer = "LeakyReLU",
    .keras_default = keras_default,
    .keras_config = keras_config,
    .onnx = onnx,
    .torch = torch,
};
