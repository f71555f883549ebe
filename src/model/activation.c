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

OnnxValue activation_onnx(const KindSetting *activation, OnnxGraph *graph, OnnxValue z) {
  const ActivationKind *kind = activation ? kind_of(activation) : NULL;
  if (kind && kind->onnx_operator) return onnx_add_unary(graph, kind->onnx_operator, z);
  return kind && kind->onnx ? kind->onnx(activation->options, graph, z) : z;
}

void activation_torch(const KindSetting *activation, Text *module) {
  const ActivationKind *kind = activation ? kind_of(activation) : NULL;
  if (kind && kind->torch_module) text_append(module, "%s", kind->torch_module);
  if (kind && kind->torch) kind->torch(activation->options, module);
}

bool activation_needs_input(const KindSetting *activation) {
  return activation && kind_of(activation)->needs_input;
}
