#pragma once
/* Targets in the form that the losses take: (N,M), whatever the data file holds.
 *
 * A data file holds T numbers per sample. Where T = M they are taken as they are; where T = 1 < M
 * the number is a class index and becomes one-hot.
 */

#include "base/array.h"
#include "base/status.h"
#include "math/real.h"
#include "model/loss.h"

/* Checks all targets of a data set against a loss and a model with m outputs.
 *
 * Shapes      targets (N,T)
 * Range       `source` names the data in messages
 * Errors      ERR_DATA naming the first sample (from 0) that does not fit
 */
Status target_check(const LossKind *loss, const char *source, const Array *targets, size_t m);

/* Writes targets of width T as (N,M). Shapes: stored (N,T)   encoded (N,M) */
void target_encode(size_t n, size_t t, size_t m, const real *stored, real *encoded);
