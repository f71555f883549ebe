#pragma once
/* Activation functions: what a layer does to its weighted sums, element by element or row by row.
 *
 * A kind is one file in model/activations/ and one row in model/activation_kinds.c.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "config/kind.h"
#include "io/json.h"
#include "io/onnx.h"
#include "math/real.h"

typedef struct ActivationKind {
  Kind kind;

  /* y = f(z).   Shapes: z, y (N,M); y may be z unless `needs_input` */
  void (*forward)(const void *options, size_t n, size_t m, const real *z, real *y);

  /* Turns dy, the gradient of y, into the gradient of z, in place.
   *
   * Shapes      z, y, dy (N,M); z is valid only if `needs_input`
   */
  void (*backward)(const void *options, size_t n, size_t m, const real *z, const real *y, real *dy);

  bool needs_input; /* backward reads z, so it is kept beside y */

  /* Keras knows every activation by the same name. One with options is a layer of its own there,
   * unless they have Keras's defaults; all three are NULL without options. */
  const char *keras_layer;
  bool (*keras_default)(const void *options);
  void (*keras_config)(const void *options, Json *config);

  /* The operator of ONNX that computes it; else `onnx`, which adds the nodes for z and returns y.
   * Both NULL: y = z. */
  const char *onnx_operator;
  OnnxValue (*onnx)(const void *options, OnnxGraph *graph, OnnxValue z);

  /* The module of PyTorch that computes it, as it is written in Python; else `torch`, which appends
   * that. Both NULL: y = z. */
  const char *torch_module;
  void (*torch)(const void *options, Text *module);
} ActivationKind;

extern const KindTable activation_kinds;

/* y = f(z). `activation` NULL is the identity, for which y must be z. */
void activation_forward(const KindSetting *activation, size_t n, size_t m, const real *z, real *y);

/* dy becomes the gradient of z. `activation` NULL is the identity. */
void activation_backward(const KindSetting *activation, size_t n, size_t m, const real *z,
                         const real *y, real *dy);

/* Adds y = f(z) to a graph of ONNX and returns y; `activation` NULL is the identity. */
OnnxValue activation_onnx(const KindSetting *activation, OnnxGraph *graph, OnnxValue z);

/* Appends the constructor of PyTorch's module, "LeakyReLU(0.2)"; nothing for the identity. */
void activation_torch(const KindSetting *activation, Text *module);

/* True if backward reads z. */
bool activation_needs_input(const KindSetting *activation);
