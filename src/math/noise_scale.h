#pragma once
/* The gradient noise scale: how large a batch may be before its samples tell nearly the same.
 *
 * tr(Sigma), the variance of a single sample's gradient, and |G|^2, the squared norm of the true
 * gradient, are estimated from the gradients of a batch's shards and of the whole batch. Both
 * estimates are unbiased, and so noisy that they are averaged over many steps before they are
 * divided.
 *
 * Formula     with K shards of n_s samples (K those that have any), B = sum n_s, mean gradients g_s
 *             and g:   A = sum_s n_s/B |g_s|^2
 *                      tr(Sigma) = (A - |g|^2) B / (K - 1)
 *                      |G|^2     = |g|^2 - tr(Sigma) / B
 *                      scale     = mean tr(Sigma) / mean |G|^2, exponential means with decay 0.95
 *             With shards of one size these are the source's equations with B_small = B / K.
 *             With any sizes, E|g_s|^2 = |G|^2 + tr(Sigma) / n_s, so that
 *             E A = |G|^2 + K tr(Sigma) / B.
 * Source      McCandlish, Kaplan, Amodei 2018, "An Empirical Model of Large-Batch Training",
 *             section 2.2 and appendix A.1
 */

#include <stddef.h>

/* The running means. All zero: nothing was measured. */
typedef struct NoiseScale {
  double variance; /* of tr(Sigma) */
  double gradient; /* of |G|^2 */
} NoiseScale;

/* What one step gave. */
typedef struct NoiseMeasurement {
  size_t n_rows;      /* B >= 2 */
  size_t n_shards;    /* K >= 2 */
  double shard_norms; /* A */
  double batch_norm;  /* |g|^2 */
} NoiseMeasurement;

/* Takes a measurement into the means. */
void noise_scale_add(NoiseScale *scale, const NoiseMeasurement *measurement);

/* The scale, in samples; NaN before the first measurement, and where the noise hides the gradient:
 * where the mean of |G|^2 is not above 0. */
double noise_scale_value(const NoiseScale *scale);
