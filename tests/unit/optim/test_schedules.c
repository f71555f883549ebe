/* optim/schedule and all its kinds: Keras's golden arrays, closed forms, warm-up. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "optim/schedule.h"
#include "reference/golden_schedules.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static KindSetting read_setting(const char *yaml) {
  KindSetting setting = {0};
  if (kind_setting_read(&schedule_kinds, yaml, &setting) != OK) fail_msg("%s", status_message());
  return setting;
}

static void assert_factor(const char *yaml, uint64_t step, double expected, double tolerance) {
  KindSetting setting = read_setting(yaml);
  double found = schedule_factor(&setting, step);
  if (!(fabs(found - expected) <= tolerance)) {
    fail_msg("%s: step %zu: found %.17g, expected %.17g", yaml, (size_t)step, found, expected);
  }
  kind_setting_release(&setting);
}

/* ---- golden arrays ---- */

static void schedules_follow_keras(void **state) {
  (void)state;
  static const struct {
    const char *schedule;
    const float *factors;
  } cases[] = {
      {"cosine: {decay_steps: 20, final: 0.1}", schedule_cosine},
      {"cosine: {decay_steps: 20, final: 0.1, warmup_steps: 10}", schedule_cosine_warmup},
      {"exponential: {decay_steps: 10, decay_rate: 0.5}", schedule_exponential},
      {"exponential: {decay_steps: 10, decay_rate: 0.5, staircase: true}",
       schedule_exponential_staircase},
      {"polynomial: {decay_steps: 20, final: 0.1, power: 2}", schedule_polynomial},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    for (size_t j = 0; j < COUNT(schedule_steps); j++) {
      assert_factor(cases[i].schedule, (uint64_t)schedule_steps[j], cases[i].factors[j], 1e-7);
    }
  }
}

/* ---- closed forms ---- */

static void constant_never_changes(void **state) {
  (void)state;
  assert_factor("constant", 0, 1, 0);
  assert_factor("constant", 1000000000, 1, 0);
}

static void step_falls_at_multiples_of_its_size(void **state) {
  (void)state;
  const char *yaml = "step: {step_size: 10, gamma: 0.5}";
  assert_factor(yaml, 0, 1, 0);
  assert_factor(yaml, 9, 1, 0);
  assert_factor(yaml, 10, 0.5, 0);
  assert_factor(yaml, 19, 0.5, 0);
  assert_factor(yaml, 20, 0.25, 0);
  assert_factor("step: {step_size: 10}", 30, 1e-3, 1e-18);
}

static void exponential_falls_by_its_rate_over_decay_steps(void **state) {
  (void)state;
  const char *yaml = "exponential: {decay_steps: 1000, decay_rate: 0.96}";
  for (uint64_t step = 0; step < 20000; step += 123) {
    assert_factor(yaml, step, pow(0.96, (double)step / 1000), 1e-15);
  }
}

static void exponential_in_stairs_falls_as_step_does(void **state) {
  (void)state;
  const char *yaml = "exponential: {decay_steps: 7, decay_rate: 0.3, staircase: true}";
  KindSetting stairs = read_setting(yaml);
  for (uint64_t step = 0; step < 100; step++) {
    assert_factor("step: {step_size: 7, gamma: 0.3}", step, schedule_factor(&stairs, step), 1e-16);
  }
  kind_setting_release(&stairs);
}

static void cosine_goes_from_one_to_final_and_stays(void **state) {
  (void)state;
  const char *yaml = "cosine: {decay_steps: 1000, final: 0.25}";
  assert_factor(yaml, 0, 1, 0);
  assert_factor(yaml, 500, 0.625, 0);
  assert_factor(yaml, 1000, 0.25, 0);
  assert_factor(yaml, 1000000, 0.25, 0);
  assert_factor("cosine: 1000", 1000, 0, 0);
  for (uint64_t step = 0; step < 1000; step += 7) {
    double expected = 0.25 + 0.75 * (1 + cos(M_PI * (double)step / 1000)) / 2;
    assert_factor(yaml, step, expected, 1e-15);
  }
}

static void polynomial_of_power_1_is_a_straight_line(void **state) {
  (void)state;
  for (uint64_t step = 0; step <= 40; step++) {
    assert_factor("polynomial: 40", step, 1 - (double)step / 40, 1e-15);
  }
  assert_factor("polynomial: 40", 41, 0, 0);
  assert_factor("polynomial: {decay_steps: 40, final: 0.5, power: 0.5}", 30, 0.75, 1e-15);
}

/* ---- warm-up ---- */

static const char *const warm_schedules[][2] = {
    {"constant", "constant: {warmup_steps: 8}"},
    {"step: {step_size: 3}", "step: {step_size: 3, warmup_steps: 8}"},
    {"exponential: {decay_steps: 5, decay_rate: 0.9}",
     "exponential: {decay_steps: 5, decay_rate: 0.9, warmup_steps: 8}"},
    {"cosine: 20", "cosine: {decay_steps: 20, warmup_steps: 8}"},
    {"polynomial: {decay_steps: 20, power: 2}",
     "polynomial: {decay_steps: 20, power: 2, warmup_steps: 8}"},
};

static void warm_up_rises_evenly_from_zero(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(warm_schedules); i++) {
    for (uint64_t step = 0; step <= 8; step++) {
      assert_factor(warm_schedules[i][1], step, (double)step / 8, 0);
    }
  }
}

static void schedules_begin_where_the_warm_up_ends(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(warm_schedules); i++) {
    KindSetting cold = read_setting(warm_schedules[i][0]);
    for (uint64_t step = 0; step < 40; step++) {
      assert_factor(warm_schedules[i][1], step + 8, schedule_factor(&cold, step), 0);
    }
    kind_setting_release(&cold);
  }
}

static void every_schedule_has_a_warm_up_test(void **state) {
  (void)state;
  size_t n_kinds = 0;
  while (schedule_kinds.kinds[n_kinds]) n_kinds++;
  assert_int_equal(n_kinds, COUNT(warm_schedules));
}

/* ---- errors ---- */

static void options_that_are_missing_or_out_of_bounds_are_refused(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"step: {gamma: 0.5}", "step_size"},
      {"step: {step_size: 0}", "step_size"},
      {"step: {step_size: 1, gamma: 0}", "gamma"},
      {"exponential: {decay_rate: 0.5}", "decay_steps"},
      {"exponential: {decay_steps: 5}", "decay_rate"},
      {"exponential: {decay_steps: 5, decay_rate: 0}", "decay_rate"},
      {"cosine: {final: 0.1}", "decay_steps"},
      {"cosine: {decay_steps: 5, final: 1.5}", "final"},
      {"polynomial: {power: 2}", "decay_steps"},
      {"polynomial: {decay_steps: 5, power: 0}", "power"},
      {"constant: {warmup_steps: -1}", "warmup_steps"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    KindSetting setting = {0};
    assert_int_equal(kind_setting_read(&schedule_kinds, cases[i][0], &setting), ERR_CONFIG);
    if (!strstr(status_message(), cases[i][1])) {
      fail_msg("'%s' lacks '%s'", status_message(), cases[i][1]);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(schedules_follow_keras),
      cmocka_unit_test(constant_never_changes),
      cmocka_unit_test(step_falls_at_multiples_of_its_size),
      cmocka_unit_test(exponential_falls_by_its_rate_over_decay_steps),
      cmocka_unit_test(exponential_in_stairs_falls_as_step_does),
      cmocka_unit_test(cosine_goes_from_one_to_final_and_stays),
      cmocka_unit_test(polynomial_of_power_1_is_a_straight_line),
      cmocka_unit_test(warm_up_rises_evenly_from_zero),
      cmocka_unit_test(schedules_begin_where_the_warm_up_ends),
      cmocka_unit_test(every_schedule_has_a_warm_up_test),
      cmocka_unit_test(options_that_are_missing_or_out_of_bounds_are_refused),
  };
  return cmocka_run_group_tests_name("optim/schedule", tests, NULL, NULL);
}
