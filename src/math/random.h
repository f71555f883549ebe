#pragma once
/* Random numbers as pure functions of a counter: there is no generator state.
 *
 * Source      Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3": Philox4x32-10
 * Formula     words = philox(counter = (purpose + 256 stream, epoch, position, block), key = seed)
 */

#include <stddef.h>
#include <stdint.h>

#include "math/real.h"

/* What a number is for; numbers of different purposes are independent. Part of the file format of
 * nothing, but of every result: never renumber. */
typedef enum RandomPurpose {
  RANDOM_WEIGHTS = 1, /* stream: tensor; position: 0; block: element / 4 */
  RANDOM_ORDER = 2,   /* keys of an epoch's order */
  RANDOM_SPLIT = 3,   /* keys of the split into training and validation */
  RANDOM_DROPOUT = 4, /* stream: layer; epoch; position: sample in the epoch; block: unit / 4 */
  RANDOM_DATA = 5,    /* synthetic data; stream: which array */
} RandomPurpose;

typedef struct RandomStream {
  uint64_t seed;
  RandomPurpose purpose;
  uint32_t stream; /* below 2^24 */
  uint32_t epoch;
} RandomStream;

/* The four words of one block. */
void random_words(const RandomStream *stream, uint32_t position, uint32_t block, uint32_t out[4]);

/* A number in [0, 1): multiples of 2^-24. */
real random_uniform(uint32_t word);

/* `count` uniform numbers in [0, 1): elements first, first + 1, ... of the stream at `position`. */
void random_fill_uniform(const RandomStream *stream, uint32_t position, size_t first, size_t count,
                         real *out);

/* `count` standard normal numbers, elements first, first + 1, ... of the stream at `position`.
 *
 * Formula     sqrt(-2 ln u1) (cos, sin)(2 pi u2), u1 in (0, 1]
 * Source      Box and Muller 1958
 */
void random_fill_normal(const RandomStream *stream, uint32_t position, size_t first, size_t count,
                        real *out);

/* `count` standard normal numbers with those beyond two standard deviations drawn again.
 *
 * The retry of an element takes its words from the next epoch of the stream, so every element stays
 * a function of its own index.
 */
void random_fill_truncated_normal(const RandomStream *stream, size_t count, real *out);

/* A permutation of 0..n-1 that is computed place by place and never written down. */
typedef struct Permutation {
  uint64_t n;
  uint32_t half_bits; /* of each half of the index */
  uint32_t keys[8];   /* one per round */
} Permutation;

/* The permutation of 0..n-1 of a stream. Range: n >= 1. */
Permutation permutation_create(const RandomStream *stream, uint64_t n);

/* The element at `position` of the permutation, position < n.
 *
 * Formula     balanced Feistel network on the least even number of bits, walked until it falls
 *             below n
 * Source      Black and Rogaway 2002, "Ciphers with arbitrary finite domains"
 */
uint64_t permutation_at(const Permutation *permutation, uint64_t position);
