#include "data/samples.h"

#include "base/memory.h"
#include "math/vectorised.h"

size_t samples_count(const Samples *samples) {
  return samples->part.rows ? samples->part.count : samples->dataset->description.n_samples;
}

/* One loop per stored type, so that each vectorises. A division, not a product with the reciprocal:
 * the same numbers as NumPy's. */
#define READ_SCALED(type)                                                                          \
  do {                                                                                             \
    const type *from = (const type *)values + first;                                               \
    for (size_t i = 0; i < count; i++) out[i] = (real)from[i] / scale;                             \
  } while (0)

/* The same for small whole numbers, whose quotient is not subnormal, without the cost of divisions:
 * two floats' quotient is never so near to the middle between two floats (relative 2^-49) that the
 * two roundings of the product in double (relative 2^-52) could carry it across. */
#ifdef LOCKSTEP_REAL_DOUBLE
#define READ_WHOLE READ_SCALED
#else
#define READ_WHOLE(type)                                                                           \
  do {                                                                                             \
    const type *from = (const type *)values + first;                                               \
    double reciprocal = 1 / (double)scale;                                                         \
    for (size_t i = 0; i < count; i++) out[i] = (real)(from[i] * reciprocal);                      \
  } while (0)
#endif

VECTORISED static void read_scaled(Dtype dtype, const void *values, size_t first, size_t count,
                                   real scale, real *out) {
  switch (dtype) {
  case DTYPE_U8: READ_WHOLE(uint8_t); break;
  case DTYPE_I8: READ_WHOLE(int8_t); break;
  case DTYPE_I16: READ_WHOLE(int16_t); break;
  case DTYPE_I32: READ_SCALED(int32_t); break;
  case DTYPE_F32: READ_SCALED(float); break;
  case DTYPE_F64: READ_SCALED(double); break;
  case DTYPE_I64: READ_SCALED(int64_t); break;
  }
}

static size_t row_of(const Samples *samples, size_t index) {
  return samples->part.rows ? samples->part.rows[index] : index;
}

/* Fetches the inputs of a sample that is read soon: samples in random order lie far apart. */
static void prefetch(const Samples *samples, size_t index) {
  const Dataset *dataset = samples->dataset;
  size_t bytes =
      shape_count(&dataset->description.input_shape) * dtype_bytes(dataset->inputs.dtype);
  const char *inputs = (const char *)dataset->inputs.values + row_of(samples, index) * bytes;
  for (size_t i = 0; i < bytes; i += CACHE_LINE_BYTES) __builtin_prefetch(inputs + i);
}

void samples_read(const Samples *samples, size_t index, real *x, real *targets) {
  const Dataset *dataset = samples->dataset;
  const DatasetDescription *description = &dataset->description;
  size_t row = row_of(samples, index);
  if (x) {
    size_t width = shape_count(&description->input_shape);
    read_scaled(dataset->inputs.dtype, dataset->inputs.values, row * width, width,
                (real)samples->scale, x);
  }
  if (targets) {
    size_t width = description->target_width;
    read_scaled(dataset->targets.dtype, dataset->targets.values, row * width, width, 1, targets);
  }
}

void sampler_begin_epoch(Sampler *sampler, uint32_t epoch) {
  RandomStream stream = {.seed = sampler->seed, .purpose = RANDOM_ORDER, .epoch = epoch};
  sampler->order = permutation_create(&stream, samples_count(sampler->samples));
}

static size_t index_at(const Sampler *sampler, uint64_t position) {
  return sampler->shuffle ? permutation_at(&sampler->order, position) : position;
}

void sampler_read(const Sampler *sampler, uint64_t first, size_t n, real *x, real *targets) {
  const DatasetDescription *description = &sampler->samples->dataset->description;
  size_t x_width = shape_count(&description->input_shape), t_width = description->target_width;
  size_t index = n > 0 ? index_at(sampler, first) : 0;
  for (size_t i = 0; i < n; i++) {
    size_t next = i + 1 < n ? index_at(sampler, first + i + 1) : index;
    prefetch(sampler->samples, next);
    samples_read(sampler->samples, index, x ? x + i * x_width : NULL,
                 targets ? targets + i * t_width : NULL);
    index = next;
  }
}
