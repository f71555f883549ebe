/* The program's own matrix products: every element is one chain of fused multiply-adds.
 *
 * Formula     c[i,j] = fma(a[i,K-1], b[K-1,j], ... fma(a[i,1], b[1,j], fma(a[i,0], b[0,j], 0)))
 *
 * So the bits of an element depend on its row of a and its column of b alone: not on the shape of
 * the matrices, on what is computed together, on the width of the vectors or on the processor. That
 * is what lets the rows of many shards share one product, and ranks with different vectors work
 * together. Needs a processor with FMA and AVX2; with AVX-512, its vectors are used.
 */

#include "math/engines/native_width.h"

/* A test's choice; 0: none. */
static size_t chosen_bits;

static size_t vector_bits(void) {
  if (native_512.is_possible()) return 512;
  return native_256.is_possible() ? 256 : 0;
}

bool native_choose_width(size_t bits) {
  if (bits > vector_bits()) return false;
  chosen_bits = bits;
  return true;
}

/* The products at the width that was chosen, or else the widest. */
static const Engine *widest(void) {
  size_t bits = chosen_bits ? chosen_bits : vector_bits();
  return bits == 512 ? &native_512 : &native_256;
}

static bool is_possible(void) {
  return vector_bits() > 0;
}

static const char *version(void) {
  return "native 1";
}

/* Not the width: it leaves the bits alone. */
static const char *kernels(void) {
  return "FMA";
}

static size_t scratch_elements(size_t n, size_t d, size_t m) {
  size_t narrow = native_256.scratch(n, d, m), wide = native_512.scratch(n, d, m);
  return narrow > wide ? narrow : wide;
}

static void forward(const ShardProgram *program, size_t d, size_t m, const real *x, const real *w,
                    const real *b, real *y, real *scratch) {
  widest()->forward(program, d, m, x, w, b, y, scratch);
}

static void input_gradient(const ShardProgram *program, size_t d, size_t m, const real *dy,
                           const real *w, real *dx, real *scratch) {
  /* With many outputs the rows lie side by side in a vector, and eight fill one of 256 bits. */
  bool fills_narrow = m > NATIVE_SMALL_WIDTH && shard_program_rows(program) <= 8;
  const Engine *engine = fills_narrow && !chosen_bits ? &native_256 : widest();
  engine->input_gradient(program, d, m, dy, w, dx, scratch);
}

static void weight_begin(const WeightProduct *product) {
  widest()->weight_begin(product);
}

static void weight_rows(const WeightProduct *product, Range inputs, bool accumulate, real *dw) {
  widest()->weight_rows(product, inputs, accumulate, dw);
}

const Engine native_engine = {
    .is_possible = is_possible,
    .version = version,
    .kernels = kernels,
    .vector_bits = vector_bits,
    .scratch = scratch_elements,
    .forward = forward,
    .input_gradient = input_gradient,
    .weight_begin = weight_begin,
    .weight_rows = weight_rows,
    .cuts_freely = true,
};
