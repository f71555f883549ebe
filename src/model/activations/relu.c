/* Rectified linear unit.
 *
 * Formula     y = max(z, 0),   dz = dy where y > 0, else 0
 * Source      Glorot, Bordes, Bengio 2011
 */

#include "math/vectorised.h"
#include "model/activation.h"

VECTORISED static void forward(const void *options, size_t n, size_t m, const real *z, real *y) {
  (void)options;
  /* Written so that NaN passes through. */
  for (size_t i = 0; i < n * m; i++) y[i] = z[i] < 0 ? 0 : z[i];
}

VECTORISED static void backward(const void *options, size_t n, size_t m, const real *z,
                                const real *y, real *dy) {
  (void)options, (void)z;
  for (size_t i = 0; i < n * m; i++) dy[i] = y[i] > 0 ? dy[i] : 0;
}

const ActivationKind relu_activation = {
    .kind = {.name = "relu", .summary = "max(z, 0)"},
    .forward = forward,
    .backward = backward,
    .onnx_operator = "Relu",
    .torch_module = "ReLU()",
};
