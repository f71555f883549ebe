#include "math/noise_scale.h"

#include <math.h>

static const double DECAY = 0.95;

void noise_scale_add(NoiseScale *scale, const NoiseMeasurement *measurement) {
  double rows = (double)measurement->n_rows, shards = (double)measurement->n_shards;
  double variance = (measurement->shard_norms - measurement->batch_norm) * rows / (shards - 1);
  double gradient = measurement->batch_norm - variance / rows;
  /* Both means lack the same weight at first, which the quotient does not see. */
  scale->variance = DECAY * scale->variance + (1 - DECAY) * variance;
  scale->gradient = DECAY * scale->gradient + (1 - DECAY) * gradient;
}

double noise_scale_value(const NoiseScale *scale) {
  return scale->gradient > 0 ? scale->variance / scale->gradient : NAN;
}
