#pragma once
/* A model of the time of a step on p ranks, fitted to measurements, to say what more ranks would
 * bring.
 *
 * Formula     T = work W / p + latency log2(p) + transfer (p - 1) / p,   all three at least 0
 *             W: work of the point, relative to the first: batch size / first batch size
 *             work      what the ranks share: gradients, and the update of the parameters
 *             latency   what every round of a reduction over a tree of ranks takes
 *             transfer  what each rank moves in a reduce-scatter and an allgather
 * Source      Thakur, Rabenseifner, Gropp 2005, section 4.5 (alpha, beta and gamma terms of a
 *             reduction by recursive halving and doubling)
 */

#include <stdbool.h>
#include <stddef.h>

/* One measured step. */
typedef struct ScalingSample {
  double ranks;
  double work; /* W */
  double seconds;
} ScalingSample;

typedef struct ScalingModel {
  double work, latency, transfer; /* s */
  double error;                   /* root of the mean square of (model - measured) / measured */
} ScalingModel;

/* Fits the terms by least squares of the relative errors. Where the samples know fewer than three
 * numbers of ranks, latency cannot be told from transfer: it is 0 then.
 *
 * Range       returns false if all samples are of one number of ranks
 */
bool scaling_model_fit(const ScalingSample *samples, size_t n, ScalingModel *out);

/* The time of a step, in s. */
double scaling_model_seconds(const ScalingModel *model, double ranks, double work);
