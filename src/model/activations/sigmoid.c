/* Logistic sigmoid.
 *
 * Formula     y = 1 / (1 + exp(-z)),   dz = dy y (1 - y)
 * Source      Goodfellow, Bengio, Courville 2016, eq. 3.30
 */

#include "math/transcendental.h"
#include "math/vectorised.h"
#include "model/activation.h"

VECTORISED static void forward(const void *options, size_t n, size_t m, const real *z, real *y) {
  (void)options;
  for (size_t i = 0; i < n * m; i++) y[i] = real_sigmoid(z[i]);
}

VECTORISED static void backward(const void *options, size_t n, size_t m, const real *z,
                                const real *y, real *dy) {
  (void)options, (void)z;
  for (size_t i = 0; i < n * m; i++) dy[i] *= y[i] * (1 - y[i]);
}

const ActivationKind sigmoid_activation = {
    .kind = {.name = "sigmoid", .summary = "1 / (1 + exp(-z))"},
    .forward = forward,
    .backward = backward,
    .onnx_operator = "Sigmoid",
    .torch_module = "Sigmoid()",
};
