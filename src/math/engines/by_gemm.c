#include "math/engines/by_gemm.h"

#include <string.h>

#include "math/elementwise.h"

/* 128 KiB of float: a few tiles, one for each open level of the tree, fit a second-level cache. */
enum { TILE_ELEMENTS = 32768 };

static size_t tile_rows(size_t d, size_t m) {
  size_t rows = TILE_ELEMENTS / m > 0 ? TILE_ELEMENTS / m : 1;
  return rows < d ? rows : d;
}

size_t by_gemm_scratch(size_t n, size_t d, size_t m) {
  size_t transposes = n * (d + m), tiles = (SHARD_MOST_DEPTH + 1) * tile_rows(d, m) * m;
  return transposes > tiles ? transposes : tiles;
}

void by_gemm_forward(GemmFunction multiply, const ShardProgram *program, size_t d, size_t m,
                     const real *x, const real *w, const real *b, real *y) {
  for (size_t r = 0; r < program->n_runs; r++) {
    Range rows = program->runs[r].rows;
    Gemm gemm = {.rows = range_count(rows),
                 .columns = m,
                 .inner = d,
                 .a = x + rows.begin * d,
                 .a_stride = d,
                 .b = w,
                 .b_stride = m,
                 .c = y + rows.begin * m};
    multiply(&gemm);
  }
  if (b) rows_add(shard_program_rows(program), m, b, y);
}

void by_gemm_input_gradient(GemmFunction multiply, const ShardProgram *program, size_t d, size_t m,
                            const real *dy, const real *w, real *dx) {
  for (size_t r = 0; r < program->n_runs; r++) {
    Range rows = program->runs[r].rows;
    Gemm gemm = {.transpose_b = true,
                 .rows = range_count(rows),
                 .columns = d,
                 .inner = m,
                 .a = dy + rows.begin * m,
                 .a_stride = m,
                 .b = w,
                 .b_stride = m,
                 .c = dx + rows.begin * d};
    multiply(&gemm);
  }
}

static void transpose(size_t rows, size_t columns, const real *from, real *to) {
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < columns; j++) to[j * rows + i] = from[i * columns + j];
  }
}

void by_gemm_input_gradient_transposed(GemmFunction multiply, const ShardProgram *program, size_t d,
                                       size_t m, const real *dy, const real *w, real *dx,
                                       real *scratch) {
  for (size_t r = 0; r < program->n_runs; r++) {
    Range rows = program->runs[r].rows;
    size_t n = range_count(rows);
    real *dy_transposed = scratch, *dx_transposed = scratch + n * m;
    transpose(n, m, dy + rows.begin * m, dy_transposed);
    Gemm gemm = {.rows = d,
                 .columns = n,
                 .inner = m,
                 .a = w,
                 .a_stride = m,
                 .b = dy_transposed,
                 .b_stride = n,
                 .c = dx_transposed};
    multiply(&gemm);
    transpose(d, n, dx_transposed, dx + rows.begin * d);
  }
}

/* A tile, the rows of some inputs, of one run. */
static void run_tile(GemmFunction multiply, const WeightProduct *product, Range rows, Range inputs,
                     real *out) {
  Gemm gemm = {.transpose_a = true,
               .rows = range_count(inputs),
               .columns = product->m,
               .inner = range_count(rows),
               .a = product->x + rows.begin * product->d + inputs.begin,
               .a_stride = product->d,
               .b = product->dy + rows.begin * product->m,
               .b_stride = product->m,
               .c = out};
  multiply(&gemm);
}

/* The runs of a tile added up on a stack of tiles; the sum is left in its first. */
static void sum_tile(GemmFunction multiply, const WeightProduct *product, Range inputs,
                     real *stack) {
  size_t length = range_count(inputs) * product->m, depth = 0;
  for (size_t r = 0; r < product->program->n_runs; r++) {
    const ShardRun *run = &product->program->runs[r];
    run_tile(multiply, product, run->rows, inputs, stack + depth++ * length);
    for (size_t i = 0; i < run->additions; i++) {
      depth--;
      elements_add(length, stack + depth * length, stack + (depth - 1) * length);
    }
  }
}

void by_gemm_weight_rows(GemmFunction multiply, const WeightProduct *product, Range inputs,
                         bool accumulate, real *dw) {
  size_t step = tile_rows(product->d, product->m);
  for (size_t first = inputs.begin; first < inputs.end; first += step) {
    Range tile = {first, inputs.end - first < step ? inputs.end : first + step};
    size_t length = range_count(tile) * product->m;
    real *out = dw + (first - inputs.begin) * product->m;
    sum_tile(multiply, product, tile, product->scratch);
    if (accumulate) {
      elements_add(length, product->scratch, out);
    } else {
      memcpy(out, product->scratch, length * sizeof(real));
    }
  }
}
