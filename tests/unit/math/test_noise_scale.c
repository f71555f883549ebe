/* math/noise_scale: the estimates are unbiased for shards of any sizes. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/range.h"
#include "math/noise_scale.h"
#include "math/random.h"
#include "math/shard_tree.h"

#include <cmocka.h>

enum { DIMENSIONS = 6, DRAWS = 4000, MOST_ROWS = 64 };

/* Gradients of samples: a fixed mean plus noise of a deviation, so |G|^2 = 6 and tr(Sigma) = 24. */
static const double MEAN = 1, DEVIATION = 2;

static double squared(const double *sum, double count) {
  double norm = 0;
  for (size_t d = 0; d < DIMENSIONS; d++) norm += sum[d] / count * (sum[d] / count);
  return norm;
}

static NoiseMeasurement draw(uint32_t number, size_t n_rows, size_t n_shards) {
  real noise[MOST_ROWS * DIMENSIONS];
  RandomStream stream = {.seed = 7, .purpose = RANDOM_DATA, .stream = number};
  random_fill_normal(&stream, 0, 0, n_rows * DIMENSIONS, noise);

  NoiseMeasurement found = {.n_rows = n_rows};
  double whole[DIMENSIONS] = {0};
  for (size_t s = 0; s < n_shards; s++) {
    Range rows = shard_rows(n_rows, n_shards, s);
    double part[DIMENSIONS] = {0}, count = (double)range_count(rows);
    for (size_t i = rows.begin * DIMENSIONS; i < rows.end * DIMENSIONS; i++) {
      double value = MEAN + DEVIATION * (double)noise[i];
      part[i % DIMENSIONS] += value;
      whole[i % DIMENSIONS] += value;
    }
    if (count == 0) continue;
    found.n_shards++;
    found.shard_norms += count / (double)n_rows * squared(part, count);
  }
  found.batch_norm = squared(whole, (double)n_rows);
  return found;
}

/* What one measurement gives by itself: the means have decay 0.95. */
static NoiseScale estimate(const NoiseMeasurement *measurement) {
  NoiseScale scale = {0};
  noise_scale_add(&scale, measurement);
  return (NoiseScale){scale.variance / 0.05, scale.gradient / 0.05};
}

static void assert_unbiased(size_t n_rows, size_t n_shards) {
  double variance = 0, gradient = 0;
  for (uint32_t i = 0; i < DRAWS; i++) {
    NoiseMeasurement measurement = draw(i, n_rows, n_shards);
    NoiseScale found = estimate(&measurement);
    variance += found.variance / DRAWS;
    gradient += found.gradient / DRAWS;
  }
  assert_float_equal(variance, DEVIATION * DEVIATION * DIMENSIONS, 0.4);
  assert_float_equal(gradient, MEAN * MEAN * DIMENSIONS, 0.2);
}

static void estimates_are_unbiased_for_equal_shards(void **state) {
  (void)state;
  assert_unbiased(64, 8);
}

static void estimates_are_unbiased_for_unequal_shards(void **state) {
  (void)state;
  assert_unbiased(23, 5);
  assert_unbiased(11, 7);
}

static void estimates_are_unbiased_where_shards_are_empty(void **state) {
  (void)state;
  assert_unbiased(9, 16);
}

/* Equations A.2 and A.3 of the source. */
static void equal_shards_give_the_equations_of_the_source(void **state) {
  (void)state;
  NoiseMeasurement measurement = draw(1, 64, 8);
  NoiseScale found = estimate(&measurement);
  double small = 8, big = 64, norm_small = measurement.shard_norms,
         norm_big = measurement.batch_norm;
  assert_float_equal(found.gradient, (big * norm_big - small * norm_small) / (big - small), 1e-12);
  assert_float_equal(found.variance, (norm_small - norm_big) / (1 / small - 1 / big), 1e-12);
}

static void means_forget_what_is_old(void **state) {
  (void)state;
  NoiseScale scale = {0};
  NoiseMeasurement early = {.n_rows = 4, .n_shards = 2, .shard_norms = 9, .batch_norm = 1};
  NoiseMeasurement late = {.n_rows = 4, .n_shards = 2, .shard_norms = 3, .batch_norm = 2};
  noise_scale_add(&scale, &early);
  for (int i = 0; i < 400; i++) noise_scale_add(&scale, &late);
  /* (3 - 2) 4 / 1 over 2 - 4 / 4 */
  assert_float_equal(noise_scale_value(&scale), 4, 1e-6);
}

static void without_a_gradient_there_is_no_scale(void **state) {
  (void)state;
  NoiseScale scale = {0};
  assert_true(isnan(noise_scale_value(&scale)));
  NoiseMeasurement hidden = {.n_rows = 4, .n_shards = 2, .shard_norms = 9, .batch_norm = 1};
  noise_scale_add(&scale, &hidden);
  assert_true(isnan(noise_scale_value(&scale)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(estimates_are_unbiased_for_equal_shards),
      cmocka_unit_test(estimates_are_unbiased_for_unequal_shards),
      cmocka_unit_test(estimates_are_unbiased_where_shards_are_empty),
      cmocka_unit_test(equal_shards_give_the_equations_of_the_source),
      cmocka_unit_test(means_forget_what_is_old),
      cmocka_unit_test(without_a_gradient_there_is_no_scale),
  };
  return cmocka_run_group_tests_name("math/noise_scale", tests, NULL, NULL);
}
