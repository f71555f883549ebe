/* experiments/scaling_model: fits that find the terms that made the samples. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "experiments/scaling_model.h"

#include <cmocka.h>

enum { SAMPLES = 5 };

static const double RANKS[SAMPLES] = {1, 2, 4, 8, 16};

static void make_samples(const ScalingModel *model, ScalingSample *samples) {
  for (size_t i = 0; i < SAMPLES; i++) {
    samples[i] = (ScalingSample){RANKS[i], 1, scaling_model_seconds(model, RANKS[i], 1)};
  }
}

static void assert_found(ScalingModel expected, size_t n_samples) {
  ScalingSample samples[SAMPLES];
  ScalingModel found;
  make_samples(&expected, samples);
  assert_true(scaling_model_fit(samples, n_samples, &found));
  assert_float_equal(found.work, expected.work, 1e-9);
  assert_float_equal(found.latency, expected.latency, 1e-9);
  assert_float_equal(found.transfer, expected.transfer, 1e-9);
  assert_float_equal(found.error, 0, 1e-9);
}

static void terms_are_found_again(void **state) {
  (void)state;
  assert_found((ScalingModel){.work = 1, .latency = 0.02, .transfer = 0.1}, SAMPLES);
  assert_found((ScalingModel){.work = 3e-3, .latency = 0, .transfer = 1e-4}, SAMPLES);
  assert_found((ScalingModel){.work = 3e-3, .latency = 1e-5, .transfer = 0}, SAMPLES);
  assert_found((ScalingModel){.work = 2}, SAMPLES);
}

static void two_numbers_of_ranks_give_no_latency(void **state) {
  (void)state;
  assert_found((ScalingModel){.work = 1, .transfer = 0.2}, 2);
}

static void work_that_grows_with_the_ranks_is_weak_scaling(void **state) {
  (void)state;
  ScalingModel model = {.work = 1, .transfer = 0.1};
  assert_float_equal(scaling_model_seconds(&model, 4, 4), 1.075, 1e-12);
  ScalingSample samples[] = {{1, 1, 1}, {2, 2, 1.05}, {2, 1, 0.55}};
  ScalingModel found;
  assert_true(scaling_model_fit(samples, 3, &found));
  assert_float_equal(found.work, 1, 1e-9);
  assert_float_equal(found.transfer, 0.1, 1e-9);
}

static void no_term_is_below_zero(void **state) {
  (void)state;
  /* Faster than work divided by ranks allows. */
  ScalingSample samples[] = {{1, 1, 1}, {2, 1, 0.4}, {4, 1, 0.2}};
  ScalingModel found;
  assert_true(scaling_model_fit(samples, 3, &found));
  assert_true(found.work > 0 && found.latency == 0 && found.transfer == 0);
  assert_true(found.error > 0.05 && found.error < 0.3);
}

static void one_number_of_ranks_gives_no_model(void **state) {
  (void)state;
  ScalingSample samples[] = {{2, 1, 1}, {2, 1, 1.1}};
  ScalingModel found;
  assert_false(scaling_model_fit(samples, 2, &found));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(terms_are_found_again),
      cmocka_unit_test(two_numbers_of_ranks_give_no_latency),
      cmocka_unit_test(work_that_grows_with_the_ranks_is_weak_scaling),
      cmocka_unit_test(no_term_is_below_zero),
      cmocka_unit_test(one_number_of_ranks_gives_no_model),
  };
  return cmocka_run_group_tests_name("experiments/scaling_model", tests, NULL, NULL);
}
