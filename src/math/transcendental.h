#pragma once
/* Exponentials, logarithms and the like, with the same bits on every processor.
 *
 * The C library picks its kernels by processor, and a compiler's vector versions differ from its
 * scalar ones. These functions are free of branches and tables, so that gcc vectorises a loop over
 * them, and every element goes through the same IEEE operations at any vector width (compiled with
 * -ffp-contract=off). float_... are the functions themselves; real_... are what `real` code calls:
 * the same in the float build, the C library's in the double build, where digits matter, not bits.
 *
 * Range       every float; NaN gives NaN; what leaves the range becomes infinite, denormal or 0
 * Error       at most 2 units in the last place: 1.92 over all floats, measured one by one;
 *             tests/unit/math/test_transcendental.c measures a sample of them
 * Source      polynomials: this project's minimax fits, tests/reference/fit_polynomials.py; beside
 *             each stand its degree, its interval and the greatest relative error of the result
 *             that it causes. Range reductions: Muller, "Elementary Functions", 3rd edition, ch. 11
 */

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "math/real.h"

/* ln 2 in two parts; a whole number below 2^9 times the first part is exact. */
#define FLOAT_LN2_HIGH 0.693145752f
#define FLOAT_LN2_LOW  1.42860677e-6f

/* Added and subtracted again, it rounds a float below 2^22 to a whole number. */
#define FLOAT_ROUNDER 0x1.8p23f

/* The bits of a float. */
static inline uint32_t float_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* The float of some bits. */
static inline float float_from_bits(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* 2^exponent. Range: -126 <= exponent <= 127 */
static inline float float_power_of_two(int32_t exponent) {
  return float_from_bits((uint32_t)(exponent + 127) << 23);
}

/* 1 + r + r^2 P(r), which is exp(r) for |r| <= ln(2) / 2; P of degree 4, 2^-28.1. */
static inline float float_exp_reduced(float r) {
  float p = 0.00138207444f;
  p = p * r + 0.00836924836f;
  p = p * r + 0.041668281f;
  p = p * r + 0.166665167f;
  p = p * r + 0.49999994f;
  return 1.0f + (r + r * r * p);
}

/* x = k ln 2 + r with |r| <= ln(2) / 2: returns r. Range: |x| <= 150; NaN gives NaN and any k */
static inline float float_exp_reduce(float x, int32_t *k) {
  float shifted = x * 1.44269504f + FLOAT_ROUNDER;
  float whole = shifted - FLOAT_ROUNDER;
  *k = (int32_t)(float_bits(shifted) - float_bits(FLOAT_ROUNDER));
  return (x - whole * FLOAT_LN2_HIGH) - whole * FLOAT_LN2_LOW;
}

/* exp(x) where it is known to be neither infinite nor denormal. Range: -87 <= x <= 88 */
static inline float float_exp_bounded(float x) {
  int32_t k;
  float r = float_exp_reduce(x, &k);
  return float_exp_reduced(r) * float_power_of_two(k);
}

/* Exponential.
 *
 * Formula     exp(k ln 2 + r) = 2^k exp(r)
 * Range       0 below -104, infinite above 88.8
 */
static inline float float_exp(float x) {
  int32_t k;
  float bounded = x > 89.0f ? 89.0f : x;
  bounded = bounded < -105.0f ? -105.0f : bounded;
  float r = float_exp_reduce(bounded, &k);

  // 2^k itself may be out of range where the result is not; the second product alone rounds.
  int32_t half = k >> 1;
  return float_exp_reduced(r) * float_power_of_two(half) * float_power_of_two(k - half);
}

/* exponent ln 2 + log(1 + f) + correction, the correction being small. Range: 2/3 <= 1 + f <= 4/3
 *
 * Formula     log(1 + f) = f - f^2 / 2 + f^3 P(f), P of degree 7 on [-1/3, 1/3], 2^-27.7
 */
static inline float float_log_reduced(float exponent, float f, float correction) {
  float p = -0.128802091f;
  p = p * f + 0.139845937f;
  p = p * f - 0.121874474f;
  p = p * f + 0.14005734f;
  p = p * f - 0.166801974f;
  p = p * f + 0.200104266f;
  p = p * f - 0.249998063f;
  p = p * f + 0.333332151f;

  float square = f * f;
  float rest = (square * f * p - 0.5f * square) + (exponent * FLOAT_LN2_LOW + correction);
  return exponent * FLOAT_LN2_HIGH + (f + rest);
}

/* Natural logarithm.
 *
 * Formula     log(2^k m) = k ln 2 + log(m), 2/3 <= m < 4/3
 * Range       log(0) = -inf, log(x) = NaN below 0
 */
static inline float float_log(float x) {
  const uint32_t two_thirds = 0x3f2aaaab;

  // A denormal number has too few bits of its own: scale it up.
  float scaled = x < 0x1p-126f ? x * 0x1p23f : x;
  float scaling = x < 0x1p-126f ? 23.0f : 0.0f;

  uint32_t distance = float_bits(scaled) - two_thirds;
  float exponent = (float)((int32_t)distance >> 23) - scaling;
  float m = float_from_bits((distance & 0x7fffff) + two_thirds);

  float result = x < INFINITY ? float_log_reduced(exponent, m - 1.0f, 0.0f) : x;
  float outside = x == 0.0f ? -INFINITY : NAN;
  return x > 0.0f ? result : outside;
}

/* log(1 + x).
 *
 * Formula     1 + x = u + lost, u rounded; log(u + lost) = log(u) + lost / u
 * Range       log1p(-1) = -inf, log1p(x) = NaN below -1
 */
static inline float float_log1p(float x) {
  const uint32_t two_thirds = 0x3f2aaaab;
  float u = 1.0f + x;
  float kept = u - 1.0f;
  float lost = (1.0f - (u - kept)) + (x - kept);

  uint32_t distance = float_bits(u) - two_thirds;
  int32_t k = (int32_t)distance >> 23;
  float m = float_from_bits((distance & 0x7fffff) + two_thirds);

  // 1 / u = 2^-k / (1 + f), about. Nothing that matters is lost from 2^30 on.
  float f = m - 1.0f;
  float inverse = (1.0f - f + f * f) * float_power_of_two(k < 30 ? -k : -30);
  float result = x < INFINITY ? float_log_reduced((float)k, f, lost * inverse) : x;
  float outside = u == 0.0f ? -INFINITY : NAN;
  return u > 0.0f ? result : outside;
}

/* Hyperbolic tangent.
 *
 * Formula     x + x^3 P(x^2), P of degree 5 on |x| <= 0.75, 2^-29.1
 *             1 - 2 / (exp(2 x) + 1) beyond; the sign of x apart
 */
static inline float float_tanh(float x) {
  float size = fabsf(x);
  float square = size * size;
  float p = 0.00174175669f;
  p = p * square - 0.0076658125f;
  p = p * square + 0.0214577932f;
  p = p * square - 0.0538945347f;
  p = p * square + 0.133327201f;
  p = p * square - 0.333333164f;
  float near = size + size * (square * p);

  // From 9.02 on the result rounds to 1.
  float bounded = size > 10.0f ? 10.0f : size;
  float far = 1.0f - 2.0f / (float_exp_bounded(2.0f * bounded) + 1.0f);
  return copysignf(size < 0.75f ? near : far, x);
}

/* Error function.
 *
 * Formula     x + x P(x^2), P of degree 6 on |x| <= 1, 2^-29.4
 *             1 - exp(-Q(x)), Q of degree 6 on 1 <= x <= 4, 2^-29.8, beyond; the sign of x apart
 */
static inline float float_erf(float x) {
  float size = fabsf(x);
  float square = size * size;
  float p = 7.80690389e-05f;
  p = p * square - 0.00079978531f;
  p = p * square + 0.0051871622f;
  p = p * square - 0.0268533472f;
  p = p * square + 0.112835787f;
  p = p * square - 0.37612626f;
  p = p * square + 0.128379166f;
  float near = size + size * p;

  // From 3.92 on the result rounds to 1.
  float bounded = size > 4.0f ? 4.0f : size;
  float q = -0.000186375459f;
  q = q * bounded + 0.00294762757f;
  q = q * bounded - 0.0218379628f;
  q = q * bounded + 0.103106588f;
  q = q * bounded + 0.63814497f;
  q = q * bounded + 1.12708914f;
  q = q * bounded + 0.000341525505f;
  float far = 1.0f - float_exp_bounded(-q);
  return copysignf(size < 1.0f ? near : far, x);
}

/* Logistic function, 1 / (1 + exp(-x)).
 *
 * Formula     s = e / (1 + e), e = exp(-|x|): 1 - s for x >= 0, and e / (1 + e) = e - e s below,
 *             whose last steps lose less than the quotient
 */
static inline float float_sigmoid(float x) {
  float e = float_exp(-fabsf(x));
  float s = e / (1.0f + e);
  float whole = x < 0.0f ? e : 1.0f;
  return whole - whole * s;
}

/* log(1 + exp(x)).
 *
 * Formula     max(x, 0) + log(1 + e), e = exp(-|x|)
 *             log(1 + e) = e - e^2 / 2 + e^3 P(e), P of degree 7 on [0, 1], 2^-27.0
 */
static inline float float_softplus(float x) {
  float e = float_exp(-fabsf(x));
  float p = -0.00367563916f;
  p = p * e + 0.0218680017f;
  p = p * e - 0.0609091185f;
  p = p * e + 0.110240452f;
  p = p * e - 0.155689999f;
  p = p * e + 0.197741762f;
  p = p * e - 0.249750778f;
  p = p * e + 0.333322495f;

  // The small terms come first: e itself is exact to its last place.
  float square = e * e;
  float rest = square * e * p - 0.5f * square;
  return ((x > 0.0f ? x : 0.0f) + rest) + e;
}

/* sin(2 pi u) and cos(2 pi u). Range: 0 <= u <= 1
 *
 * Formula     u = quadrant / 4 + r, |r| <= 1/8
 *             sin(2 pi r) = C r + r P(r^2), C = 2 pi rounded, P of degree 4, 2^-33.4
 *             cos(2 pi r) = 1 + r^2 Q(r^2), Q of degree 3, 2^-31.2
 */
static inline void float_sine_cosine_turns(float u, float *sine, float *cosine) {
  float shifted = u * 4.0f + FLOAT_ROUNDER;
  uint32_t quadrant = float_bits(shifted);
  float r = u - (shifted - FLOAT_ROUNDER) * 0.25f;
  float square = r * r;

  float p = 40.5904655f;
  p = p * square - 76.6709824f;
  p = p * square + 81.6049576f;
  p = p * square - 41.3417015f;
  p = p * square - 1.74874145e-07f;
  float s = r * 6.28318548f + r * p;

  float q = 58.5611687f;
  q = q * square - 85.4231186f;
  q = q * square + 64.9391403f;
  q = q * square - 19.7392082f;
  float c = 1.0f + square * q;

  // A quarter turn swaps the two; the signs follow from the quadrant's two bits.
  uint32_t odd = quadrant & 1;
  uint32_t sine_sign = (quadrant & 2) << 30;
  uint32_t cosine_sign = ((quadrant + 1) & 2) << 30;
  *sine = float_from_bits(float_bits(odd ? c : s) ^ sine_sign);
  *cosine = float_from_bits(float_bits(odd ? s : c) ^ cosine_sign);
}

#ifdef LOCKSTEP_REAL_DOUBLE
static inline real real_exp(real x) {
  return exp(x);
}
static inline real real_log(real x) {
  return log(x);
}
static inline real real_log1p(real x) {
  return log1p(x);
}
static inline real real_tanh(real x) {
  return tanh(x);
}
static inline real real_erf(real x) {
  return erf(x);
}
static inline real real_sigmoid(real x) {
  real e = exp(-fabs(x));
  return (x < 0 ? e : 1) / (1 + e);
}
static inline real real_softplus(real x) {
  return (x > 0 ? x : 0) + log1p(exp(-fabs(x)));
}
static inline void real_sine_cosine_turns(real u, real *sine, real *cosine) {
  const real two_pi = 6.28318530717958648;
  *sine = sin(two_pi * u);
  *cosine = cos(two_pi * u);
}
#else
static inline real real_exp(real x) {
  return float_exp(x);
}
static inline real real_log(real x) {
  return float_log(x);
}
static inline real real_log1p(real x) {
  return float_log1p(x);
}
static inline real real_tanh(real x) {
  return float_tanh(x);
}
static inline real real_erf(real x) {
  return float_erf(x);
}
static inline real real_sigmoid(real x) {
  return float_sigmoid(x);
}
static inline real real_softplus(real x) {
  return float_softplus(x);
}
static inline void real_sine_cosine_turns(real u, real *sine, real *cosine) {
  float_sine_cosine_turns(u, sine, cosine);
}
#endif
