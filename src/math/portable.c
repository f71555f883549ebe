#include "math/portable.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* ln 2 in two parts; a whole number below 2^11 times the first part is exact. */
#define LN2_HIGH 0x1.62e42fefa38p-1
#define LN2_LOW  5.497923018708371e-14

/* Added and subtracted again, it rounds a double below 2^51 to a whole number. */
#define ROUNDER 0x1.8p52

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* Minimax fits by tests/reference/fit_polynomials.py, constant term first; beside each stand its
 * degree, its interval and the greatest relative error of the result that it causes. */

/* exp(r) = 1 + r + r^2 P(r): degree 9, |r| <= ln(2) / 2, 2^-57.7 */
static const double EXP[] = {
    0.50000000000000122,    0.16666666666666441,    0.041666666666517617,   0.008333333333483274,
    0.0013888888947030866,  0.00019841269525356311, 2.4801489379900815e-05, 2.7557570091300002e-06,
    2.7631651515964203e-07, 2.5005830921965579e-08,
};

/* 2 artanh(s) = 2 s + s^3 P(s^2): degree 7, |s| <= 0.1716, 2^-66.6 */
static const double LOG[] = {
    0.66666666666666663, 0.40000000000004921, 0.28571428569412294, 0.22222222606810052,
    0.18181778365899501, 0.15386988485758196, 0.1325215442192815,  0.13234734627737504,
};

/* sin(2 pi r) = C r + r P(r^2), C = 2 pi rounded: degree 6, |r| <= 1/8, 2^-58.1 */
static const double SINE[] = {
    2.2411898194536976e-16, -41.341702240399634, 81.605249275946335, -76.7058597037597,
    42.058684951954035,     -15.093800134176609, 3.7807788514706102,
};

/* cos(2 pi r) = 1 + r^2 P(r^2): degree 6, |r| <= 1/8, 2^-61.5 */
static const double COSINE[] = {
    -19.739208802178716, 64.939394022666633, -85.456817205957734, 60.244641219098774,
    -26.426240178976514, 7.9025773509547257, -1.6872297496882984,
};

static uint64_t bits_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static double from_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* 2^exponent. Range: -1022 <= exponent <= 1023 */
static double power_of_two(int64_t exponent) {
  return from_bits((uint64_t)(exponent + 1023) << 52);
}

/* Horner's rule. */
static double polynomial(const double *coefficients, size_t count, double t) {
  double value = 0;
  for (size_t i = count; i-- > 0;) value = value * t + coefficients[i];
  return value;
}

/* A number as the unevaluated sum of a double and what that double's rounding left over.
 *
 * Source      Dekker 1971, "A floating-point technique for extending the available precision"
 */
typedef struct Wide {
  double high, low;
} Wide;

/* a + b exactly. Range: |a| >= |b|, or a = 0 */
static Wide exact_sum(double a, double b) {
  double high = a + b;
  return (Wide){high, b - (high - a)};
}

/* The upper 26 bits of a and the rest. Range: |a| < 2^996 */
static Wide split(double a) {
  double scaled = a * 0x1.0000002p27;
  double high = scaled - (scaled - a);
  return (Wide){high, a - high};
}

/* a b exactly. Range: neither factor nor product near the ends of the range */
static Wide exact_product(double a, double b) {
  Wide x = split(a), y = split(b);
  double high = a * b;
  double low = ((x.high * y.high - high) + x.high * y.low + x.low * y.high) + x.low * y.low;
  return (Wide){high, low};
}

/* a b to about 100 bits; to 53 bits where the parts would leave the range. */
static Wide multiply(Wide a, Wide b) {
  Wide product = exact_product(a.high, b.high);
  double low = product.low + (a.high * b.low + a.low * b.high);
  return isfinite(low) ? exact_sum(product.high, low) : (Wide){product.high, 0};
}

static double exponential(Wide x) {
  if (x.high > 710) return INFINITY;
  if (x.high < -746) return 0;
  if (isnan(x.high)) return x.high;

  double shifted = x.high * 1.4426950408889634 + ROUNDER;
  double whole = shifted - ROUNDER;
  Wide r = exact_sum(x.high - whole * LN2_HIGH, x.low - whole * LN2_LOW);
  double value = 1 + (r.high + (r.high * r.high * polynomial(EXP, COUNT(EXP), r.high) + r.low));

  // 2^k itself may be out of range where the result is not; the second product alone rounds.
  int64_t k = (int64_t)whole, half = k / 2;
  return value * power_of_two(half) * power_of_two(k - half);
}

/* The logarithm to about 60 bits. Range: 0 < x < inf */
static Wide logarithm(double x) {
  const uint64_t root_of_half = 0x3fe6a09e667f3bcd, fraction = 0xfffffffffffff;
  double scaling = x < 0x1p-1022 ? 54 : 0;
  uint64_t distance = bits_of(scaling > 0 ? x * 0x1p54 : x) - root_of_half;
  double exponent = (double)((int64_t)distance >> 52) - scaling;
  double m = from_bits((distance & fraction) + root_of_half);

  // s + s_rest = (m - 1) / (m + 1); m - 1 is exact, the sum and the quotient are not.
  double sum = m + 1;
  double s = (m - 1) / sum;
  Wide product = exact_product(s, sum);
  double sum_rest = m - (sum - 1);
  double s_rest = (((m - 1) - product.high) - product.low - s * sum_rest) / sum;

  double square = s * s;
  double low = 2 * s_rest + s * square * polynomial(LOG, COUNT(LOG), square);
  Wide leading = exact_sum(exponent * LN2_HIGH, 2 * s);
  return exact_sum(leading.high, leading.low + (low + exponent * LN2_LOW));
}

double portable_exp(double x) {
  return exponential((Wide){x, 0});
}

double portable_log(double x) {
  if (x == 0) return -INFINITY;
  if (!(x > 0)) return NAN;
  return isfinite(x) ? logarithm(x).high : x;
}

double portable_cosine_turns(double u) {
  double quarters = (u * 4 + ROUNDER) - ROUNDER;
  double r = u - quarters / 4;
  double square = r * r;
  double sine = r * 6.2831853071795862 + r * polynomial(SINE, COUNT(SINE), square);
  double cosine = 1 + square * polynomial(COSINE, COUNT(COSINE), square);
  switch ((int64_t)quarters & 3) {
  case 0: return cosine;
  case 1: return -sine;
  case 2: return -cosine;
  default: return sine;
  }
}

double portable_power(double base, double exponent) {
  Wide log_base = logarithm(base);
  double estimate = exponent * log_base.high;
  if (!(fabs(estimate) < 800)) return portable_exp(estimate);
  Wide product = exact_product(exponent, log_base.high);
  return exponential((Wide){product.high, product.low + exponent * log_base.low});
}

double portable_integer_power(double base, uint64_t n) {
  Wide result = {1, 0}, square = {base, 0};
  while (n > 0) {
    if (n & 1) result = multiply(result, square);
    n >>= 1;
    if (n > 0) square = multiply(square, square);
  }
  return result.high;
}
