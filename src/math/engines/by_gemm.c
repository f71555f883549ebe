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

/* What the tiles of a weight gradient are computed from. */
typedef struct TileTask {
  GemmFunction multiply;
  const ShardProgram *program;
  size_t d, m;
  const real *x, *dy;
} TileTask;

/* Inputs [first, first + count) of one run. */
static void run_tile(const TileTask *task, Range rows, size_t first, size_t count, real *out) {
  Gemm gemm = {.transpose_a = true,
               .rows = count,
               .columns = task->m,
               .inner = range_count(rows),
               .a = task->x + rows.begin * task->d + first,
               .a_stride = task->d,
               .b = task->dy + rows.begin * task->m,
               .b_stride = task->m,
               .c = out};
  task->multiply(&gemm);
}

/* The runs of a tile added up on a stack of tiles; the sum is left in its first. */
static void sum_tile(const TileTask *task, size_t first, size_t count, real *stack) {
  size_t length = count * task->m, depth = 0;
  for (size_t r = 0; r < task->program->n_runs; r++) {
    const ShardRun *run = &task->program->runs[r];
    run_tile(task, run->rows, first, count, stack + depth++ * length);
    for (size_t i = 0; i < run->additions; i++) {
      depth--;
      elements_add(length, stack + depth * length, stack + (depth - 1) * length);
    }
  }
}

void by_gemm_weight_gradient(GemmFunction multiply, const ShardProgram *program, size_t d, size_t m,
                             const real *x, const real *dy, bool accumulate, real *dw,
                             real *scratch) {
  TileTask task = {multiply, program, d, m, x, dy};
  size_t step = tile_rows(d, m);
  for (size_t first = 0; first < d; first += step) {
    size_t count = d - first < step ? d - first : step;
    real *out = dw + first * m;
    sum_tile(&task, first, count, scratch);
    if (accumulate) {
      elements_add(count * m, scratch, out);
    } else {
      memcpy(out, scratch, count * m * sizeof(real));
    }
  }
}
