#pragma once
/* The heart of the native engine: a tile of the result that stays in registers.
 *
 * A tile has up to six rows, and one to TILE_VECTORS vectors of columns. More rows would not do:
 * where rows of a lie a multiple of 4096 bytes apart they compete for the same eight lines of a
 * cache. To be included by math/engines/native_products.h alone.
 */

#include <stdbool.h>
#include <stddef.h>

#include "math/shard_tree.h"

enum { TILE_ROWS = 6, TILE_COLUMNS = TILE_VECTORS * LANES, FAR_AHEAD = 16 };

/* What is a constant wherever a function is inlined. So the loops over a tile can be unrolled, or
 * else the tile would live in memory. */
typedef struct TileShape {
  size_t rows, vectors;
  bool in_place; /* how b is read */
} TileShape;

#define FOR_VECTORS(j, shape) _Pragma("GCC unroll 4") for (size_t j = 0; j < (shape).vectors; j++)
#define FOR_TILE(i, j, shape)                                                                      \
  _Pragma("GCC unroll 6") for (size_t i = 0; i < (shape).rows; i++) FOR_VECTORS(j, shape)

typedef struct Tile {
  Vector at[TILE_ROWS][TILE_VECTORS];
} Tile;

/* The left factor: a[i,k] of the tile's rows lies at values[i * row + k * step]. */
typedef struct Left {
  const float *values;
  size_t row, step;
} Left;

/* The right factor: the tile's columns of b's row k begin at values[k * step].
 *
 * In a panel the rows are near one another and filled up to whole vectors; what is beyond the
 * columns does not matter. Else b is read in place, as a part of a larger matrix. */
typedef struct Right {
  const float *values;
  size_t step;
  bool in_place;
  float *panel; /* whereto b is copied while it is read in place; NULL: nowhere */
} Right;

/* A tile of a result, and all that it is computed from. */
typedef struct TileTask {
  const ShardProgram *program; /* of k: a chain for each run, and how they are added */
  Left a;
  Right b;
  const float *before; /* is added, on the left; NULL: nothing */
  size_t before_row;   /* elements from one row of it to the next */
  float *c;
  size_t c_row;
  size_t columns; /* of the tile that exist */
} TileTask;

/* tile[i,j] = the chain over some k of a[i,k] b[k,j]. */
NATIVE_INLINE Tile tile_chain(const TileShape shape, Mask last, Range ks, Left a, Right b) {
  Tile tile;
  FOR_TILE(i, j, shape) tile.at[i][j] = vector_zero();
  for (size_t k = ks.begin; k < ks.end; k++) {
    const float *a_k = a.values + k * a.step, *b_k = b.values + k * b.step;
    Vector row[TILE_VECTORS];
    FOR_VECTORS(j, shape) {
      bool masked = shape.in_place && j + 1 == shape.vectors;
      row[j] = masked ? vector_load_part(b_k + j * LANES, last) : vector_load(b_k + j * LANES);
    }
    if (shape.in_place) {
      /* The rows lie far apart, so the processor does not see by itself what comes next. */
      const float *ahead = b_k + FAR_AHEAD * b.step;
      FOR_VECTORS(j, shape) __builtin_prefetch(ahead + j * LANES, 0, 2);
      if (b.panel) {
        float *copy = b.panel + k * shape.vectors * LANES;
        FOR_VECTORS(j, shape) vector_store(copy + j * LANES, row[j]);
      }
    }
    FOR_TILE(i, j, shape) {
      tile.at[i][j] = vector_fma(vector_broadcast(a_k + i * a.row), row[j], tile.at[i][j]);
    }
  }
  return tile;
}

/* left + right, element by element. */
NATIVE_INLINE Tile tile_sum(const TileShape shape, const Tile *left, const Tile *right) {
  Tile sum;
  FOR_TILE(i, j, shape) sum.at[i][j] = vector_add(left->at[i][j], right->at[i][j]);
  return sum;
}

NATIVE_INLINE Tile tile_load(const TileShape shape, Mask last, const float *from, size_t row) {
  Tile tile;
  FOR_TILE(i, j, shape) {
    const float *at = from + i * row + j * LANES;
    tile.at[i][j] = j + 1 == shape.vectors ? vector_load_part(at, last) : vector_load(at);
  }
  return tile;
}

NATIVE_INLINE void tile_store(const TileShape shape, Mask last, const Tile *tile, float *to,
                              size_t row) {
  /* Masked stores are slow on some processors. */
  if (mask_is_whole(last)) {
    FOR_TILE(i, j, shape) vector_store(to + i * row + j * LANES, tile->at[i][j]);
    return;
  }
  FOR_TILE(i, j, shape) {
    float *at = to + i * row + j * LANES;
    if (j + 1 == shape.vectors) {
      vector_store_part(at, last, tile->at[i][j]);
    } else {
      vector_store(at, tile->at[i][j]);
    }
  }
}

NATIVE_INLINE void tile_compute(const TileShape shape, const TileTask *task) {
  Mask last = mask_first(task->columns - (shape.vectors - 1) * LANES);
  Tile stack[SHARD_MOST_DEPTH], top;
  size_t depth = 0;
  for (size_t r = 0; r < task->program->n_runs; r++) {
    const ShardRun *run = &task->program->runs[r];
    if (depth > 0) stack[depth - 1] = top;
    top = tile_chain(shape, last, run->rows, task->a, task->b);
    depth++;
    for (size_t i = 0; i < run->additions; i++) {
      depth--;
      top = tile_sum(shape, &stack[depth - 1], &top);
    }
  }
  if (task->before) {
    Tile before = tile_load(shape, last, task->before, task->before_row);
    top = tile_sum(shape, &before, &top);
  }
  tile_store(shape, last, &top, task->c, task->c_row);
}

/* tile_compute of tiles of some vectors, for each number of rows. */
#define DEFINE_TILES(name, vectors, in_place)                                                      \
  NATIVE_TARGET static void name(size_t rows, const TileTask *task) {                              \
    switch (rows) {                                                                                \
    case 6: tile_compute((TileShape){6, vectors, in_place}, task); break;                          \
    case 5: tile_compute((TileShape){5, vectors, in_place}, task); break;                          \
    case 4: tile_compute((TileShape){4, vectors, in_place}, task); break;                          \
    case 3: tile_compute((TileShape){3, vectors, in_place}, task); break;                          \
    case 2: tile_compute((TileShape){2, vectors, in_place}, task); break;                          \
    default: tile_compute((TileShape){1, vectors, in_place}, task); break;                         \
    }                                                                                              \
  }

DEFINE_TILES(panel_tile_1, 1, false)
DEFINE_TILES(panel_tile_2, 2, false)
DEFINE_TILES(place_tile_1, 1, true)
DEFINE_TILES(place_tile_2, 2, true)
#if TILE_VECTORS == 4
DEFINE_TILES(panel_tile_3, 3, false)
DEFINE_TILES(panel_tile_4, 4, false)
DEFINE_TILES(place_tile_3, 3, true)
DEFINE_TILES(place_tile_4, 4, true)
#endif

typedef void (*TileFunction)(size_t rows, const TileTask *task);

/* By the tile's vectors. */
static const struct {
  TileFunction of_panel, in_place;
} tile_functions[TILE_VECTORS + 1] = {
    [1] = {panel_tile_1, place_tile_1},
    [2] = {panel_tile_2, place_tile_2},
#if TILE_VECTORS == 4
    [3] = {panel_tile_3, place_tile_3},
    [4] = {panel_tile_4, place_tile_4},
#endif
};

static size_t vectors_of(size_t columns) {
  return (columns + LANES - 1) / LANES;
}

/* The rows of the next tile where so many are left: the last two tiles share what there is. */
static size_t tile_rows(size_t left) {
  if (left >= 2 * TILE_ROWS) return TILE_ROWS;
  return left > TILE_ROWS ? (left + 1) / 2 : left;
}

/* Computes tiles one below the other: at least one row of some columns. The task is the first
 * tile's, which also packs b if that is wanted, and becomes the last one's. */
static void compute_tiles(size_t rows, TileTask *task) {
  size_t vectors = vectors_of(task->columns);
  for (;;) {
    size_t now = tile_rows(rows);
    TileFunction compute =
        task->b.in_place ? tile_functions[vectors].in_place : tile_functions[vectors].of_panel;
    compute(now, task);
    rows -= now;
    if (rows == 0) return;
    task->a.values += now * task->a.row;
    task->c += now * task->c_row;
    if (task->before) task->before += now * task->before_row;
    if (task->b.panel) task->b = (Right){task->b.panel, vectors * LANES, false, NULL};
  }
}
