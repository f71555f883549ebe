/* Hyperbolic tangent.
 *
 * Formula     y = tanh(z),   dz = dy (1 - y^2)
 * Source      Goodfellow, Bengio, Courville 2016, section 6.3.2
 */

#include "math/transcendental.h"
#include "math/vectorised.h"
#include "model/activation.h"

VECTORISED static void forward(const void *options, size_t n, size_t m, const real *z, real *y) {
  (void)options;
  for (size_t i = 0; i < n * m; i++) y[i] = real_tanh(z[i]);
}

VECTORISED static void backward(const void *options, size_t n, size_t m, const real *z,
                                const real *y, real *dy) {
  (void)options, (void)z;
  for (size_t i = 0; i < n * m; i++) dy[i] *= 1 - y[i] * y[i];
}

const ActivationKind tanh_activation = {
    .kind = {.name = "tanh", .summary = "hyperbolic tangent"},
    .forward = forward,
    .backward = backward,
    .onnx_operator = "Tanh",
    .torch_module = "Tanh()",
};
