#pragma once
/* Histograms: numbers counted in buckets of equal width between the least and the greatest.
 *
 * Numbers that are not finite are left out. Order of calls: from HISTOGRAM_EMPTY, histogram_widen
 * over all numbers, then histogram_count over all of them again. Both take a stretch at a time; no
 * result depends on how the numbers are divided into stretches, or on their order.
 */

#include <stddef.h>
#include <stdint.h>

#include "math/real.h"

enum { HISTOGRAM_BUCKETS = 30 };

typedef struct HistogramRange {
  double minimum, maximum;
} HistogramRange;

/* The range of no numbers: any number widens it. */
#define HISTOGRAM_EMPTY ((HistogramRange){INFINITY, -INFINITY})

typedef struct Histogram {
  HistogramRange range;
  int64_t counts[HISTOGRAM_BUCKETS];
} Histogram;

/* Widens a range to take in numbers; a zero of either sign counts as 0. */
void histogram_widen(HistogramRange *range, size_t count, const real *values);

/* Counts numbers of the range.
 *
 * Formula     bucket of v: floor((v - minimum) B / (maximum - minimum)), at most B - 1, so that the
 *             last one includes the maximum; of equal numbers, B - 1 has all
 * Source      TensorBoard's histogram summary
 * Shapes      counts (B), B = HISTOGRAM_BUCKETS: added to
 */
void histogram_count(const HistogramRange *range, size_t count, const real *values,
                     int64_t *counts);
