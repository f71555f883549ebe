#pragma once
/* The flat vector that holds all parameters, and the map that names its parts.
 *
 * Layer after layer, tensor after tensor, each tensor begun on a cache line. Gradients and
 * optimizer slots are vectors of the same map. The padding between tensors is zero and stays so.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/range.h"
#include "math/real.h"

enum { TENSOR_NAME_BYTES = 64, PARAMETER_BLOCK = 1024 };

typedef struct ParameterTensor {
  char layer[TENSOR_NAME_BYTES]; /* "dense_1" */
  char name[TENSOR_NAME_BYTES];  /* "kernel" */
  Shape shape;
  size_t offset; /* of the first element in the flat vector */
  size_t count;  /* elements */
} ParameterTensor;

typedef struct ParameterMap {
  size_t n_tensors;
  ParameterTensor *tensors;
  size_t length; /* elements of the flat vector, padding included */
  size_t count;  /* elements of all tensors, without padding */
} ParameterMap;

/* Appends a tensor to the map and returns its index. */
size_t parameter_map_add(ParameterMap *map, const char *layer, const char *name, Shape shape);

/* Releases the map's own memory. */
void parameter_map_release(ParameterMap *map);

/* A tensor of the vector as float32, whatever `real` is. Ownership: array_release. */
Array parameters_array(const ParameterTensor *tensor, const real *parameters);

/* XXH3-128 over the little-endian float32 tensors in map order, without padding. */
void parameters_hash(const ParameterMap *map, const real *parameters, char out[HASH_TEXT_BYTES]);

/* True if every parameter is finite. */
bool parameters_are_finite(const ParameterMap *map, const real *parameters);

/* A run of blocks: the unit in which the vector is divided among owners.
 *
 * A block is PARAMETER_BLOCK elements counted from its tensor's start; the last block of a tensor
 * may be shorter. Slices are cut at block edges only, so that a sum over a block never depends on
 * how the vector is divided.
 */
typedef struct ParameterBlock {
  size_t tensor; /* index in the map */
  size_t offset; /* in the flat vector */
  size_t count;  /* elements */
} ParameterBlock;

/* Number of blocks of the whole map. */
size_t parameter_block_count(const ParameterMap *map);

/* Writes all blocks in order. Shapes: blocks (parameter_block_count) */
void parameter_blocks(const ParameterMap *map, ParameterBlock *blocks);

/* The flat range from the first element of a run of blocks to its last. Empty for no blocks. */
Range parameter_slice(const ParameterMap *map, Range blocks);

/* The parts of a vector in the order in which somebody waits for them, and whom to tell that one is
 * there.
 */
typedef struct PartOrder {
  size_t count;
  const Range *parts; /* flat ranges, disjoint, cut at block edges; together all tensors */
  void (*finished)(void *context, size_t part); /* called for every part, in this order */
  void *context;
} PartOrder;
