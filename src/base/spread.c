#include "base/spread.h"

#include <stdlib.h>

static int ascending(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return left < right ? -1 : left > right ? 1 : 0;
}

Spread spread_of(double *values, size_t n) {
  qsort(values, n, sizeof(double), ascending);
  return (Spread){.median = values[n / 2], .low = values[0], .high = values[n - 1]};
}
