/* optim/optimizers: Keras's golden arrays, properties of the rules, slots, options. */

#include <stdio.h>
#include <string.h>

#include "reference/golden_optimizers.h"
#include "unit/optim/trainee.h" /* last */

/* ---- golden arrays ---- */

enum { GOLDEN_WEIGHTS = 24, GOLDEN_STEPS = 5 };

/* Keras held the weights in two variables of these sizes. */
static const size_t golden_counts[] = {10, 14};

/* Keras takes 1 - beta_2^t in float, for 0.999 with an error of 1.3e-5. So five of its steps at a
 * rate of 0.1 end 4e-6 away from the rule; with that rounding imitated, they end 1e-7 away.
 */
#define CLOSE        2e-6
#define FLOAT_POWERS 5e-6

typedef struct GoldenCase {
  const char *optimizer;
  const float *w;   /* (GOLDEN_STEPS, GOLDEN_WEIGHTS) */
  double tolerance; /* absolute; beside it, 1e-5 of the number */
} GoldenCase;

static const GoldenCase golden_cases[] = {
    {"sgd", optimizer_sgd_w, CLOSE},
    {"sgd: {momentum: 0.9}", optimizer_sgd_momentum_w, CLOSE},
    {"sgd: {momentum: 0.9, nesterov: true}", optimizer_sgd_nesterov_w, CLOSE},
    {"sgd: {learning_rate: 0.1, weight_decay: 0.1}", optimizer_sgd_weight_decay_w, CLOSE},
    {"sgd: {learning_rate: 0.1, clip_value: 0.5}", optimizer_sgd_clip_value_w, CLOSE},
    {"sgd: {learning_rate: 0.1, clip_norm: 1}", optimizer_sgd_clip_norm_w, CLOSE},
    {"rmsprop", optimizer_rmsprop_w, CLOSE},
    {"rmsprop: {learning_rate: 0.1}", optimizer_rmsprop_learning_rate_w, CLOSE},
    {"rmsprop: {learning_rate: 0.01, momentum: 0.9}", optimizer_rmsprop_momentum_w, CLOSE},
    {"rmsprop: {learning_rate: 0.01, momentum: 0.9, centered: true}", optimizer_rmsprop_centered_w,
     CLOSE},
    {"adagrad", optimizer_adagrad_w, CLOSE},
    {"adagrad: {learning_rate: 0.1}", optimizer_adagrad_learning_rate_w, CLOSE},
    {"adam", optimizer_adam_w, CLOSE},
    {"adam: {learning_rate: 0.1}", optimizer_adam_learning_rate_w, FLOAT_POWERS},
    {"adam: {learning_rate: 0.1, beta_2: 0.9}", optimizer_adam_beta_2_w, CLOSE},
    {"adam: {learning_rate: 0.1, beta_2: 0.9, amsgrad: true}", optimizer_adam_amsgrad_w, CLOSE},
    {"adam: {learning_rate: 0.1, weight_decay: 0.1}", optimizer_adam_weight_decay_w, FLOAT_POWERS},
    {"adamw", optimizer_adamw_w, CLOSE},
    {"adamw: {learning_rate: 0.1}", optimizer_adamw_learning_rate_w, FLOAT_POWERS},
};

static void assert_golden(const GoldenCase *golden, size_t step, Trainee *trainee) {
  for (size_t i = 0; i < GOLDEN_WEIGHTS; i++) {
    double found = *element(&trainee->map, trainee->parameters, i);
    double expected = golden->w[step * GOLDEN_WEIGHTS + i];
    if (!(fabs(found - expected) <= fmax(golden->tolerance, 1e-5 * fabs(expected)))) {
      fail_msg("%s: step %zu, w[%zu]: found %.9g, expected %.9g", golden->optimizer, step + 1, i,
               found, expected);
    }
  }
}

static void assert_follows_golden(const GoldenCase *golden, size_t n_slices) {
  Trainee trainee;
  trainee_init(&trainee, golden->optimizer, COUNT(golden_counts), golden_counts, n_slices);
  for (size_t i = 0; i < GOLDEN_WEIGHTS; i++) {
    *element(&trainee.map, trainee.parameters, i) = optimizer_w0[i];
  }

  for (size_t step = 0; step < GOLDEN_STEPS; step++) {
    for (size_t i = 0; i < GOLDEN_WEIGHTS; i++) {
      *element(&trainee.map, trainee.gradient, i) = optimizer_g[step * GOLDEN_WEIGHTS + i];
    }
    trainee_update(&trainee, step, 1);
    assert_golden(golden, step, &trainee);
  }
  trainee_release(&trainee);
}

static void every_optimizer_follows_keras(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(golden_cases); i++) assert_follows_golden(&golden_cases[i], 1);
}

static void clip_norm_over_two_slices_follows_keras(void **state) {
  (void)state;
  const GoldenCase golden = {"sgd: {learning_rate: 0.1, clip_norm: 1}", optimizer_sgd_clip_norm_w,
                             CLOSE};
  assert_follows_golden(&golden, 2);
}

/* ---- properties of the rules ---- */

/* Minimises sum_i c_i (w_i - t_i)^2 / 2 with curvatures c between 0.5 and 1.5. */
static void assert_finds_the_bottom(const char *name) {
  enum { N_STEPS = 2000 };
  char yaml[160];
  snprintf(yaml, sizeof yaml, "%s: {learning_rate: 0.1, weight_decay: 0, schedule: {cosine: %d}}",
           name, N_STEPS);
  Trainee trainee;
  trainee_init(&trainee, yaml, COUNT(golden_counts), golden_counts, 1);
  for (uint64_t step = 0; step < N_STEPS; step++) {
    for (size_t i = 0; i < GOLDEN_WEIGHTS; i++) {
      double distance = *element(&trainee.map, trainee.parameters, i) - noise(i);
      *element(&trainee.map, trainee.gradient, i) = (real)((1 + noise(i + 100) / 2) * distance);
    }
    trainee_update(&trainee, step, 1);
  }
  for (size_t i = 0; i < GOLDEN_WEIGHTS; i++) {
    double distance = *element(&trainee.map, trainee.parameters, i) - noise(i);
    if (!(fabs(distance) < 1e-4)) fail_msg("%s: w[%zu] is %g off", name, i, distance);
  }
  trainee_release(&trainee);
}

static void every_optimizer_finds_the_bottom_of_a_bowl(void **state) {
  (void)state;
  for (const Kind *const *kind = optimizer_kinds.kinds; *kind; kind++) {
    assert_finds_the_bottom((*kind)->name);
  }
}

/* The parameter of a model of one number after updates with one and the same gradient. */
static double after_updates(const char *yaml, double begin, double gradient, uint64_t n_updates) {
  static const size_t one = 1;
  Trainee trainee;
  trainee_init(&trainee, yaml, 1, &one, 1);
  trainee.parameters[0] = (real)begin;
  for (uint64_t step = 0; step < n_updates; step++) {
    trainee.gradient[0] = (real)gradient;
    trainee_update(&trainee, step, 0.5);
  }
  double end = trainee.parameters[0];
  trainee_release(&trainee);
  return end;
}

static void gradient_scale_comes_before_clipping(void **state) {
  (void)state;
  assert_float_equal(after_updates("sgd: {learning_rate: 1}", 0, 4, 1), -2, 0);
  assert_float_equal(after_updates("sgd: {learning_rate: 1, clip_value: 3}", 0, 4, 1), -2, 0);
  assert_float_equal(after_updates("sgd: {learning_rate: 1, clip_value: 3}", 0, -8, 1), 3, 0);
  assert_float_equal(after_updates("sgd: {learning_rate: 1, clip_norm: 3}", 0, 4, 1), -2, 0);
  assert_float_equal(after_updates("sgd: {learning_rate: 1, clip_norm: 3}", 0, 8, 1), -3, 0);
}

static void epsilon_lies_under_the_root_except_in_adam(void **state) {
  (void)state;
  /* The gradient is 1/2: sqrt(1/4 + 3/4) = 1, and sqrt(1/4) + 1/2 = 1. */
  const char *adagrad = "adagrad: {learning_rate: 1, initial_accumulator_value: 0, epsilon: 0.75}";
  assert_float_equal(after_updates(adagrad, 0, 1, 1), -0.5, 0);
  const char *rmsprop = "rmsprop: {learning_rate: 1, rho: 0, epsilon: 0.75}";
  assert_float_equal(after_updates(rmsprop, 0, 1, 1), -0.5, 0);
  const char *adam = "adam: {learning_rate: 1, beta_1: 0, beta_2: 0, epsilon: 0.5}";
  assert_float_equal(after_updates(adam, 0, 1, 1), -0.5, 0);
}

static void adams_first_step_is_as_long_as_the_learning_rate(void **state) {
  (void)state;
  static const double gradients[] = {1, 1e2, 1e4};
  for (size_t i = 0; i < COUNT(gradients); i++) {
    double forth = after_updates("adam: {learning_rate: 0.25}", 0, -gradients[i], 1);
    double back = after_updates("adam: {learning_rate: 0.25}", 0, gradients[i], 1);
    assert_float_equal(forth, 0.25, 1e-5);
    assert_float_equal(back, -0.25, 1e-5);
  }
}

static void schedule_scales_update_and_decay(void **state) {
  (void)state;
  const char *yaml = "sgd: {learning_rate: 1, weight_decay: 0.5, "
                     "schedule: {step: {step_size: 1, gamma: 0.5}}}";
  /* 8 - 4 - 1 = 3 with the factor 1, then 3 - 0.75 - 0.5 with the factor 1/2 */
  assert_float_equal(after_updates(yaml, 8, 2, 2), 1.75, 0);

  KindSetting setting = read_setting(yaml);
  assert_float_equal(optimizer_learning_rate(&setting, 1, 2), 0.25, 0);
  kind_setting_release(&setting);
}

static void assert_scaled_rate(const char *scaling, size_t batch_size, double expected) {
  char yaml[200];
  snprintf(yaml, sizeof yaml,
           "sgd: {learning_rate: 0.1, scale_learning_rate: %s, base_batch_size: 256, "
           "schedule: {constant: {warmup_steps: 4}}}",
           scaling);
  KindSetting setting = read_setting(yaml);
  assert_float_equal(optimizer_scaled_rate(&setting, batch_size), expected, 1e-15);
  assert_float_equal(optimizer_learning_rate(&setting, batch_size, 1), expected / 4, 1e-15);
  assert_float_equal(optimizer_learning_rate(&setting, batch_size, 4), expected, 1e-15);
  kind_setting_release(&setting);
}

static void rate_follows_the_batch_size_as_told(void **state) {
  (void)state;
  assert_scaled_rate("none", 1024, 0.1);
  assert_scaled_rate("linear", 1024, 0.4);
  assert_scaled_rate("linear", 64, 0.025);
  assert_scaled_rate("sqrt", 1024, 0.2);
  assert_scaled_rate("sqrt", 256, 0.1);
}

static void centered_rmsprop_survives_a_gradient_that_never_changes(void **state) {
  (void)state;
  for (int i = 1; i < 100; i++) {
    assert_true(isfinite(after_updates("rmsprop: {centered: true}", 0, 7 * i, 300)));
  }
}

/* ---- slots ---- */

/* Unused places of `names` are NULL. */
static void assert_slot_names(const char *yaml, const char *const names[OPTIMIZER_MOST_SLOTS]) {
  Trainee trainee;
  model_init(&trainee, yaml, 1);
  size_t n_slots = optimizer_slot_count(trainee.slices[0]);
  for (size_t slot = 0; slot < n_slots; slot++) {
    assert_non_null(names[slot]);
    assert_string_equal(optimizer_slot_name(trainee.slices[0], slot), names[slot]);
  }
  assert_true(n_slots == OPTIMIZER_MOST_SLOTS || !names[n_slots]);
  trainee_release(&trainee);
}

static void slots_have_kerass_names(void **state) {
  (void)state;
  static const struct {
    const char *optimizer, *names[OPTIMIZER_MOST_SLOTS];
  } cases[] = {
      {"sgd", {NULL}},
      {"sgd: {momentum: 0.9}", {"momentum"}},
      {"rmsprop", {"velocity"}},
      {"rmsprop: {momentum: 0.9}", {"velocity", "momentum"}},
      {"rmsprop: {centered: true}", {"velocity", "average_gradient"}},
      {"rmsprop: {momentum: 0.9, centered: true}", {"velocity", "momentum", "average_gradient"}},
      {"adagrad", {"accumulator"}},
      {"adam", {"momentum", "velocity"}},
      {"adamw: {amsgrad: true}", {"momentum", "velocity", "velocity_hat"}},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    assert_slot_names(cases[i].optimizer, cases[i].names);
  }
}

static void assert_slots_begin_at(const char *yaml, double expected) {
  Trainee trainee;
  model_init(&trainee, yaml, 1);
  for (size_t slot = 0; slot < optimizer_slot_count(trainee.slices[0]); slot++) {
    real *values = optimizer_slot(trainee.slices[0], slot);
    for (size_t i = 0; i < trainee.map.count; i++) {
      assert_true(*element(&trainee.map, values, i) == (real)expected);
    }
  }
  trainee_release(&trainee);
}

static void slots_begin_at_zero_except_for_adagrads(void **state) {
  (void)state;
  assert_slots_begin_at("sgd: {momentum: 0.9}", 0);
  assert_slots_begin_at("rmsprop: {momentum: 0.9, centered: true}", 0);
  assert_slots_begin_at("adam: {amsgrad: true}", 0);
  assert_slots_begin_at("adagrad", 0.1);
  assert_slots_begin_at("adagrad: {initial_accumulator_value: 0.3}", 0.3);
}

/* ---- options ---- */

static void options_out_of_their_bounds_are_refused(void **state) {
  (void)state;
  static const char *const settings[] = {
      "adam: {epsilon: 0}",    "adam: {beta_1: 1}",         "adamw: {beta_2: -0.1}",
      "adagrad: {epsilon: 0}", "rmsprop: {epsilon: 0}",     "rmsprop: {rho: 1}",
      "sgd: {momentum: 1.1}",  "sgd: {learning_rate: -1}",  "sgd: {clip_norm: 0}",
      "sgd: {clip_value: 0}",  "sgd: {weight_decay: -0.1}",
  };
  for (size_t i = 0; i < COUNT(settings); i++) {
    KindSetting setting = {0};
    assert_int_equal(kind_setting_read(&optimizer_kinds, settings[i], &setting), ERR_CONFIG);
    assert_non_null(strstr(status_message(), "expected a number"));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_optimizer_follows_keras),
      cmocka_unit_test(clip_norm_over_two_slices_follows_keras),
      cmocka_unit_test(every_optimizer_finds_the_bottom_of_a_bowl),
      cmocka_unit_test(gradient_scale_comes_before_clipping),
      cmocka_unit_test(epsilon_lies_under_the_root_except_in_adam),
      cmocka_unit_test(adams_first_step_is_as_long_as_the_learning_rate),
      cmocka_unit_test(schedule_scales_update_and_decay),
      cmocka_unit_test(rate_follows_the_batch_size_as_told),
      cmocka_unit_test(centered_rmsprop_survives_a_gradient_that_never_changes),
      cmocka_unit_test(slots_have_kerass_names),
      cmocka_unit_test(slots_begin_at_zero_except_for_adagrads),
      cmocka_unit_test(options_out_of_their_bounds_are_refused),
  };
  return cmocka_run_group_tests_name("optim/optimizers", tests, NULL, NULL);
}
