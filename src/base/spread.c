#include "base/spread.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return left < right ? -1 : left > right ? 1 : 0;
}

Spread spread_of(double *values, size_t n) {
  qsort(values, n, sizeof(double), ascending);
  return (Spread){.median = values[n / 2], .low = values[0], .high = values[n - 1]};
}

Mean mean_of(const double *values, size_t n) {
  double sum = 0, squares = 0;
  for (size_t i = 0; i < n; i++) sum += values[i];
  Mean found = {.n = n, .mean = n > 0 ? sum / (double)n : NAN, .deviation = NAN};
  for (size_t i = 0; i < n; i++) squares += (values[i] - found.mean) * (values[i] - found.mean);
  if (n > 1) found.deviation = sqrt(squares / (double)(n - 1));
  return found;
}
