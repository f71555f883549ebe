#pragma once
/* The samples of one purpose: a data set, or a part of it, with the scale of its inputs.
 */

#include <stdbool.h>
#include <stdint.h>

#include "data/dataset.h"
#include "data/split.h"
#include "math/random.h"
#include "math/real.h"

typedef struct Samples {
  const Dataset *dataset; /* borrowed */
  SampleList part;        /* rows NULL: all samples; borrowed */
  double scale;           /* inputs are divided by it */
} Samples;

/* Number of samples. */
size_t samples_count(const Samples *samples);

/* Reads one sample.
 *
 * Formula     x = input / scale
 * Shapes      x (input width)   targets (T); either may be NULL
 */
void samples_read(const Samples *samples, size_t index, real *x, real *targets);

/* The order in which an epoch visits the samples: a pure function of (seed, epoch, position). */
typedef struct Sampler {
  const Samples *samples; /* borrowed */
  bool shuffle;           /* false: the order of the samples */
  uint64_t seed;
  Permutation order; /* of the epoch begun last */
} Sampler;

/* Prepares the order of an epoch. */
void sampler_begin_epoch(Sampler *sampler, uint32_t epoch);

/* Reads the samples at positions [first, first + n) of the epoch's order.
 *
 * Shapes      x (n, input width)   targets (n, T); either may be NULL
 */
void sampler_read(const Sampler *sampler, uint64_t first, size_t n, real *x, real *targets);
