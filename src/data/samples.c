#include "data/samples.h"
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

VECTORISED static void read_scaled(Dtype dtype, const void *values, size_t first, size_t count,
                                   real scale, real *out) {
  switch (dtype) {
  case DTYPE_U8: READ_SCALED(uint8_t); break;
  case DTYPE_I8: READ_SCALED(int8_t); break;
  case DTYPE_I16: READ_SCALED(int16_t); break;
  case DTYPE_I32: READ_SCALED(int32_t); break;
  case DTYPE_F32: READ_SCALED(float); break;
  case DTYPE_F64: READ_SCALED(double); break;
  case DTYPE_I64: READ_SCALED(int64_t); break;
  }
}

void samples_read(const Samples *samples, size_t index, real *x, real *targets) {
  const Dataset *dataset = samples->dataset;
  const DatasetDescription *description = &dataset->description;
  size_t row = samples->part.rows ? samples->part.rows[index] : index;
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

void sampler_read(const Sampler *sampler, uint64_t first, size_t n, real *x, real *targets) {
  const DatasetDescription *description = &sampler->samples->dataset->description;
  size_t x_width = shape_count(&description->input_shape), t_width = description->target_width;
  for (size_t i = 0; i < n; i++) {
    uint64_t position = first + i;
    uint64_t index = sampler->shuffle ? permutation_at(&sampler->order, position) : position;
    samples_read(sampler->samples, index, x ? x + i * x_width : NULL,
                 targets ? targets + i * t_width : NULL);
  }
}
