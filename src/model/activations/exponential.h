#pragma once
/* exp(x) - 1, which the activations with an exponential branch share. */

#include "math/transcendental.h"

/* exp(x) - 1 without losing digits near 0.
 *
 * Formula     2 t / (1 - t), t = tanh(x / 2)
 * Range       x <= 0, where 1 - t is from 1 to 2; NaN passes through
 */
static inline real exponential_minus_one(real x) {
  real t = real_tanh(x / 2);
  return 2 * t / (1 - t);
}
