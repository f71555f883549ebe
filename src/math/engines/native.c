/* The program's own matrix products: every element is one chain of fused multiply-adds.
 *
 * Formula     c[i,j] = fma(a[i,K-1], b[K-1,j], ... fma(a[i,1], b[1,j], fma(a[i,0], b[0,j], 0)))
 * Source      tiles in registers and packed panels: Goto and van de Geijn 2008
 *
 * So the bits of an element depend on its row of a and its column of b alone: not on the shape of
 * the matrices, on what is computed together, on the width of the vectors or on the processor. That
 * is what lets the rows of many shards share one product. Needs a processor with FMA and AVX2.
 */

#include <stdint.h>

#include "math/engine.h"
#include "math/engines/native_tile.h"

#ifdef NATIVE_KERNELS

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

static size_t panel_count(size_t columns) {
  return (columns + TILE_COLUMNS - 1) / TILE_COLUMNS;
}

/* Panels that are packed at a time: so much of w that it stays in the second-level cache. With no
 * more outputs than that, w is small. */
enum { GROUP_COLUMNS = 4 * TILE_COLUMNS, FAR_AHEAD = 12 };

static size_t scratch_elements(size_t n, size_t d, size_t m) {
  size_t forward = GROUP_COLUMNS * d;
  size_t input = TILE_COLUMNS * (panel_count(n) * m + panel_count(d) * smaller(m, GROUP_COLUMNS));
  size_t weight = TILE_COLUMNS * panel_count(m) * n + TILE_ROWS * n;
  size_t most = forward > input ? forward : input;
  return most > weight ? most : weight;
}

/* Copies columns of a matrix into panels of 16 columns each, one after the other: row after row of
 * the matrix, since one piece of a row is near the next. Missing columns become 0. */
static void pack_panels(size_t rows, size_t row_length, const float *from, size_t columns,
                        float *panels) {
  for (size_t k = 0; k < rows; k++) {
    const float *row = from + k * row_length;
    for (size_t j = 0; j < columns; j += TILE_COLUMNS) {
      /* The rows lie far apart, so the processor does not see by itself what comes next. */
      __builtin_prefetch(row + j + FAR_AHEAD * row_length);
      float *to = panels + j * rows + k * TILE_COLUMNS;
      if (columns - j >= TILE_COLUMNS) {
        memcpy(to, row + j, TILE_COLUMNS * sizeof(float));
      } else {
        for (size_t i = 0; i < TILE_COLUMNS; i++) to[i] = j + i < columns ? row[j + i] : 0;
      }
    }
  }
}

/* Copies the transpose of up to 16 rows of a matrix into a panel: panel[k,j] = from[j,k]. */
static void pack_transposed(size_t rows, size_t row_length, const float *from, float *panel) {
  for (size_t k = 0; k < row_length; k++) {
    for (size_t j = 0; j < TILE_COLUMNS; j++) {
      panel[k * TILE_COLUMNS + j] = j < rows ? from[j * row_length + k] : 0;
    }
  }
}

/* ---- c = a b + bias ---- */

/* A column of tiles of the result. */
typedef struct Column {
  TilePlace place;   /* of its first tile */
  const float *bias; /* of its columns; NULL: none */
} Column;

NATIVE_INLINE void product_tile(const size_t rows, size_t K, Strided a, Strided b,
                                const Column *column) {
  Tile tile = tile_chain(rows, K, a, b.values, b.step);
  if (column->bias) {
    TilePlace of_bias = {(float *)(uintptr_t)column->bias, 0, column->place.columns};
    Tile bias = tile_load(rows, &of_bias);
    tile = tile_sum(rows, &tile, &bias);
  }
  tile_store(rows, &tile, &column->place);
}

NATIVE_TARGET static void product_tiles(size_t rows, size_t K, Strided a, Strided b,
                                        const Column *column) {
  WITH_CONSTANT_ROWS(rows, product_tile, K, a, b, column);
}

/* The panels of b are read as they were packed, or, with `b_row`, in place. */
static void multiply(size_t n, size_t K, const float *a, const float *b, size_t b_row,
                     const Column *whole) {
  for (size_t i = 0; i < n; i += TILE_ROWS) {
    Strided a_rows = {a + i * K, K, 1};
    for (size_t j = 0; j < whole->place.columns; j += TILE_COLUMNS) {
      Strided panel = b_row ? (Strided){b + j, 0, b_row} : (Strided){b + j * K, 0, TILE_COLUMNS};
      Column column = {{whole->place.c + i * whole->place.row + j, whole->place.row,
                        smaller(whole->place.columns - j, TILE_COLUMNS)},
                       whole->bias ? whole->bias + j : NULL};
      product_tiles(smaller(n - i, TILE_ROWS), K, a_rows, panel, &column);
    }
  }
}

/* Few rows do not pay for packing, and narrow matrices need none. */
static bool reads_in_place(size_t n, size_t m) {
  return m % TILE_COLUMNS == 0 && (m <= GROUP_COLUMNS || n <= 2 * TILE_ROWS);
}

static void forward(const ShardProgram *program, size_t d, size_t m, const real *x, const real *w,
                    const real *b, real *y, real *scratch) {
  size_t n = shard_program_rows(program);
  if (reads_in_place(n, m)) {
    Column whole = {{y, m, m}, b};
    multiply(n, d, x, w, m, &whole);
    return;
  }
  for (size_t begin = 0; begin < m; begin += GROUP_COLUMNS) {
    size_t columns = smaller(m - begin, GROUP_COLUMNS);
    pack_panels(d, m, w + begin, columns, scratch);
    Column group = {{y + begin, m, columns}, b ? b + begin : NULL};
    multiply(n, d, x, scratch, 0, &group);
  }
}

/* ---- dx = dy w^T ---- */

NATIVE_INLINE void transposed_tile(const size_t rows, size_t K, Strided a, const float *b,
                                   const TilePlace *place) {
  Tile tile = tile_chain(rows, K, a, b, TILE_COLUMNS);
  float part[TILE_ROWS * TILE_COLUMNS];
  TilePlace of_part = {part, TILE_COLUMNS, TILE_COLUMNS};
  tile_store(rows, &tile, &of_part);
  for (size_t j = 0; j < place->columns; j++) {
    FOR_TILE_ROWS(i, rows) place->c[j * place->row + i] = part[i * TILE_COLUMNS + j];
  }
}

/* dx^T = w dy^T: w is read as it lies, once, and only the small dy is packed. */
NATIVE_TARGET static void input_gradient_transposed(size_t n, size_t d, size_t m, const float *dy,
                                                    const float *w, float *dx, float *scratch) {
  for (size_t j = 0; j < n; j += TILE_COLUMNS) {
    pack_transposed(smaller(n - j, TILE_COLUMNS), m, dy + j * m, scratch + j * m);
  }
  for (size_t i = 0; i < d; i += TILE_ROWS) {
    Strided rows_of_w = {w + i * m, m, 1};
    for (size_t j = 0; j < n; j += TILE_COLUMNS) {
      TilePlace place = {dx + j * d + i, d, smaller(n - j, TILE_COLUMNS)};
      WITH_CONSTANT_ROWS(smaller(d - i, TILE_ROWS), transposed_tile, m, rows_of_w, scratch + j * m,
                         &place);
    }
  }
}

static void input_gradient(const ShardProgram *program, size_t d, size_t m, const real *dy,
                           const real *w, real *dx, real *scratch) {
  size_t n = shard_program_rows(program);
  if (m > GROUP_COLUMNS) {
    input_gradient_transposed(n, d, m, dy, w, dx, scratch);
    return;
  }
  /* With few outputs w is small: it is packed instead, and dx is written as it lies. */
  for (size_t j = 0; j < d; j += TILE_COLUMNS) {
    pack_transposed(smaller(d - j, TILE_COLUMNS), m, w + j * m, scratch + j * m);
  }
  Column whole = {{dx, d, d}, NULL};
  multiply(n, m, dy, scratch, 0, &whole);
}

/* ---- dw = sum over runs of x^T dy ---- */

/* What a tile of a weight gradient is computed from. */
typedef struct WeightTask {
  const ShardProgram *program;
  Strided x;       /* rows are the tile's inputs, steps are samples */
  const float *dy; /* a panel */
  bool accumulate;
} WeightTask;

NATIVE_INLINE void weight_tile(const size_t rows, const WeightTask *task, const TilePlace *place) {
  Tile stack[SHARD_MOST_DEPTH], top;
  size_t depth = 0;
  for (size_t r = 0; r < task->program->n_runs; r++) {
    const ShardRun *run = &task->program->runs[r];
    if (depth > 0) stack[depth - 1] = top;
    Strided x = task->x;
    x.values += run->rows.begin * x.step;
    top = tile_chain(rows, range_count(run->rows), x, task->dy + run->rows.begin * TILE_COLUMNS,
                     TILE_COLUMNS);
    depth++;
    for (size_t i = 0; i < run->additions; i++) {
      depth--;
      top = tile_sum(rows, &stack[depth - 1], &top);
    }
  }
  if (task->accumulate) {
    Tile before = tile_load(rows, place);
    top = tile_sum(rows, &before, &top);
  }
  tile_store(rows, &top, place);
}

NATIVE_TARGET static void weight_tiles(size_t rows, const WeightTask *task,
                                       const TilePlace *place) {
  WITH_CONSTANT_ROWS(rows, weight_tile, task, place);
}

/* A few inputs of every sample side by side. */
static void pack_inputs(size_t n, size_t d, const float *x, size_t count, float *packed) {
  for (size_t row = 0; row < n; row++) {
    for (size_t i = 0; i < count; i++) packed[row * TILE_ROWS + i] = x[row * d + i];
  }
}

static void weight_begin(const WeightProduct *product) {
  size_t n = shard_program_rows(product->program), m = product->m;
  pack_panels(n, m, product->dy, m, product->scratch);
}

static void weight_rows(const WeightProduct *product, Range inputs, bool accumulate, real *dw) {
  size_t n = shard_program_rows(product->program), d = product->d, m = product->m;
  const float *panels = product->scratch;
  float *packed = product->scratch + panel_count(m) * n * TILE_COLUMNS;
  /* Packing the inputs pays where many panels read them. */
  bool packs = panel_count(m) > 4;
  for (size_t i = inputs.begin; i < inputs.end; i += TILE_ROWS) {
    size_t rows = smaller(inputs.end - i, TILE_ROWS);
    const float *x = product->x + i;
    if (packs) pack_inputs(n, d, x, rows, packed);
    Strided of_tile = packs ? (Strided){packed, 1, TILE_ROWS} : (Strided){x, 1, d};
    for (size_t j = 0; j < m; j += TILE_COLUMNS) {
      WeightTask task = {product->program, of_tile, panels + j * n, accumulate};
      TilePlace place = {dw + (i - inputs.begin) * m + j, m, smaller(m - j, TILE_COLUMNS)};
      weight_tiles(rows, &task, &place);
    }
  }
}

static bool is_possible(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static const char *version(void) {
  return "native 1";
}

static const char *kernels(void) {
  return "FMA";
}

const Engine native_engine = {
    .is_possible = is_possible,
    .version = version,
    .kernels = kernels,
    .scratch = scratch_elements,
    .forward = forward,
    .input_gradient = input_gradient,
    .weight_begin = weight_begin,
    .weight_rows = weight_rows,
    .cuts_freely = true,
};

#else

static bool is_impossible(void) {
  return false;
}

/* The double build, and other processors, use a library. */
const Engine native_engine = {.is_possible = is_impossible};

#endif
