/* The functions against the C library, at their limits, and one at a time against loops. */

#include "math/transcendental.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

/* Everything about a function: in a loop that gcc vectorises, one at a time, and exactly. */
typedef struct Function {
  const char *name;
  void (*loop)(size_t count, const float *x, float *y);
  float (*alone)(float x);
  double (*reference)(double x);
  float low, high; /* tested range */
} Function;

#define DEFINE_LOOP_AND_ALONE(name)                                                                \
  __attribute__((noinline)) static void name##_loop(size_t count, const float *x, float *y) {      \
    for (size_t i = 0; i < count; i++) y[i] = float_##name(x[i]);                                  \
  }                                                                                                \
  __attribute__((noinline)) static float name##_alone(float x) {                                   \
    return float_##name(x);                                                                        \
  }

static inline float float_sine(float u) {
  float sine, cosine;
  float_sine_cosine_turns(u, &sine, &cosine);
  return sine;
}

static inline float float_cosine(float u) {
  float sine, cosine;
  float_sine_cosine_turns(u, &sine, &cosine);
  return cosine;
}

DEFINE_LOOP_AND_ALONE(exp)
DEFINE_LOOP_AND_ALONE(log)
DEFINE_LOOP_AND_ALONE(log1p)
DEFINE_LOOP_AND_ALONE(tanh)
DEFINE_LOOP_AND_ALONE(erf)
DEFINE_LOOP_AND_ALONE(sigmoid)
DEFINE_LOOP_AND_ALONE(softplus)
DEFINE_LOOP_AND_ALONE(sine)
DEFINE_LOOP_AND_ALONE(cosine)

static double sigmoid_reference(double x) {
  return 1 / (1 + exp(-x));
}

static double softplus_reference(double x) {
  return fmax(x, 0) + log1p(exp(-fabs(x)));
}

/* sin(2 pi u), reduced before the multiplication so that its zeros are exact. */
static double sine_reference(double u) {
  double quarters = rint(4 * u);
  double angle = 6.283185307179586 * (u - quarters / 4);
  double value = fmod(quarters, 2) == 0 ? sin(angle) : cos(angle);
  return fmod(quarters, 4) < 2 ? value : -value;
}

static double cosine_reference(double u) {
  double quarters = rint(4 * u);
  double angle = 6.283185307179586 * (u - quarters / 4);
  double value = fmod(quarters, 2) == 0 ? cos(angle) : -sin(angle);
  return fmod(quarters, 4) < 2 ? value : -value;
}

static const Function FUNCTIONS[] = {
    {"exp", exp_loop, exp_alone, exp, -INFINITY, INFINITY},
    {"log", log_loop, log_alone, log, -INFINITY, INFINITY},
    {"log1p", log1p_loop, log1p_alone, log1p, -INFINITY, INFINITY},
    {"tanh", tanh_loop, tanh_alone, tanh, -INFINITY, INFINITY},
    {"erf", erf_loop, erf_alone, erf, -INFINITY, INFINITY},
    {"sigmoid", sigmoid_loop, sigmoid_alone, sigmoid_reference, -INFINITY, INFINITY},
    {"softplus", softplus_loop, softplus_alone, softplus_reference, -INFINITY, INFINITY},
    {"sine", sine_loop, sine_alone, sine_reference, 0, 1},
    {"cosine", cosine_loop, cosine_alone, cosine_reference, 0, 1},
};

enum { N_FUNCTIONS = sizeof FUNCTIONS / sizeof FUNCTIONS[0], CHUNK = 4096 };

/* |y - exact| in units of the last place of a float of the size of `exact`. */
static double units_in_the_last_place(float y, double exact) {
  if (isnan(exact) || isnan(y)) return isnan(exact) && isnan(y) ? 0 : INFINITY;
  if (isinf((float)exact) || isinf(y)) return (float)exact == y ? 0 : INFINITY;
  int exponent;
  frexp(exact, &exponent);
  if (exponent < -125) exponent = -125;
  return ldexp(fabs((double)y - exact), 24 - exponent);
}

/* The next pattern to test: every 97th where the functions bend, for 2^-26 <= |x| < 2^8, and every
 * 2903rd beyond, where they are powers of x, constant or infinite. */
static uint64_t next_pattern(uint64_t bits) {
  uint64_t exponent = bits >> 23 & 0xff;
  return bits + (exponent >= 101 && exponent < 135 ? 97 : 2903);
}

/* Fills `x` with floats inside the function's range, NaN included; returns their number. */
static size_t gather(const Function *function, uint64_t *bits, float x[CHUNK]) {
  size_t count = 0;
  for (; count < CHUNK && *bits <= UINT32_MAX; *bits = next_pattern(*bits)) {
    float candidate = float_from_bits((uint32_t)*bits);
    if (!(candidate < function->low || candidate > function->high)) x[count++] = candidate;
  }
  return count;
}

/* The references are the C library's in double: their own error, 2^-29 of a float's unit, is lost
 * in the comparison, and long double would take minutes. */
static double greatest_error(const Function *function, float *worst) {
  static float x[CHUNK], y[CHUNK];
  double greatest = 0;
  size_t count;
  for (uint64_t bits = 0; (count = gather(function, &bits, x)) > 0;) {
    function->loop(count, x, y);
    for (size_t i = 0; i < count; i++) {
      double error = units_in_the_last_place(y[i], function->reference((double)x[i]));
      if (!(error > greatest)) continue;
      greatest = error;
      *worst = x[i];
    }
  }
  return greatest;
}

static void errors_are_at_most_two_units_in_the_last_place(void **state) {
  (void)state;
  for (size_t f = 0; f < N_FUNCTIONS; f++) {
    float worst = 0;
    double error = greatest_error(&FUNCTIONS[f], &worst);
    print_message("  %-9s %.3f units at %.9g\n", FUNCTIONS[f].name, error, (double)worst);
    assert_true(error <= 2);
  }
}

static void loops_give_the_same_bits_as_calls_one_at_a_time(void **state) {
  (void)state;
  static float x[CHUNK], y[CHUNK];
  for (size_t f = 0; f < N_FUNCTIONS; f++) {
    uint64_t bits = f;
    for (int chunk = 0; chunk < 100; chunk++) {
      // An odd count leaves a tail, which gcc computes at another width.
      size_t gathered = gather(&FUNCTIONS[f], &bits, x);
      size_t count = gathered > 8 ? gathered - (size_t)chunk % 8 : gathered;
      bits += UINT32_MAX / 128;
      FUNCTIONS[f].loop(count, x, y);
      for (size_t i = 0; i < count; i++) {
        float alone = FUNCTIONS[f].alone(x[i]);
        assert_int_equal(float_bits(alone), float_bits(y[i]));
      }
    }
  }
}

static void nan_gives_nan(void **state) {
  (void)state;
  for (size_t f = 0; f < N_FUNCTIONS; f++) {
    assert_true(isnan(FUNCTIONS[f].alone(NAN)));
    assert_true(isnan(FUNCTIONS[f].alone(-NAN)));
  }
}

static void exp_overflows_to_infinity_and_underflows_through_denormals(void **state) {
  (void)state;
  assert_true(float_exp(0) == 1);
  assert_true(float_exp(88.72f) < INFINITY);
  assert_true(float_exp(88.73f) == INFINITY);
  assert_true(float_exp(INFINITY) == INFINITY);
  assert_true(float_exp(-100) > 0 && float_exp(-100) < 0x1p-126f);
  assert_true(float_exp(-103.9f) == 0x1p-149f);
  assert_true(float_exp(-104) == 0);
  assert_true(float_exp(-INFINITY) == 0);
}

static void logarithms_have_their_limits(void **state) {
  (void)state;
  assert_true(float_log(1) == 0);
  assert_true(float_log(0) == -INFINITY && float_log(-0.0f) == -INFINITY);
  assert_true(isnan(float_log(-0x1p-149f)) && isnan(float_log(-INFINITY)));
  assert_true(float_log(INFINITY) == INFINITY);
  assert_true(float_log1p(0) == 0);
  assert_true(float_log1p(-1) == -INFINITY);
  assert_true(isnan(float_log1p(-1.0000001f)) && isnan(float_log1p(-INFINITY)));
  assert_true(float_log1p(INFINITY) == INFINITY);
  assert_true(float_log1p(0x1p-149f) == 0x1p-149f);
}

static void saturating_functions_reach_their_limits(void **state) {
  (void)state;
  assert_true(float_tanh(INFINITY) == 1 && float_tanh(-INFINITY) == -1);
  assert_true(float_tanh(9.1f) == 1 && float_tanh(8.9f) < 1);
  assert_true(float_erf(INFINITY) == 1 && float_erf(-INFINITY) == -1);
  assert_true(float_erf(4) == 1 && float_erf(3.8f) < 1);
  assert_true(float_sigmoid(0) == 0.5f);
  assert_true(float_sigmoid(INFINITY) == 1 && float_sigmoid(-INFINITY) == 0);
  assert_true(float_sigmoid(17.4f) == 1 && float_sigmoid(-100) > 0);
  assert_true(float_softplus(INFINITY) == INFINITY && float_softplus(-INFINITY) == 0);
  assert_true(float_softplus(100) == 100 && float_softplus(-100) == float_exp(-100));
}

static void odd_functions_are_odd(void **state) {
  (void)state;
  for (float x = 0; x < 12; x += 0.0113f) {
    assert_int_equal(float_bits(float_tanh(-x)), float_bits(-float_tanh(x)));
    assert_int_equal(float_bits(float_erf(-x)), float_bits(-float_erf(x)));
  }
}

static void quarter_turns_are_exact(void **state) {
  (void)state;
  static const float sines[] = {0, 1, 0, -1, 0, 1};
  for (int quarter = 0; quarter <= 4; quarter++) {
    float sine, cosine;
    float_sine_cosine_turns((float)quarter / 4, &sine, &cosine);
    assert_true(sine == sines[quarter]);
    assert_true(cosine == sines[quarter + 1]);
  }
}

/* In either build: catches a wrong name or sign in the double one. */
static void real_functions_are_those_of_the_c_library(void **state) {
  (void)state;
  for (double x = 0.01; x < 1; x += 0.01) {
    real u = (real)x, sine, cosine;
    assert_true(fabs((double)real_exp(-u) - exp(-x)) < 1e-6);
    assert_true(fabs((double)real_log(u) - log(x)) < 1e-6);
    assert_true(fabs((double)real_log1p(-u) - log1p(-x)) < 1e-5);
    assert_true(fabs((double)real_tanh(-u) - tanh(-x)) < 1e-6);
    assert_true(fabs((double)real_erf(-u) - erf(-x)) < 1e-6);
    assert_true(fabs((double)real_sigmoid(-u) - sigmoid_reference(-x)) < 1e-6);
    assert_true(fabs((double)real_softplus(-u) - softplus_reference(-x)) < 1e-6);
    real_sine_cosine_turns(u, &sine, &cosine);
    assert_true(fabs((double)sine - sine_reference(x)) < 1e-6);
    assert_true(fabs((double)cosine - cosine_reference(x)) < 1e-6);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(errors_are_at_most_two_units_in_the_last_place),
      cmocka_unit_test(loops_give_the_same_bits_as_calls_one_at_a_time),
      cmocka_unit_test(nan_gives_nan),
      cmocka_unit_test(exp_overflows_to_infinity_and_underflows_through_denormals),
      cmocka_unit_test(logarithms_have_their_limits),
      cmocka_unit_test(saturating_functions_reach_their_limits),
      cmocka_unit_test(odd_functions_are_odd),
      cmocka_unit_test(quarter_turns_are_exact),
      cmocka_unit_test(real_functions_are_those_of_the_c_library),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
