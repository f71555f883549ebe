/* The native engine with vectors of 512 bits, for processors with AVX-512. */

#include "math/engines/native_width.h"

#ifdef NATIVE_KERNELS

#include <immintrin.h>

#define NATIVE_TARGET __attribute__((target("avx512f")))
#define NATIVE_INLINE static inline __attribute__((always_inline)) NATIVE_TARGET

/* A tile of 6 x 4 vectors takes 24 of the 32 registers; four hold a row of b, one an element of a.
 */
#define TILE_VECTORS 4
enum { LANES = 16 };

typedef __m512 Vector;
typedef __mmask16 Mask; /* a bit for each lane in use */

NATIVE_INLINE Vector vector_zero(void) {
  return _mm512_setzero_ps();
}

NATIVE_INLINE Vector vector_load(const float *from) {
  return _mm512_loadu_ps(from);
}

NATIVE_INLINE void vector_store(float *to, Vector a) {
  _mm512_storeu_ps(to, a);
}

NATIVE_INLINE Vector vector_broadcast(const float *from) {
  return _mm512_set1_ps(*from);
}

NATIVE_INLINE Vector vector_add(Vector a, Vector b) {
  return _mm512_add_ps(a, b);
}

/* a b + c, rounded once. */
NATIVE_INLINE Vector vector_fma(Vector a, Vector b, Vector c) {
  return _mm512_fmadd_ps(a, b, c);
}

/* The first `count` lanes, at most all. */
NATIVE_INLINE Mask mask_first(size_t count) {
  return (Mask)((1U << count) - 1);
}

NATIVE_INLINE bool mask_is_whole(Mask mask) {
  return mask == (Mask)-1;
}

/* Lanes that are not in use become 0, and their memory is not touched. */
NATIVE_INLINE Vector vector_load_part(const float *from, Mask mask) {
  return _mm512_maskz_loadu_ps(mask, from);
}

NATIVE_INLINE void vector_store_part(float *to, Mask mask, Vector a) {
  _mm512_mask_storeu_ps(to, mask, a);
}

static bool is_possible(void) {
  return __builtin_cpu_supports("avx512f");
}

#include "math/engines/native_products.h"

const Engine native_512 = {.is_possible = is_possible, NATIVE_PRODUCTS};

#else

static bool is_impossible(void) {
  return false;
}

const Engine native_512 = {.is_possible = is_impossible};

#endif
