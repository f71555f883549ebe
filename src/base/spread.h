#pragma once
/* What repeated measurements have in common, and how far they lie apart.
 */

#include <stddef.h>

typedef struct Spread {
  double median, low, high;
} Spread;

/* The spread of n values, which are sorted in place. Range: n >= 1. */
Spread spread_of(double *values, size_t n);
