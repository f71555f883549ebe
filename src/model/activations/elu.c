/* Exponential linear units.
 *
 * Formula     y = scale z where z > 0, else scale alpha (exp(z) - 1)
 *             dz = scale dy where y > 0, else (y + scale alpha) dy
 *             elu: scale 1;   selu: alpha and scale with the fixed point mean 0, variance 1
 * Source      Clevert, Unterthiner, Hochreiter 2016; Klambauer et al. 2017; Keras, ELU and selu
 */

#include "config/options.h"
#include "model/activation.h"
#include "model/activations/exponential.h"

typedef struct EluOptions {
  double alpha;
} EluOptions;

static const real SELU_ALPHA = (real)1.67326324235437728;
static const real SELU_SCALE = (real)1.05070098735548049;

static void exponential_forward(size_t count, real scale, real alpha, const real *z, real *y) {
  real bottom = scale * alpha;
  for (size_t i = 0; i < count; i++) {
    real below = bottom * exponential_minus_one(z[i] > 0 ? 0 : z[i]);
    y[i] = z[i] > 0 ? scale * z[i] : below;
  }
}

static void exponential_backward(size_t count, real scale, real alpha, const real *y, real *dy) {
  real bottom = scale * alpha;
  for (size_t i = 0; i < count; i++) dy[i] *= y[i] > 0 ? scale : y[i] + bottom;
}

static real alpha_of(const void *options) {
  return (real)((const EluOptions *)options)->alpha;
}

static void elu_forward(const void *options, size_t n, size_t m, const real *z, real *y) {
  exponential_forward(n * m, 1, alpha_of(options), z, y);
}

static void elu_backward(const void *options, size_t n, size_t m, const real *z, const real *y,
                         real *dy) {
  (void)z;
  exponential_backward(n * m, 1, alpha_of(options), y, dy);
}

static void selu_forward(const void *options, size_t n, size_t m, const real *z, real *y) {
  (void)options;
  exponential_forward(n * m, SELU_SCALE, SELU_ALPHA, z, y);
}

static void selu_backward(const void *options, size_t n, size_t m, const real *z, const real *y,
                          real *dy) {
  (void)options, (void)z;
  exponential_backward(n * m, SELU_SCALE, SELU_ALPHA, y, dy);
}

static bool elu_is_keras_default(const void *options) {
  return ((const EluOptions *)options)->alpha == 1;
}

static void elu_keras_config(const void *options, Json *config) {
  json_put_real(config, "alpha", ((const EluOptions *)options)->alpha);
}

static OnnxValue elu_onnx(const void *options, OnnxGraph *graph, OnnxValue z) {
  OnnxValue y = onnx_add_unary(graph, "Elu", z);
  onnx_set_real(graph, "alpha", ((const EluOptions *)options)->alpha);
  return y;
}

static void elu_torch(const void *options, Text *module) {
  char alpha[NUMBER_TEXT_BYTES];
  text_append(module, "ELU(%s)", text_real(alpha, ((const EluOptions *)options)->alpha));
}

static const Option elu_options[] = {
    {.key = "alpha",
     .type = OPTION_REAL,
     .offset = offsetof(EluOptions, alpha),
     .fallback = "1",
     .min = 0,
     .max = INFINITY,
     .help = "y falls to -alpha far below 0"},
    {.key = NULL},
};

const ActivationKind elu_activation = {
    .kind = {.name = "elu",
             .summary = "z above 0, alpha (exp(z) - 1) below",
             .options = elu_options,
             .options_size = sizeof(EluOptions),
             .short_option = "alpha"},
    .forward = elu_forward,
    .backward = elu_backward,
    .keras_layer = "ELU",
    .keras_default = elu_is_keras_default,
    .keras_config = elu_keras_config,
    .onnx = elu_onnx,
    .torch = elu_torch,
};

const ActivationKind selu_activation = {
    .kind = {.name = "selu", .summary = "elu with the constants of self-normalising networks"},
    .forward = selu_forward,
    .backward = selu_backward,
    .onnx_operator = "Selu",
    .torch_module = "SELU()",
};
