#pragma once
/* The gradient of a wave, a part of the flat vector at a time.
 */

#include "model/wave.h"

/* Computes the parts of out->order one by one into out->gradient, after all input gradients, and
 * announces each. Rows of tensors that a part cuts are computed whole, with the first part that has
 * elements of them.
 */
void gradient_parts_compute(const Model *model, const Workspace *workspace, const Wave *wave,
                            const WaveGradient *out);
