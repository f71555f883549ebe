#pragma once
/* What repeated measurements have in common, and how far they lie apart.
 */

#include <stddef.h>

typedef struct Spread {
  double median, low, high;
} Spread;

/* The spread of n values, which are sorted in place. Range: n >= 1. */
Spread spread_of(double *values, size_t n);

/* A mean, and how far single values lie from it. */
typedef struct Mean {
  size_t n;
  double mean;      /* NaN without values */
  double deviation; /* of a sample: divided by n - 1; NaN below 2 values */
} Mean;

/* The mean of n values. Range: n >= 0. */
Mean mean_of(const double *values, size_t n);
