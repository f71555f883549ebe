#include "math/random.h"

#include <Random123/philox.h>
#include <math.h>

#include "base/fatal.h"
#include "math/transcendental.h"

enum { BLOCK_NUMBERS = 4, STREAM_SHIFT = 8, FEISTEL_ROUNDS = 8 };

/* Blocks that are drawn at a time, so that the arithmetic on them vectorises. */
enum { CHUNK_BLOCKS = 32, CHUNK_NUMBERS = CHUNK_BLOCKS * BLOCK_NUMBERS };

/* Beyond so many standard deviations a truncated normal number is drawn again. */
static const real TRUNCATION = 2;

/* Turns the words of `n_blocks` blocks into numbers. */
typedef void (*WordsToNumbers)(size_t n_blocks, const uint32_t *words, float *numbers);

void random_words(const RandomStream *stream, uint32_t position, uint32_t block, uint32_t out[4]) {
  philox4x32_ctr_t counter = {
      {(uint32_t)stream->purpose | stream->stream << STREAM_SHIFT, stream->epoch, position, block}};
  philox4x32_key_t key = {{(uint32_t)stream->seed, (uint32_t)(stream->seed >> 32)}};
  philox4x32_ctr_t words = philox4x32_R(10, counter, key);
  for (int i = 0; i < BLOCK_NUMBERS; i++) out[i] = words.v[i];
}

/* The upper 24 bits of a word as a fraction: all of them fit a float. */
static float uniform_float(uint32_t word) {
  return (float)(word >> 8) * 0x1p-24f;
}

real random_uniform(uint32_t word) {
  return uniform_float(word);
}

static void uniform_numbers(size_t n_blocks, const uint32_t *words, float *numbers) {
  for (size_t i = 0; i < n_blocks * BLOCK_NUMBERS; i++) numbers[i] = uniform_float(words[i]);
}

/* Two words make two normal numbers, by Box and Muller. */
static void normal_numbers(size_t n_blocks, const uint32_t *words, float *numbers) {
  for (size_t i = 0; i < n_blocks * BLOCK_NUMBERS; i += 2) {
    float sine, cosine;
    float radius = sqrtf(-2.0f * float_log(1.0f - uniform_float(words[i])));
    float_sine_cosine_turns(uniform_float(words[i + 1]), &sine, &cosine);
    numbers[i] = radius * cosine;
    numbers[i + 1] = radius * sine;
  }
}

/* Elements first, first + 1, ... of a stream, where element i is number i % 4 of block i / 4. */
static void fill(const RandomStream *stream, uint32_t position, size_t first, size_t count,
                 WordsToNumbers convert, real *out) {
  uint32_t words[CHUNK_NUMBERS];
  float numbers[CHUNK_NUMBERS];
  size_t end = first + count;
  for (size_t element = first; element < end;) {
    size_t first_block = element / BLOCK_NUMBERS;
    size_t n_blocks = (end - 1) / BLOCK_NUMBERS - first_block + 1;
    if (n_blocks > CHUNK_BLOCKS) n_blocks = CHUNK_BLOCKS;
    for (size_t b = 0; b < n_blocks; b++) {
      random_words(stream, position, (uint32_t)(first_block + b), &words[b * BLOCK_NUMBERS]);
    }
    convert(n_blocks, words, numbers);

    // The range may begin and end inside a block.
    size_t chunk_begin = first_block * BLOCK_NUMBERS;
    size_t chunk_end = chunk_begin + n_blocks * BLOCK_NUMBERS;
    if (chunk_end > end) chunk_end = end;
    for (; element < chunk_end; element++) *out++ = numbers[element - chunk_begin];
  }
}

void random_fill_uniform(const RandomStream *stream, uint32_t position, size_t first, size_t count,
                         real *out) {
  fill(stream, position, first, count, uniform_numbers, out);
}

void random_fill_normal(const RandomStream *stream, uint32_t position, size_t first, size_t count,
                        real *out) {
  fill(stream, position, first, count, normal_numbers, out);
}

void random_fill_truncated_normal(const RandomStream *stream, size_t count, real *out) {
  random_fill_normal(stream, 0, 0, count, out);
  for (size_t i = 0; i < count; i++) {
    RandomStream retry = *stream;
    while (out[i] < -TRUNCATION || out[i] > TRUNCATION) {
      retry.epoch++;
      random_fill_normal(&retry, 0, i, 1, &out[i]);
    }
  }
}

/* Mixes 32 bits so that each depends on all: the finaliser of MurmurHash3 (Appleby 2011). */
static uint32_t mix(uint32_t x) {
  x = (x ^ x >> 16) * 0x85ebca6b;
  x = (x ^ x >> 13) * 0xc2b2ae35;
  return x ^ x >> 16;
}

Permutation permutation_create(const RandomStream *stream, uint64_t n) {
  CHECK(n >= 1, "a permutation needs at least one element");
  Permutation permutation = {.n = n, .half_bits = 1};
  while (permutation.half_bits < 32 && UINT64_C(1) << 2 * permutation.half_bits < n) {
    permutation.half_bits++;
  }
  random_words(stream, 0, 0, &permutation.keys[0]);
  random_words(stream, 0, 1, &permutation.keys[BLOCK_NUMBERS]);
  return permutation;
}

/* One pass through the network: a permutation of all numbers of 2 half_bits bits. */
static uint64_t feistel(const Permutation *permutation, uint64_t value) {
  uint32_t mask = UINT32_MAX >> (32 - permutation->half_bits);
  uint32_t left = (uint32_t)(value >> permutation->half_bits), right = (uint32_t)value & mask;
  for (int round = 0; round < FEISTEL_ROUNDS; round++) {
    uint32_t mixed = left ^ (mix(right ^ permutation->keys[round]) & mask);
    left = right;
    right = mixed;
  }
  return (uint64_t)left << permutation->half_bits | right;
}

uint64_t permutation_at(const Permutation *permutation, uint64_t position) {
  uint64_t value = position;
  do {
    value = feistel(permutation, value);
  } while (value >= permutation->n);
  return value;
}
