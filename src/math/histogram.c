#include "math/histogram.h"

#include <stdbool.h>

#include "math/vectorised.h"

/* Numbers looked at together: as many as vectors have lanes, or more. */
enum { LANES = 16 };

VECTORISED_PART void widen_lane(real value, real *low, real *high) {
  /* NaN is in no relation. */
  *low = value > -(real)INFINITY && value < *low ? value : *low;
  *high = value < (real)INFINITY && value > *high ? value : *high;
}

VECTORISED static void find_extremes(size_t count, const real *values, real *lows, real *highs) {
  size_t whole = count - count % LANES;
  for (size_t begin = 0; begin < whole; begin += LANES) {
    for (size_t lane = 0; lane < LANES; lane++) {
      widen_lane(values[begin + lane], &lows[lane], &highs[lane]);
    }
  }
  for (size_t i = whole; i < count; i++) widen_lane(values[i], &lows[0], &highs[0]);
}

void histogram_widen(HistogramRange *range, size_t count, const real *values) {
  real lows[LANES], highs[LANES];
  for (size_t lane = 0; lane < LANES; lane++) {
    lows[lane] = (real)INFINITY;
    highs[lane] = -(real)INFINITY;
  }
  find_extremes(count, values, lows, highs);
  for (size_t lane = 0; lane < LANES; lane++) {
    /* -0 + 0 is 0: which of two zeros came first leaves no trace. */
    if (lows[lane] < range->minimum) range->minimum = (double)lows[lane] + 0.0;
    if (highs[lane] > range->maximum) range->maximum = (double)highs[lane] + 0.0;
  }
}

/* Where a number lies: in bucket first + (v - minimum) scale. */
typedef struct BucketRule {
  double minimum, scale, first;
} BucketRule;

static BucketRule bucket_rule(const HistogramRange *range) {
  double width = range->maximum - range->minimum;
  if (width > 0) return (BucketRule){range->minimum, HISTOGRAM_BUCKETS / width, 0};
  return (BucketRule){range->minimum, 0, HISTOGRAM_BUCKETS - 1};
}

/* What is not finite goes to one bucket more. */
VECTORISED static void find_buckets(const BucketRule *rule, size_t count, const real *values,
                                    int32_t *buckets) {
  for (size_t i = 0; i < count; i++) {
    real value = values[i];
    double bucket = rule->first + ((double)value - rule->minimum) * rule->scale;
    bucket = bucket < HISTOGRAM_BUCKETS - 1 ? bucket : HISTOGRAM_BUCKETS - 1;
    bool finite = value > -(real)INFINITY && value < (real)INFINITY;
    buckets[i] = (int32_t)(finite ? bucket : HISTOGRAM_BUCKETS);
  }
}

void histogram_count(const HistogramRange *range, size_t count, const real *values,
                     int64_t *counts) {
  enum { STRETCH = 512 };
  BucketRule rule = bucket_rule(range);
  int64_t found[HISTOGRAM_BUCKETS + 1] = {0};
  int32_t buckets[STRETCH];
  for (size_t begin = 0; begin < count; begin += STRETCH) {
    size_t length = count - begin < STRETCH ? count - begin : STRETCH;
    find_buckets(&rule, length, values + begin, buckets);
    for (size_t i = 0; i < length; i++) found[buckets[i]]++;
  }
  for (size_t b = 0; b < HISTOGRAM_BUCKETS; b++) counts[b] += found[b];
}
