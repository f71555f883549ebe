#include "model/activation.h"

static const ActivationKind *kind_of(const KindSetting *activation) {
  return (const ActivationKind *)activation->kind;
}

void activation_forward(const KindSetting *activation, size_t n, size_t m, const real *z, real *y) {
  if (activation) kind_of(activation)->forward(activation->options, n, m, z, y);
}

void activation_backward(const KindSetting *activation, size_t n, size_t m, const real *z,
                         const real *y, real *dy) {
  if (activation) kind_of(activation)->backward(activation->options, n, m, z, y, dy);
}

bool activation_needs_input(const KindSetting *activation) {
  return activation && kind_of(activation)->needs_input;
}
