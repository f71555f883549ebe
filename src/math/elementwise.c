#include "math/elementwise.h"
#include "math/vectorised.h"

VECTORISED void elements_add(size_t count, const real *addend, real *out) {
  for (size_t i = 0; i < count; i++) out[i] += addend[i];
}

VECTORISED void elements_sum(size_t count, const real *left, const real *right, real *out) {
  for (size_t i = 0; i < count; i++) out[i] = left[i] + right[i];
}

VECTORISED void elements_scale(size_t count, real factor, const real *in, real *out) {
  for (size_t i = 0; i < count; i++) out[i] = factor * in[i];
}

enum { NORM_LANES = 8 };

VECTORISED_PART void add_square(real value, double scale, double *sum) {
  double scaled = (double)value * scale;
  *sum += scaled * scaled;
}

VECTORISED double elements_squared_norm(size_t count, double scale, const real *values) {
  double lanes[NORM_LANES] = {0};
  size_t whole = count - count % NORM_LANES;
  for (size_t begin = 0; begin < whole; begin += NORM_LANES) {
    for (size_t lane = 0; lane < NORM_LANES; lane++) {
      add_square(values[begin + lane], scale, &lanes[lane]);
    }
  }
  for (size_t i = whole; i < count; i++) add_square(values[i], scale, &lanes[i - whole]);

  double sum = 0;
  for (size_t lane = 0; lane < NORM_LANES; lane++) sum += lanes[lane];
  return sum;
}

VECTORISED void rows_add(size_t n, size_t m, const real *b, real *y) {
  for (size_t row = 0; row < n; row++) {
    for (size_t j = 0; j < m; j++) y[row * m + j] += b[j];
  }
}

enum { COLUMN_TILE = 64 };

static void sum_run(Range rows, size_t m, size_t width, const real *y, real *sum) {
  for (size_t j = 0; j < width; j++) sum[j] = 0;
  for (size_t row = rows.begin; row < rows.end; row++) {
    for (size_t j = 0; j < width; j++) sum[j] += y[row * m + j];
  }
}

/* The runs of some columns, added up on a stack; the sum is left in its first entry. */
static void sum_columns(const ShardProgram *program, size_t m, size_t width, const real *y,
                        real stack[SHARD_MOST_DEPTH + 1][COLUMN_TILE]) {
  size_t depth = 0;
  for (size_t r = 0; r < program->n_runs; r++) {
    sum_run(program->runs[r].rows, m, width, y, stack[depth++]);
    for (size_t i = 0; i < program->runs[r].additions; i++) {
      depth--;
      elements_add(width, stack[depth], stack[depth - 1]);
    }
  }
}

VECTORISED void rows_sum(const ShardProgram *program, size_t m, Range columns, const real *y,
                         bool accumulate, real *sum) {
  real stack[SHARD_MOST_DEPTH + 1][COLUMN_TILE];
  for (size_t begin = columns.begin; begin < columns.end; begin += COLUMN_TILE) {
    size_t left = columns.end - begin, width = left < COLUMN_TILE ? left : COLUMN_TILE;
    sum_columns(program, m, width, y + begin, stack);
    for (size_t j = 0; j < width; j++, sum++) *sum = accumulate ? *sum + stack[0][j] : stack[0][j];
  }
}
