#include "math/elementwise.h"

void elements_add(size_t count, const real *addend, real *out) {
  for (size_t i = 0; i < count; i++) out[i] += addend[i];
}

void elements_scale(size_t count, real factor, real *out) {
  for (size_t i = 0; i < count; i++) out[i] *= factor;
}

void rows_add(size_t n, size_t m, const real *b, real *y) {
  for (size_t row = 0; row < n; row++) {
    for (size_t j = 0; j < m; j++) y[row * m + j] += b[j];
  }
}

enum { COLUMN_TILE = 64 };

void rows_sum(size_t n, size_t m, size_t y_stride, const real *y, bool accumulate, real *sum) {
  for (size_t begin = 0; begin < m; begin += COLUMN_TILE) {
    size_t width = m - begin < COLUMN_TILE ? m - begin : COLUMN_TILE;
    real partial[COLUMN_TILE] = {0};
    for (size_t row = 0; row < n; row++) {
      for (size_t j = 0; j < width; j++) partial[j] += y[row * y_stride + begin + j];
    }
    for (size_t j = 0; j < width; j++) {
      sum[begin + j] = accumulate ? sum[begin + j] + partial[j] : partial[j];
    }
  }
}
