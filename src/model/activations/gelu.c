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

const ActivationKind gelu_activation = {
    .kind = {.name = "gelu", .summary = "z times the normal distribution function of z"},
    .forward = forward,
    .backward = backward,
    .needs_input = true,
};
