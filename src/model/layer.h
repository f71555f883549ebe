#pragma once
/* Layers: functions with parameters, and their two gradients.
 *
 * A kind is one file in model/layers/ and one row in model/layer_kinds.c. A layer is shaped once
 * (`shape`) and then applied to rows: forward, then from the last layer to the first
 * input_gradient; whenever that is done, begin_gradient, and tensor_gradient for as many of its
 * parameters as are wanted. Layers hold no numbers: parameters, activations and gradients lie in
 * memory of the caller.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"
#include "base/status.h"
#include "config/kind.h"
#include "config/options.h"
#include "io/json.h"
#include "math/parameters.h"
#include "math/shard_tree.h"
#include "model/activation.h"
#include "model/initializer.h"

typedef struct LayerKind LayerKind;

enum { LAYER_MOST_TENSORS = 4 };

typedef struct LayerTensor {
  size_t index;  /* in the parameter map */
  size_t offset; /* in the flat vector */
  size_t rows;   /* first dimension */
  const KindSetting *initializer;
  size_t fan_in, fan_out;
} LayerTensor;

typedef struct Layer {
  const LayerKind *kind;
  const KindSetting *setting; /* with the options */
  char name[TENSOR_NAME_BYTES];
  uint32_t index; /* place in the model: names the random streams */
  Shape input, output;
  size_t input_width, output_width; /* elements of one sample */
  size_t cache_width;               /* elements of one sample kept from forward for backward */

  /* The last thing the layer does; NULL: nothing. The model takes it away from its last layer where
   * the loss computes it. */
  const KindSetting *activation;

  size_t n_tensors;
  LayerTensor tensors[LAYER_MOST_TENSORS];
} Layer;

/* A layer applied to rows, which may belong to several shards. No row's result depends on the other
 * rows; what is summed over rows is summed shard by shard, in the order of the program. */
typedef struct LayerPass {
  const ShardProgram *program;
  size_t n_rows; /* of the program */
  bool training;
  uint64_t seed; /* random numbers are a function of seed, epoch and position */
  uint32_t epoch;
  uint64_t first_position; /* of the first row in the epoch's order */
  const real *parameters;  /* the flat vector */
  const real *x;           /* (N, input_width) */
  real *y;                 /* (N, output_width) */
  real *cache;             /* (N, cache_width) */
  real *dy; /* (N, output_width) gradient of y; input_gradient may turn it into that of the sums */
  real *dx; /* (N, input_width) gradient of x; NULL: not wanted */
  real *scratch; /* what the layer's `scratch` asks for */
} LayerPass;

/* A part of one of a layer's tensors. */
typedef struct TensorRows {
  size_t tensor; /* index in Layer.tensors */
  Range rows;    /* of its first dimension */
} TensorRows;

struct LayerKind {
  Kind kind;

  /* Sets output shape and cache, declares tensors; `input` is set.
   *
   * Errors      ERR_CONFIG if the layer cannot take the shape
   */
  Status (*shape)(Layer *layer, ParameterMap *map);

  /* y from x; keeps in `cache` what backward needs. */
  void (*forward)(const Layer *layer, const LayerPass *pass);

  /* dx from dy. */
  void (*input_gradient)(const Layer *layer, const LayerPass *pass);

  /* Prepares tensor_gradient. Of the pass, program, x, dy as input_gradient left it, and scratch
   * count, and scratch is the layer's until the next call of another. NULL: nothing to prepare.
   */
  void (*begin_gradient)(const Layer *layer, const LayerPass *pass);

  /* The gradient of some rows of a tensor of parameters, summed over the samples in the order of
   * the program. With `accumulate` that sum is added to what `gradient` holds. The bits do not
   * depend on which rows are asked for together where product_cuts_freely. NULL: a layer without
   * parameters.
   *
   * Shapes      gradient (rows, the tensor's other dimensions); rows: of its first dimension
   */
  void (*tensor_gradient)(const Layer *layer, const LayerPass *pass, const TensorRows *rows,
                          bool accumulate, real *gradient);

  /* Elements of scratch memory that the layer needs for n rows. NULL: none. */
  size_t (*scratch)(const Layer *layer, size_t n_rows);

  const char *keras_class; /* the class of Keras that computes the same */

  /* Puts that class's settings, but for name and activation, into `config`. NULL: it has none. */
  void (*keras_config)(const Layer *layer, Json *config);

  /* Adds to a graph of ONNX what the layer computes in evaluation, without its activation, and
   * returns the result. Shapes: tensors: the layer's, in their order. NULL: nothing; y = x. */
  OnnxValue (*onnx)(const Layer *layer, OnnxGraph *graph, OnnxValue x, const OnnxValue *tensors);

  /* Appends the constructor of the module of PyTorch that computes the same without the activation,
   * "Linear(784, 512)". NULL: there is none. */
  void (*torch)(const Layer *layer, Text *module);
};

extern const KindTable layer_kinds;

/* Every layer's settings begin with this, and its table with LAYER_OPTIONS. */
typedef struct LayerOptions {
  char *name;
} LayerOptions;

#define LAYER_OPTIONS                                                                              \
  {                                                                                                \
    .key = "name", .type = OPTION_TEXT, .offset = offsetof(LayerOptions, name),                    \
    .fallback = "null",                                                                            \
    .help = "the layer's name; default: the kind, and a number from the "                          \
            "second on"                                                                            \
  }

/* Declares a tensor of the layer: call from `shape`, in the order of the flat vector. */
void layer_add_tensor(Layer *layer, ParameterMap *map, const char *name, Shape shape,
                      const LayerTensor *origin);

/* Elements of a row of one of the layer's tensors. */
size_t layer_row_length(const Layer *layer, const ParameterMap *map, size_t tensor);

/* The gradient of all of a layer's parameters, written, or with `accumulate` added.
 *
 * Shapes      gradient: the flat vector; only the layer's tensors are touched
 */
void layer_parameter_gradient(const Layer *layer, const LayerPass *pass, bool accumulate,
                              real *gradient);

/* The random stream of one purpose of this layer. */
RandomStream layer_stream(const Layer *layer, const LayerPass *pass, RandomPurpose purpose);
