/* The double functions against the C library in long double, and their limits. */

#include "math/portable.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { SAMPLES = 300000 };

/* |y - exact| in units of the last place of a double of the size of `exact`. */
static double units_in_the_last_place(double y, long double exact) {
  if (isnan(y)) return INFINITY;
  int exponent;
  frexpl(exact, &exponent);
  if (exponent < -1021) exponent = -1021;
  return (double)ldexpl(fabsl((long double)y - exact), 53 - exponent);
}

/* Number i of SAMPLES numbers that fill [low, high] evenly but in no simple order. */
static double sample(size_t i, double low, double high) {
  const double golden_ratio = 0.6180339887498949;
  double place = (double)i * golden_ratio;
  return low + (high - low) * (place - floor(place));
}

/* The greatest error of `function` on SAMPLES numbers of [low, high]. */
static double greatest_error(double (*function)(double), long double (*reference)(long double),
                             double low, double high) {
  double greatest = 0;
  for (size_t i = 0; i < SAMPLES; i++) {
    double x = sample(i, low, high);
    greatest = fmax(greatest, units_in_the_last_place(function(x), reference((long double)x)));
  }
  return greatest;
}

/* cos(2 pi u), reduced before the multiplication so that its zeros are exact. */
static long double cosine_reference(long double u) {
  long double quarters = rintl(4 * u);
  long double angle = 6.28318530717958647692528676655900577L * (u - quarters / 4);
  long double value = fmodl(quarters, 2) == 0 ? cosl(angle) : -sinl(angle);
  return fmodl(fabsl(quarters), 4) < 2 ? value : -value;
}

static void exp_is_within_one_unit_in_the_last_place(void **state) {
  (void)state;
  double whole_range = greatest_error(portable_exp, expl, -745, 709.7);
  double near_zero = greatest_error(portable_exp, expl, -1, 1);
  print_message("  exp %.3f, near zero %.3f\n", whole_range, near_zero);
  assert_true(fmax(whole_range, near_zero) <= 1);
}

static void log_is_within_one_unit_in_the_last_place(void **state) {
  (void)state;
  double near_one = greatest_error(portable_log, logl, 0.5, 2);
  double far = greatest_error(portable_log, logl, 0, 0x1p1023);
  double denormal = greatest_error(portable_log, logl, 0x1p-1074, 0x1p-1022);
  print_message("  log near one %.3f, far %.3f, denormal %.3f\n", near_one, far, denormal);
  assert_true(fmax(near_one, fmax(far, denormal)) <= 1);
}

static void cosine_is_within_two_units_in_the_last_place(void **state) {
  (void)state;
  double one_turn = greatest_error(portable_cosine_turns, cosine_reference, 0, 1);
  double many_turns = greatest_error(portable_cosine_turns, cosine_reference, 0, 1000);
  print_message("  cosine %.3f, of many turns %.3f\n", one_turn, many_turns);
  assert_true(fmax(one_turn, many_turns) <= 2);
}

static void power_is_within_two_units_in_the_last_place(void **state) {
  (void)state;
  double greatest = 0;
  for (size_t i = 0; i < SAMPLES; i++) {
    double base = exp(sample(i, -10, 10)), exponent = sample(i * i % SAMPLES, -70, 70);
    long double exact = powl((long double)base, (long double)exponent);
    greatest = fmax(greatest, units_in_the_last_place(portable_power(base, exponent), exact));
  }
  print_message("  power %.3f\n", greatest);
  assert_true(greatest <= 2);
}

static void integer_power_is_within_one_unit_in_the_last_place(void **state) {
  (void)state;
  double greatest = 0;
  for (size_t i = 0; i < SAMPLES / 3; i++) {
    double base = sample(i, 0.9, 1.05);
    uint64_t n = i * i % 5000;
    long double exact = powl((long double)base, (long double)n);
    greatest = fmax(greatest, units_in_the_last_place(portable_integer_power(base, n), exact));
  }
  print_message("  integer power %.3f\n", greatest);
  assert_true(greatest <= 1);
}

static void exp_has_its_limits(void **state) {
  (void)state;
  assert_true(portable_exp(0) == 1);
  assert_true(portable_exp(709.78) < INFINITY && portable_exp(709.79) == INFINITY);
  assert_true(portable_exp(-745.1) == 0x1p-1074 && portable_exp(-745.2) == 0);
  assert_true(portable_exp(INFINITY) == INFINITY && portable_exp(-INFINITY) == 0);
  assert_true(isnan(portable_exp(NAN)));
}

static void log_has_its_limits(void **state) {
  (void)state;
  assert_true(portable_log(1) == 0);
  assert_true(portable_log(0) == -INFINITY && portable_log(-0.0) == -INFINITY);
  assert_true(portable_log(INFINITY) == INFINITY);
  assert_true(isnan(portable_log(-1)) && isnan(portable_log(-INFINITY)));
  assert_true(isnan(portable_log(NAN)));
}

static void quarter_turns_are_exact(void **state) {
  (void)state;
  static const double cosines[] = {1, 0, -1, 0};
  for (int quarter = -8; quarter <= 8; quarter++) {
    assert_true(portable_cosine_turns((double)quarter / 4) == cosines[quarter & 3]);
  }
  assert_true(portable_cosine_turns(0x1p49) == 1);
}

static void powers_of_two_are_exact(void **state) {
  (void)state;
  for (int n = 0; n <= 1023; n++) {
    assert_true(portable_integer_power(2, (uint64_t)n) == ldexp(1, n));
    assert_true(portable_integer_power(0.5, (uint64_t)n) == ldexp(1, -n));
    assert_true(portable_integer_power(-2, (uint64_t)n) == ldexp(n % 2 == 0 ? 1 : -1, n));
  }
}

static void powers_have_their_limits(void **state) {
  (void)state;
  assert_true(portable_power(2, 5000) == INFINITY && portable_power(2, -5000) == 0);
  assert_true(portable_power(3, 0) == 1 && portable_power(1, 1e200) == 1);
  assert_true(portable_power(0x1p-1074, -1) == INFINITY &&
              portable_power(0x1p-1074, 1) == 0x1p-1074);
  assert_true(isnan(portable_power(2, NAN)));
  assert_true(portable_integer_power(0, 0) == 1 && portable_integer_power(0, 7) == 0);
  assert_true(portable_integer_power(1e308, 1) == 1e308);
  assert_true(portable_integer_power(1e300, 2) == INFINITY);
  assert_true(portable_integer_power(1e300, UINT64_MAX) == INFINITY);
  assert_true(portable_integer_power(0.999, UINT64_MAX) == 0);
}

/* Pins the bits: learning rates, and with them every result, hang on them. */
static void bits_never_change(void **state) {
  (void)state;
  assert_true(portable_exp(-1.5) == 0x1.c8f87724b5c1dp-3);
  assert_true(portable_log(0.3) == -0x1.34378fcbda721p+0);
  assert_true(portable_cosine_turns(0.05) == 0x1.e6f0e134454ffp-1);
  assert_true(portable_power(0.96, 12.5) == 0x1.335e8527277f4p-1);
  assert_true(portable_integer_power(0.999, 1000) == 0x1.788526411ed72p-2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exp_is_within_one_unit_in_the_last_place),
      cmocka_unit_test(log_is_within_one_unit_in_the_last_place),
      cmocka_unit_test(cosine_is_within_two_units_in_the_last_place),
      cmocka_unit_test(power_is_within_two_units_in_the_last_place),
      cmocka_unit_test(integer_power_is_within_one_unit_in_the_last_place),
      cmocka_unit_test(exp_has_its_limits),
      cmocka_unit_test(log_has_its_limits),
      cmocka_unit_test(quarter_turns_are_exact),
      cmocka_unit_test(powers_of_two_are_exact),
      cmocka_unit_test(powers_have_their_limits),
      cmocka_unit_test(bits_never_change),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
