#pragma once
/* Metrics: what people read. One number per sample, then a mean, the root of a mean, or a median.
 *
 * A kind is one row in model/metric_kinds.c, with its function in model/metrics/ or taken from a
 * loss.
 */

#include <stdbool.h>
#include <stddef.h>

#include "config/kind.h"
#include "math/real.h"
#include "model/loss.h"

typedef struct MetricPass {
  size_t n, m;
  const real *prediction; /* (N,M) */
  const real *target;     /* (N,M) */
  real threshold;         /* LossKind.threshold */
  double *values;         /* (N) */
} MetricPass;

typedef struct MetricKind {
  Kind kind;
  Summary summary;
  bool larger_is_better;
  void (*evaluate)(const MetricPass *pass);
} MetricKind;

extern const KindTable metric_kinds;

/* The metric that a loss is shown with by default: accuracy for classes, mean absolute error for
 * numbers. */
const MetricKind *metric_default(const LossKind *loss);
