/* Gaussian error linear unit, the exact form.
 *
 * Formula     y = z P(z),   dz = dy (P(z) + z p(z))
 *             P(z) = (1 + erf(z / sqrt(2))) / 2,   p(z) = exp(-z^2 / 2) / sqrt(2 pi)
 * Source      Hendrycks and Gimpel 2016, section 2; Keras, gelu with approximate = False
 */

#include "math/transcendental.h"
#include "math/vectorised.h"
#include "model/activation.h"

static const real ROOT_OF_HALF = (real)0.707106781186547524;
static const real DENSITY_AT_0 = (real)0.398942280401432678;

static real normal_cumulative(real z) {
  return (1 + real_erf(z * ROOT_OF_HALF)) / 2;
}

static real normal_density(real z) {
  return DENSITY_AT_0 * real_exp(-z * z / 2);
}

VECTORISED static void forward(const void *options, size_t n, size_t m, const real *z, real *y) {
  (void)options;
  for (size_t i = 0; i < n * m; i++) y[i] = z[i] * normal_cumulative(z[i]);
}

VECTORISED static void backward(const void *options, size_t n, size_t m, const real *z,
                                const real *y, real *dy) {
  (void)options, (void)y;
  for (size_t i = 0; i < n * m; i++) {
    dy[i] *= normal_cumulative(z[i]) + z[i] * normal_density(z[i]);
  }
}

static OnnxValue onnx(const void *options, OnnxGraph *graph, OnnxValue z) {
  (void)options;
  OnnxValue scaled = onnx_add_binary(graph, "Mul", z, onnx_add_number(graph, (double)ROOT_OF_HALF));
  OnnxValue erf = onnx_add_unary(graph, "Erf", scaled);
  OnnxValue doubled = onnx_add_binary(graph, "Add", erf, onnx_add_number(graph, 1));
  OnnxValue half = onnx_add_binary(graph, "Mul", z, onnx_add_number(graph, 0.5));
  return onnx_add_binary(graph, "Mul", half, doubled);
}

const ActivationKind gelu_activation = {
    .kind = {.name = "gelu", .summary = "z times the normal distribution function of z"},
    .forward = forward,
    .backward = backward,
    .needs_input = true,
    .onnx = onnx,
    .torch_module = "GELU()",
};
