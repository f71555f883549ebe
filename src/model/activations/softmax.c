/* Softmax over each row.
 *
 * Formula     y_i = exp(z_i - max z) / sum_j exp(z_j - max z)
 *             dz_i = y_i (dy_i - sum_j y_j dy_j)
 * Source      Goodfellow, Bengio, Courville 2016, eq. 6.29
 */

#include "math/transcendental.h"
#include "math/vectorised.h"
#include "model/activation.h"

VECTORISED_PART void softmax_row(size_t m, const real *z, real *y) {
  real largest = z[0];
  for (size_t i = 1; i < m; i++) largest = z[i] > largest ? z[i] : largest;
  for (size_t i = 0; i < m; i++) y[i] = real_exp(z[i] - largest);

  real sum = 0;
  for (size_t i = 0; i < m; i++) sum += y[i];
  for (size_t i = 0; i < m; i++) y[i] /= sum;
}

VECTORISED static void forward(const void *options, size_t n, size_t m, const real *z, real *y) {
  (void)options;
  for (size_t row = 0; row < n; row++) softmax_row(m, z + row * m, y + row * m);
}

VECTORISED static void backward(const void *options, size_t n, size_t m, const real *z,
                                const real *y, real *dy) {
  (void)options, (void)z;
  for (size_t row = 0; row < n; row++) {
    const real *y_row = y + row * m;
    real *dy_row = dy + row * m;
    real inner = 0;
    for (size_t i = 0; i < m; i++) inner += y_row[i] * dy_row[i];
    for (size_t i = 0; i < m; i++) dy_row[i] = y_row[i] * (dy_row[i] - inner);
  }
}

const ActivationKind softmax_activation = {
    .kind = {.name = "softmax", .summary = "exp(z) / sum exp(z) over each row"},
    .forward = forward,
    .backward = backward,
    .onnx_operator = "Softmax",
    .torch_module = "Softmax(dim=-1)",
};
