/* The native engine with vectors of 256 bits, for processors with AVX2 and FMA. */

#include "math/engines/native_width.h"

#ifdef NATIVE_KERNELS

#include <immintrin.h>

#define NATIVE_TARGET __attribute__((target("avx2,fma")))
#define NATIVE_INLINE static inline __attribute__((always_inline)) NATIVE_TARGET

/* A tile of 6 x 2 vectors takes twelve of the sixteen registers; two hold a row of b, one an
 * element of a. */
#define TILE_VECTORS 2
enum { LANES = 8 };

typedef __m256 Vector;

typedef struct Mask {
  __m256i lanes; /* the sign bits of those in use */
  size_t count;
} Mask;

NATIVE_INLINE Vector vector_zero(void) {
  return _mm256_setzero_ps();
}

NATIVE_INLINE Vector vector_load(const float *from) {
  return _mm256_loadu_ps(from);
}

NATIVE_INLINE void vector_store(float *to, Vector a) {
  _mm256_storeu_ps(to, a);
}

NATIVE_INLINE Vector vector_broadcast(const float *from) {
  return _mm256_broadcast_ss(from);
}

NATIVE_INLINE Vector vector_add(Vector a, Vector b) {
  return _mm256_add_ps(a, b);
}

/* a b + c, rounded once. */
NATIVE_INLINE Vector vector_fma(Vector a, Vector b, Vector c) {
  return _mm256_fmadd_ps(a, b, c);
}

/* The first `count` lanes, at most all. */
NATIVE_INLINE Mask mask_first(size_t count) {
  __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return (Mask){_mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), lanes), count};
}

NATIVE_INLINE bool mask_is_whole(Mask mask) {
  return mask.count == LANES;
}

/* Lanes that are not in use become 0, and their memory is not touched. */
NATIVE_INLINE Vector vector_load_part(const float *from, Mask mask) {
  return _mm256_maskload_ps(from, mask.lanes);
}

/* Half by half, since masked stores are slow on some processors. */
NATIVE_INLINE void vector_store_part(float *to, Mask mask, Vector a) {
  __m128 left = _mm256_castps256_ps128(a);
  if (mask.count & 4) {
    _mm_storeu_ps(to, left);
    left = _mm256_extractf128_ps(a, 1);
    to += 4;
  }
  if (mask.count & 2) {
    _mm_storel_pi((__m64 *)to, left);
    left = _mm_movehl_ps(left, left);
    to += 2;
  }
  if (mask.count & 1) _mm_store_ss(to, left);
}

static bool is_possible(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

#include "math/engines/native_products.h"

const Engine native_256 = {.is_possible = is_possible, NATIVE_PRODUCTS};

#else

static bool is_impossible(void) {
  return false;
}

const Engine native_256 = {.is_possible = is_impossible};

#endif
