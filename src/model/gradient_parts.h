#pragma once
/* The gradient of a wave, a part of the flat vector at a time.
 *
 * Order of calls: wave_compute without a gradient, then gradient_part_compute for every part in
 * their order.
 */

#include "model/wave.h"

/* A wave whose gradient is computed part by part. */
typedef struct WaveParts {
  const Workspace *workspace;
  const Wave *wave;
  WaveGradient out;
  const PartOrder *order;
  size_t begun; /* the layer whose gradient was begun last; n_layers: none yet */
} WaveParts;

/* Computes one part. Rows of tensors that a part cuts are computed whole, with the first part that
 * has elements of them.
 */
void gradient_part_compute(const Model *model, WaveParts *parts, size_t part);
