/* Smooth rectifier.
 *
 * Formula     y = log(1 + exp(z)),   dz = dy (1 - exp(-y)), which is dy / (1 + exp(-z))
 * Source      Dugas et al. 2001; Goodfellow, Bengio, Courville 2016, eq. 3.31
 */

#include "math/vectorised.h"
#include "model/activation.h"
#include "model/activations/exponential.h"

VECTORISED static void forward(const void *options, size_t n, size_t m, const real *z, real *y) {
  (void)options;
  for (size_t i = 0; i < n * m; i++) y[i] = real_softplus(z[i]);
}

VECTORISED static void backward(const void *options, size_t n, size_t m, const real *z,
                                const real *y, real *dy) {
  (void)options, (void)z;
  for (size_t i = 0; i < n * m; i++) dy[i] *= -exponential_minus_one(-y[i]);
}

const ActivationKind softplus_activation = {
    .kind = {.name = "softplus", .summary = "log(1 + exp(z))"},
    .forward = forward,
    .backward = backward,
    .onnx_operator = "Softplus",
    .torch_module = "Softplus()",
};
