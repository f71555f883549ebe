#pragma once
/* The heart of math/engines/native.c: a tile of 6 rows by 16 columns that stays in registers.
 *
 * Twelve of the sixteen vector registers hold the tile, two hold a row of b, one an element of a.
 * The loops over rows are unrolled by hand of the compiler, or else the tile would live in memory.
 */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#if defined(__x86_64__) && !defined(LOCKSTEP_REAL_DOUBLE)
#define NATIVE_KERNELS 1

#include <immintrin.h>

enum { TILE_ROWS = 6, TILE_COLUMNS = 16, TILE_VECTOR = 8 };

#define NATIVE_TARGET          __attribute__((target("avx2,fma")))
#define NATIVE_INLINE          static inline __attribute__((always_inline)) NATIVE_TARGET
#define FOR_TILE_ROWS(i, rows) _Pragma("GCC unroll 6") for (size_t i = 0; i < (rows); i++)

/* A tile; the number of its rows in use is a constant wherever a function is inlined. */
typedef struct Tile {
  __m256 left[TILE_ROWS], right[TILE_ROWS];
} Tile;

/* A matrix in memory, by its distances in elements. */
typedef struct Strided {
  const float *values;
  size_t row, step; /* from one row of the tile to the next; from one k to the next */
} Strided;

/* tile[i,j] = the chain over k < K of a[i,k] b[k,j]. b: 16 columns, rows `b_row` apart. */
NATIVE_INLINE Tile tile_chain(const size_t rows, size_t K, Strided a, const float *b,
                              size_t b_row) {
  Tile tile;
  FOR_TILE_ROWS(i, rows) tile.left[i] = tile.right[i] = _mm256_setzero_ps();
  for (size_t k = 0; k < K; k++) {
    __m256 b_left = _mm256_loadu_ps(b + k * b_row);
    __m256 b_right = _mm256_loadu_ps(b + k * b_row + TILE_VECTOR);
    const float *a_k = a.values + k * a.step;
    FOR_TILE_ROWS(i, rows) {
      __m256 a_ik = _mm256_broadcast_ss(a_k + i * a.row);
      tile.left[i] = _mm256_fmadd_ps(a_ik, b_left, tile.left[i]);
      tile.right[i] = _mm256_fmadd_ps(a_ik, b_right, tile.right[i]);
    }
  }
  return tile;
}

/* left + right, element by element. */
NATIVE_INLINE Tile tile_sum(const size_t rows, const Tile *left, const Tile *right) {
  Tile sum;
  FOR_TILE_ROWS(i, rows) {
    sum.left[i] = _mm256_add_ps(left->left[i], right->left[i]);
    sum.right[i] = _mm256_add_ps(left->right[i], right->right[i]);
  }
  return sum;
}

/* Where a tile lies in a matrix. */
typedef struct TilePlace {
  float *c;
  size_t row;     /* elements from one row to the next; 0: all rows are the same one */
  size_t columns; /* at most 16 */
} TilePlace;

/* Writes the tile's columns that exist. */
NATIVE_INLINE void tile_store(const size_t rows, const Tile *tile, const TilePlace *place) {
  float part[TILE_ROWS * TILE_COLUMNS];
  bool whole = place->columns == TILE_COLUMNS;
  float *c = whole ? place->c : part;
  size_t row = whole ? place->row : TILE_COLUMNS;
  FOR_TILE_ROWS(i, rows) {
    _mm256_storeu_ps(c + i * row, tile->left[i]);
    _mm256_storeu_ps(c + i * row + TILE_VECTOR, tile->right[i]);
  }
  if (whole) return;
  for (size_t i = 0; i < rows; i++) {
    memcpy(place->c + i * place->row, part + i * TILE_COLUMNS, place->columns * sizeof(float));
  }
}

/* Reads a tile; columns that do not exist are 0. */
NATIVE_INLINE Tile tile_load(const size_t rows, const TilePlace *place) {
  float part[TILE_ROWS * TILE_COLUMNS] = {0};
  bool whole = place->columns == TILE_COLUMNS;
  for (size_t i = 0; !whole && i < rows; i++) {
    memcpy(part + i * TILE_COLUMNS, place->c + i * place->row, place->columns * sizeof(float));
  }
  const float *c = whole ? place->c : part;
  size_t row = whole ? place->row : TILE_COLUMNS;
  Tile tile;
  FOR_TILE_ROWS(i, rows) {
    tile.left[i] = _mm256_loadu_ps(c + i * row);
    tile.right[i] = _mm256_loadu_ps(c + i * row + TILE_VECTOR);
  }
  return tile;
}

/* Calls a function that is inlined for each number of rows from 1 to 6: its first argument becomes
 * a constant. */
#define WITH_CONSTANT_ROWS(rows, function, ...)                                                    \
  do {                                                                                             \
    switch (rows) {                                                                                \
    case 6: function(6, __VA_ARGS__); break;                                                       \
    case 5: function(5, __VA_ARGS__); break;                                                       \
    case 4: function(4, __VA_ARGS__); break;                                                       \
    case 3: function(3, __VA_ARGS__); break;                                                       \
    case 2: function(2, __VA_ARGS__); break;                                                       \
    default: function(1, __VA_ARGS__); break;                                                      \
    }                                                                                              \
  } while (0)

#endif
