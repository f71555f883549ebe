#pragma once
/* Layers: functions with parameters, and their two gradients.
 *
 * A kind is one file in model/layers/ and one row in model/layer_kinds.c. A layer is shaped once
 * (`shape`) and then applied to runs of rows: forward, then from the last layer to the first
 * input_gradient, then parameter_gradient, tile by tile. Layers hold no numbers: parameters,
 * activations and gradients lie in memory of the caller.
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

  /* The parameter gradient is formed in tiles small enough to stay in the cache while the shards of
   * a rank are added up. A tile lies within one tensor. */
  size_t n_tiles;
  Range *tiles; /* of the flat vector */
} Layer;

/* A layer applied to one run of rows, all of one shard. */
typedef struct LayerPass {
  size_t n_rows;
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
} LayerPass;

struct LayerKind {
  Kind kind;

  /* Sets output shape and cache, declares tensors and tiles; `input` is set.
   *
   * Errors      ERR_CONFIG if the layer cannot take the shape
   */
  Status (*shape)(Layer *layer, ParameterMap *map);

  /* y from x; keeps in `cache` what backward needs. */
  void (*forward)(const Layer *layer, const LayerPass *pass);

  /* dx from dy. */
  void (*input_gradient)(const Layer *layer, const LayerPass *pass);

  /* The gradient of the parameters of one tile, summed over the rows, after input_gradient.
   *
   * With `accumulate` it is computed apart and then added to what `gradient` holds; where that is
   * not the same bits (math/product.h), the caller does not ask for it. NULL: a layer without tiles.
   * Shapes      gradient: the tile's elements
   */
  void (*parameter_gradient)(const Layer *layer, const LayerPass *pass, size_t tile,
                             bool accumulate, real *gradient);

  /* True if `accumulate` gives the bits of its definition for runs of n rows. NULL: always. */
  bool (*accumulates_exactly)(const Layer *layer, size_t n_rows);

  const char *keras_class; /* the class of Keras that computes the same */

  /* Puts that class's settings, but for name and activation, into `config`. NULL: it has none. */
  void (*keras_config)(const Layer *layer, Json *config);
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

/* Cuts a declared tensor into tiles of whole rows of `row_elements`. */
void layer_add_tiles(Layer *layer, const ParameterMap *map, size_t tensor, size_t row_elements);

/* The random stream of one purpose of this layer. */
RandomStream layer_stream(const Layer *layer, const LayerPass *pass, RandomPurpose purpose);
