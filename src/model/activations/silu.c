/* Sigmoid linear unit, also called swish.
 *
 * Formula     y = z s,   dz = dy s (1 + z (1 - s)),   s = 1 / (1 + exp(-z))
 * Source      Elfwing, Uchibe, Doya 2018; Ramachandran, Zoph, Le 2017 (swish); Keras, silu
 */

#include "math/transcendental.h"
#include "math/vectorised.h"
#include "model/activation.h"

VECTORISED static void forward(const void *options, size_t n, size_t m, const real *z, real *y) {
  (void)options;
  for (size_t i = 0; i < n * m; i++) y[i] = z[i] * real_sigmoid(z[i]);
}

VECTORISED static void backward(const void *options, size_t n, size_t m, const real *z,
                                const real *y, real *dy) {
  (void)options, (void)y;
  for (size_t i = 0; i < n * m; i++) {
    real s = real_sigmoid(z[i]);
    dy[i] *= s * (1 + z[i] * (1 - s));
  }
}

static OnnxValue onnx(const void *options, OnnxGraph *graph, OnnxValue z) {
  (void)options;
  return onnx_add_binary(graph, "Mul", z, onnx_add_unary(graph, "Sigmoid", z));
}

static const char *const aliases[] = {"swish", NULL};

const ActivationKind silu_activation = {
    .kind = {.name = "silu", .aliases = aliases, .summary = "z times the sigmoid of z"},
    .forward = forward,
    .backward = backward,
    .needs_input = true,
    .onnx = onnx,
    .torch_module = "SiLU()",
};
