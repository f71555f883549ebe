#pragma once
/* The products of the native engine with vectors of one width.
 *
 * To be included once, by the file of each width: it defines Vector and Mask and what can be done
 * with them, LANES (floats in a vector), TILE_VECTORS (2 or 4, a tile's width), and how functions
 * are compiled for processors that have such vectors, NATIVE_TARGET and NATIVE_INLINE.
 *
 * Source      tiles in registers and packed panels: Goto and van de Geijn 2008
 */

#include "math/engines/native_tile.h"

/* Up to NARROW_WIDTH outputs leave most of a tile's columns empty. GROUP_ROWS of a result are
 * computed from a panel while it is near; PACKED_INPUTS is their number in whole vectors. */
enum { NARROW_WIDTH = 16, GROUP_ROWS = 2 * TILE_ROWS, PACKED_INPUTS = 16 };

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

/* So many columns in whole vectors: the elements from one row of a panel to the next. */
static size_t panel_step(size_t columns) {
  return vectors_of(columns) * LANES;
}

/* True if a matrix of so many columns can be read as if it were packed. */
static bool is_panel(size_t columns) {
  return columns <= TILE_COLUMNS && columns % LANES == 0;
}

static size_t scratch_elements(size_t n, size_t d, size_t m) {
  size_t forward = TILE_COLUMNS * d;
  size_t input = m <= NATIVE_SMALL_WIDTH ? TILE_COLUMNS * m : panel_step(n) * m;
  size_t weight = (m <= NARROW_WIDTH ? TILE_COLUMNS : panel_step(m) + PACKED_INPUTS) * n;
  size_t most = forward > input ? forward : input;
  return most > weight ? most : weight;
}

/* to[j,i] = from[i,j], four by four. */
NATIVE_TARGET static void transpose(size_t rows, size_t columns, const float *from, size_t from_row,
                                    float *to, size_t to_row) {
  size_t whole_rows = rows - rows % 4, whole_columns = columns - columns % 4;
  for (size_t j = 0; j < whole_columns; j += 4) {
    for (size_t i = 0; i < whole_rows; i += 4) {
      const float *at = from + i * from_row + j;
      __m128 a = _mm_loadu_ps(at), b = _mm_loadu_ps(at + from_row);
      __m128 c = _mm_loadu_ps(at + 2 * from_row), d = _mm_loadu_ps(at + 3 * from_row);
      _MM_TRANSPOSE4_PS(a, b, c, d);
      float *into = to + j * to_row + i;
      _mm_storeu_ps(into, a);
      _mm_storeu_ps(into + to_row, b);
      _mm_storeu_ps(into + 2 * to_row, c);
      _mm_storeu_ps(into + 3 * to_row, d);
    }
  }
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = i < whole_rows ? whole_columns : 0; j < columns; j++) {
      to[j * to_row + i] = from[i * from_row + j];
    }
  }
}

/* ---- y = x w + b ---- */

static void forward(const ShardProgram *program, size_t d, size_t m, const real *x, const real *w,
                    const real *b, real *y, real *scratch) {
  size_t n = shard_program_rows(program);
  ShardProgram chain;
  shard_program_single(d, &chain);
  bool in_place = !is_panel(m);
  float *panel = in_place && n > TILE_ROWS ? scratch : NULL;
  for (size_t j = 0; j < m; j += TILE_COLUMNS) {
    compute_tiles(n, &(TileTask){.program = &chain,
                                 .a = {x, d, 1},
                                 .b = {w + j, m, in_place, panel},
                                 .before = b ? b + j : NULL,
                                 .c = y + j,
                                 .c_row = m,
                                 .columns = smaller(m - j, TILE_COLUMNS)});
  }
}

/* ---- dx = dy w^T ---- */

/* dx^T = w dy^T: w is read as it lies, once, and only the small dy is packed. */
static void input_gradient_transposed(size_t n, size_t d, size_t m, const float *dy, const float *w,
                                      float *dx, float *scratch) {
  ShardProgram chain;
  shard_program_single(m, &chain);
  for (size_t j = 0; j < n; j += TILE_COLUMNS) {
    size_t columns = smaller(n - j, TILE_COLUMNS);
    transpose(columns, m, dy + j * m, m, scratch + j * m, panel_step(columns));
  }
  for (size_t i = 0; i < d; i += GROUP_ROWS) {
    size_t rows = smaller(d - i, GROUP_ROWS);
    for (size_t j = 0; j < n; j += TILE_COLUMNS) {
      size_t columns = smaller(n - j, TILE_COLUMNS);
      float part[GROUP_ROWS * TILE_COLUMNS];
      compute_tiles(rows, &(TileTask){.program = &chain,
                                      .a = {w + i * m, m, 1},
                                      .b = {scratch + j * m, panel_step(columns), false, NULL},
                                      .c = part,
                                      .c_row = TILE_COLUMNS,
                                      .columns = columns});
      transpose(rows, columns, part, TILE_COLUMNS, dx + j * d + i, d);
    }
  }
}

/* With few outputs w is small: it is packed instead, and dx is written as it lies. */
static void input_gradient_of_few(size_t n, size_t d, size_t m, const float *dy, const float *w,
                                  float *dx, float *scratch) {
  ShardProgram chain;
  shard_program_single(m, &chain);
  for (size_t j = 0; j < d; j += TILE_COLUMNS) {
    size_t columns = smaller(d - j, TILE_COLUMNS);
    transpose(columns, m, w + j * m, m, scratch, panel_step(columns));
    compute_tiles(n, &(TileTask){.program = &chain,
                                 .a = {dy, m, 1},
                                 .b = {scratch, panel_step(columns), false, NULL},
                                 .c = dx + j,
                                 .c_row = d,
                                 .columns = columns});
  }
}

static void input_gradient(const ShardProgram *program, size_t d, size_t m, const real *dy,
                           const real *w, real *dx, real *scratch) {
  size_t n = shard_program_rows(program);
  if (m <= NATIVE_SMALL_WIDTH) {
    input_gradient_of_few(n, d, m, dy, w, dx, scratch);
  } else {
    input_gradient_transposed(n, d, m, dy, w, dx, scratch);
  }
}

/* ---- dw = sum over runs of x^T dy ---- */

/* Copies columns of a matrix into panels, one after the other: row after row of the matrix, since
 * one piece of a row is near the next. Missing columns become 0. */
NATIVE_TARGET static void pack_panels(size_t rows, size_t columns, const float *from,
                                      float *panels) {
  for (size_t k = 0; k < rows; k++) {
    for (size_t j = 0; j < columns; j += LANES) {
      size_t panel = j - j % TILE_COLUMNS;
      size_t step = panel_step(smaller(columns - panel, TILE_COLUMNS));
      Mask exist = mask_first(smaller(columns - j, LANES));
      vector_store(panels + panel * rows + k * step + j % TILE_COLUMNS,
                   vector_load_part(from + k * columns + j, exist));
    }
  }
}

/* A few inputs of every sample side by side. */
NATIVE_TARGET static void pack_inputs(size_t n, size_t d, const float *x, size_t count,
                                      float *packed) {
  for (size_t i = 0; i < count; i += LANES) {
    Mask exist = mask_first(smaller(count - i, LANES));
    for (size_t row = 0; row < n; row++) {
      vector_store(packed + row * PACKED_INPUTS + i, vector_load_part(x + row * d + i, exist));
    }
  }
}

/* dw^T = dy^T x: the inputs fill tiles that a few outputs would leave half empty. */
static void weight_rows_of_few(const WeightProduct *product, Range inputs, bool accumulate,
                               real *dw) {
  size_t d = product->d, m = product->m;
  float *panel = m > TILE_ROWS ? product->scratch : NULL;
  for (size_t i = inputs.begin; i < inputs.end; i += TILE_COLUMNS) {
    size_t columns = smaller(inputs.end - i, TILE_COLUMNS);
    float *to = dw + (i - inputs.begin) * m, part[NARROW_WIDTH * TILE_COLUMNS];
    if (accumulate) transpose(columns, m, to, m, part, TILE_COLUMNS);
    compute_tiles(m, &(TileTask){.program = product->program,
                                 .a = {product->dy, 1, m},
                                 .b = {product->x + i, d, true, panel},
                                 .before = accumulate ? part : NULL,
                                 .before_row = TILE_COLUMNS,
                                 .c = part,
                                 .c_row = TILE_COLUMNS,
                                 .columns = columns});
    transpose(m, columns, part, TILE_COLUMNS, to, m);
  }
}

static void weight_begin(const WeightProduct *product) {
  size_t m = product->m;
  if (m <= NARROW_WIDTH || is_panel(m)) return;
  pack_panels(shard_program_rows(product->program), m, product->dy, product->scratch);
}

static void weight_rows(const WeightProduct *product, Range inputs, bool accumulate, real *dw) {
  size_t n = shard_program_rows(product->program), d = product->d, m = product->m;
  if (m <= NARROW_WIDTH) {
    weight_rows_of_few(product, inputs, accumulate, dw);
    return;
  }
  const float *panels = is_panel(m) ? product->dy : product->scratch;
  float *packed = product->scratch + panel_step(m) * n;
  /* Packing the inputs pays where many panels read them. */
  bool packs = m > NATIVE_SMALL_WIDTH;
  for (size_t i = inputs.begin; i < inputs.end; i += GROUP_ROWS) {
    size_t rows = smaller(inputs.end - i, GROUP_ROWS);
    if (packs) pack_inputs(n, d, product->x + i, rows, packed);
    for (size_t j = 0; j < m; j += TILE_COLUMNS) {
      size_t columns = smaller(m - j, TILE_COLUMNS);
      float *to = dw + (i - inputs.begin) * m + j;
      TileTask task = {.program = product->program,
                       .a = packs ? (Left){packed, 1, PACKED_INPUTS} : (Left){product->x + i, 1, d},
                       .b = {panels + j * n, panel_step(columns), false, NULL},
                       .before = accumulate ? to : NULL,
                       .before_row = m,
                       .c = to,
                       .c_row = m,
                       .columns = columns};
      compute_tiles(rows, &task);
    }
  }
}

/* A designated initialiser: what the engines of all widths have in common. */
#define NATIVE_PRODUCTS                                                                            \
  .scratch = scratch_elements, .forward = forward, .input_gradient = input_gradient,               \
  .weight_begin = weight_begin, .weight_rows = weight_rows, .cuts_freely = true
