/* model/losses: golden arrays, closed forms, extreme numbers, the two ways to a cross-entropy. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "model/activation.h"
#include "model/loss.h"
#include "model/target.h"
#include "reference/golden_losses.h"
#include "support/networks.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum { MOST_ELEMENTS = 256 };

static const double TOLERANCE = 2e-6;

/* The losses of a pass, and the gradient of their sum unless it is NULL. */
static void evaluate(const char *yaml, const LossPass *pass) {
  KindSetting setting = setting_create(&loss_kinds, yaml);
  ((const LossKind *)setting.kind)->evaluate(setting.options, pass);
  kind_setting_release(&setting);
}

static double evaluate_one(const char *yaml, LossPass pass) {
  double loss;
  pass.n = 1;
  pass.losses = &loss;
  evaluate(yaml, &pass);
  return loss;
}

/* The loss of one sample, with its gradient. */
static double evaluate_sample(const char *yaml, size_t m, const real *output, const real *target,
                              real *gradient) {
  LossPass pass = {.m = m, .output = output, .target = target, .gradient = gradient};
  return evaluate_one(yaml, pass);
}

/* The same, `output` being logits. */
static double evaluate_logits(const char *yaml, size_t m, const real *output, const real *target,
                              real *gradient) {
  LossPass pass = {.m = m, .output = output, .target = target, .gradient = gradient};
  pass.from_logits = true;
  return evaluate_one(yaml, pass);
}

static void assert_loss(double found, double expected) {
  if (!(fabs(found - expected) <= TOLERANCE * fmax(1, fabs(expected)))) {
    fail_msg("found %.9g, expected %.9g", found, expected);
  }
}

/* Outputs in (0, 1) whose rows sum to 1, and targets that every loss takes. */
static void fill_pass(size_t n, size_t m, real *output, real *target) {
  fill_numbers(11, 0.1f, 0.9f, n * m, output);
  for (size_t i = 0; i < n * m; i++) target[i] = (real)(i % m == i / m % m);
  for (size_t row = 0; row < n; row++) {
    real sum = 0;
    for (size_t i = 0; i < m; i++) sum += output[row * m + i];
    for (size_t i = 0; i < m; i++) output[row * m + i] /= sum;
  }
}

/* ---- golden arrays ---- */

typedef struct Golden {
  const char *what, *loss;
  size_t m, target_width;
  bool from_logits;
  const float *prediction, *target, *value, *gradient;
} Golden;

#define ARRAYS(name)                                                                               \
  loss_##name##_prediction, loss_##name##_target, loss_##name##_value, loss_##name##_gradient

static const Golden goldens[] = {
    {"mse", "mean_squared_error", 4, 4, false, ARRAYS(mean_squared_error)},
    {"half", "mean_squared_error: {half: true}", 4, 4, false, ARRAYS(half_mean_squared_error)},
    {"rmse", "root_mean_squared_error", 4, 4, false, ARRAYS(root_mean_squared_error)},
    {"mae", "mean_absolute_error", 4, 4, false, ARRAYS(mean_absolute_error)},
    {"huber 1", "huber", 4, 4, false, ARRAYS(huber_1)},
    {"huber 0.5", "huber: {delta: 0.5}", 4, 4, false, ARRAYS(huber_0_5)},
    {"bce", "binary_cross_entropy", 1, 1, false, ARRAYS(binary_cross_entropy_probabilities)},
    {"bce logits", "binary_cross_entropy", 1, 1, true, ARRAYS(binary_cross_entropy_logits)},
    {"cce index", "categorical_cross_entropy", 4, 1, false,
     ARRAYS(categorical_cross_entropy_probabilities_index)},
    {"cce one-hot", "categorical_cross_entropy", 4, 4, false,
     ARRAYS(categorical_cross_entropy_probabilities_one_hot)},
    {"cce smoothing", "categorical_cross_entropy: {label_smoothing: 0.1}", 4, 4, false,
     ARRAYS(categorical_cross_entropy_probabilities_smoothing)},
    {"cce logits index", "categorical_cross_entropy", 4, 1, true,
     ARRAYS(categorical_cross_entropy_logits_index)},
    {"cce logits one-hot", "categorical_cross_entropy", 4, 4, true,
     ARRAYS(categorical_cross_entropy_logits_one_hot)},
    {"cce logits smoothing", "categorical_cross_entropy: {label_smoothing: 0.1}", 4, 4, true,
     ARRAYS(categorical_cross_entropy_logits_smoothing)},
    {"hinge", "hinge", 1, 1, false, ARRAYS(hinge)},
    {"categorical hinge", "categorical_hinge", 4, 4, false, ARRAYS(categorical_hinge)},
    {"kl", "kl_divergence", 4, 4, false, ARRAYS(kl_divergence)},
};

/* The batch of 6 samples as a run would see it: summary and its chain factor included. */
static void assert_golden(const Golden *golden) {
  enum { N = 6 };
  real target[N * 4], gradient[N * 4];
  double losses[N], sum = 0;
  target_encode(N, golden->target_width, golden->m, golden->target, target);
  LossPass pass = {.n = N, .m = golden->m, .from_logits = golden->from_logits};
  pass.output = golden->prediction;
  pass.target = target;
  pass.losses = losses;
  pass.gradient = gradient;

  KindSetting setting = setting_create(&loss_kinds, golden->loss);
  const LossKind *kind = (const LossKind *)setting.kind;
  kind->evaluate(setting.options, &pass);
  for (size_t i = 0; i < N; i++) sum += losses[i];
  real value = (real)summary_value(kind->summary, sum, N);
  double factor = summary_factor(kind->summary, sum, N);
  for (size_t i = 0; i < N * golden->m; i++) gradient[i] = (real)(factor * (double)gradient[i]);

  assert_near(golden->what, 1, &value, golden->value, TOLERANCE);
  assert_near(golden->what, N * golden->m, gradient, golden->gradient, TOLERANCE);
  kind_setting_release(&setting);
}

static void losses_match_pytorch(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(goldens); i++) assert_golden(&goldens[i]);
}

static void every_loss_has_a_golden_array(void **state) {
  (void)state;
  for (const Kind *const *kind = loss_kinds.kinds; *kind; kind++) {
    size_t found = 0;
    for (size_t i = 0; i < COUNT(goldens); i++) {
      found += strncmp(goldens[i].loss, (*kind)->name, strlen((*kind)->name)) == 0;
    }
    if (!found) fail_msg("no golden array for %s", (*kind)->name);
  }
}

/* ---- closed forms ---- */

static void squared_errors_are_means_over_outputs(void **state) {
  (void)state;
  const real p[] = {1, 5}, t[] = {2, 2}, expected[] = {-1, 3}, half_expected[] = {-0.5f, 1.5f};
  real gradient[2];
  assert_loss(evaluate_sample("mse", 2, p, t, gradient), 5);
  assert_near("mse", 2, gradient, expected, 0);
  assert_loss(evaluate_sample("mse: {half: true}", 2, p, t, gradient), 2.5);
  assert_near("half", 2, gradient, half_expected, 0);
}

static void absolute_error_has_no_gradient_where_it_is_0(void **state) {
  (void)state;
  const real p[] = {1, 2, 4, 2}, t[] = {2, 2, 2, 2}, expected[] = {-0.25f, 0, 0.25f, 0};
  real gradient[4];
  assert_loss(evaluate_sample("mae", 4, p, t, gradient), 0.75);
  assert_near("mae", 4, gradient, expected, 0);
}

static void huber_is_linear_beyond_delta(void **state) {
  (void)state;
  const real p[] = {0.5f, 3, -3, 0}, t[] = {0, 0, 0, 0}, expected[] = {0.125f, 0.5f, -0.5f, 0};
  real gradient[4];
  double loss = evaluate_sample("huber: {delta: 2}", 4, p, t, gradient);
  assert_loss(loss, (0.125 + 2 * (2 * 3 - 2)) / 4);
  assert_near("huber", 4, gradient, expected, 0);
}

static void hinge_takes_0_for_minus_1(void **state) {
  (void)state;
  const real p[] = {0.5f, 0.5f, 2, -3}, zeros[] = {1, 0, 1, 0}, signs[] = {1, -1, 1, -1};
  const real expected[] = {-0.25f, 0.25f, 0, 0};
  real of_zeros[4], of_signs[4];
  assert_loss(evaluate_sample("hinge", 4, p, zeros, of_zeros), 0.5);
  assert_loss(evaluate_sample("hinge", 4, p, signs, of_signs), 0.5);
  assert_near("zeros", 4, of_zeros, expected, 0);
  assert_near("signs", 4, of_signs, expected, 0);
}

static void categorical_hinge_is_0_when_the_right_class_leads_by_1(void **state) {
  (void)state;
  const real p[] = {0.5f, 2, 1}, t[] = {0, 1, 0}, zeros[] = {0, 0, 0};
  real gradient[3];
  assert_loss(evaluate_sample("categorical_hinge", 3, p, t, gradient), 0);
  assert_near("gradient", 3, gradient, zeros, 0);
}

static void categorical_hinge_pushes_against_the_first_of_equal_rivals(void **state) {
  (void)state;
  const real p[] = {1.5f, 2, 1.5f}, t[] = {0, 1, 0}, expected[] = {1, -1, 0};
  real gradient[3];
  assert_loss(evaluate_sample("categorical_hinge", 3, p, t, gradient), 0.5);
  assert_near("gradient", 3, gradient, expected, 0);
}

static void kl_divergence_of_equal_distributions_is_0(void **state) {
  (void)state;
  const real p[] = {0.125f, 0.5f, 0.375f};
  assert_loss(evaluate_sample("kld", 3, p, p, NULL), 0);
}

static void kl_divergence_ignores_classes_that_never_occur(void **state) {
  (void)state;
  const real p[] = {0, 0.25f, 0.75f}, t[] = {0, 1, 0}, expected[] = {0, -4, 0};
  real gradient[3];
  assert_loss(evaluate_sample("kld", 3, p, t, gradient), log(4));
  assert_near("gradient", 3, gradient, expected, TOLERANCE);
}

static void binary_smoothing_draws_targets_towards_one_half(void **state) {
  (void)state;
  const real p[] = {0.75f}, smoothed[] = {0.9f}, t[] = {1};
  double expected = evaluate_sample("bce", 1, p, smoothed, NULL);
  assert_loss(evaluate_sample("bce: {label_smoothing: 0.2}", 1, p, t, NULL), expected);
}

static void binary_cross_entropy_is_a_mean_over_outputs(void **state) {
  (void)state;
  const real p[] = {0.5f, 0.25f}, t[] = {1, 0}, expected[] = {-1, 0.5f / 0.75f};
  real gradient[2];
  assert_loss(evaluate_sample("bce", 2, p, t, gradient), (log(2) - log(0.75)) / 2);
  assert_near("gradient", 2, gradient, expected, TOLERANCE);
}

/* ---- from logits and from probabilities ---- */

/* The gradient by the logits must be that by the probabilities, taken through the activation. */
static void assert_link_agrees(const char *loss, const char *activation, size_t m,
                               const real *logits, const real *target) {
  KindSetting link = setting_create(&activation_kinds, activation);
  real p[MOST_ELEMENTS], through[MOST_ELEMENTS], direct[MOST_ELEMENTS];
  activation_forward(&link, 1, m, logits, p);
  double expected = evaluate_sample(loss, m, p, target, through);
  activation_backward(&link, 1, m, logits, p, through);

  assert_loss(evaluate_logits(loss, m, logits, target, direct), expected);
  assert_near(loss, m, direct, through, 1e-5);
  kind_setting_release(&link);
}

static void cross_entropies_from_logits_are_those_from_probabilities(void **state) {
  (void)state;
  const real logits[] = {-2, 0.5f, 1.25f, 3}, target[] = {0, 0, 1, 0};
  assert_link_agrees("bce", "sigmoid", 4, logits, target);
  assert_link_agrees("bce: {label_smoothing: 0.3}", "sigmoid", 4, logits, target);
  assert_link_agrees("cross_entropy", "softmax", 4, logits, target);
  assert_link_agrees("cross_entropy: {label_smoothing: 0.3}", "softmax", 4, logits, target);
}

static void categorical_cross_entropy_is_unchanged_when_logits_are_shifted(void **state) {
  (void)state;
  const real z[] = {0.5f, -1.25f, 3}, shifted[] = {1000.5f, 998.75f, 1003}, t[] = {1, 0, 0};
  real gradient[3], gradient_shifted[3];
  double loss = evaluate_logits("cross_entropy", 3, z, t, gradient);
  double loss_shifted = evaluate_logits("cross_entropy", 3, shifted, t, gradient_shifted);
  assert_true(loss == loss_shifted);
  assert_same_bits("gradient", 3, gradient_shifted, gradient);
}

static void categorical_cross_entropy_pushes_logits_along_no_shift(void **state) {
  (void)state;
  const real z[] = {0.5f, -1.25f, 3, 0.75f}, t[] = {0.25f, 0.5f, 0, 0.25f};
  real gradient[4];
  evaluate_logits("cross_entropy: {label_smoothing: 0.1}", 4, z, t, gradient);
  assert_true(fabs((double)gradient[0] + gradient[1] + gradient[2] + gradient[3]) < 1e-6);
}

/* ---- extreme numbers ---- */

static void confident_mistakes_cost_their_logit(void **state) {
  (void)state;
  const real z[] = {-200}, yes[] = {1}, pair[] = {-200, 0}, first[] = {1, 0};
  real gradient[2];
  assert_loss(evaluate_logits("bce", 1, z, yes, gradient), 200);
  assert_true(gradient[0] == -1);
  assert_loss(evaluate_logits("cross_entropy", 2, pair, first, gradient), 200);
  assert_true(gradient[0] == -1 && gradient[1] == 1);
}

static void probabilities_of_0_and_1_are_clipped(void **state) {
  (void)state;
  const real wrong[] = {0, 1}, t[] = {1, 0}, zeros[] = {0, 0};
  const char *const losses[] = {"bce", "cross_entropy", "kld"};
  for (size_t i = 0; i < COUNT(losses); i++) {
    real gradient[2];
    double loss = evaluate_sample(losses[i], 2, wrong, t, gradient);
    assert_true(fabs(loss / -log(1e-7) - 1) < 0.01);
    if (strcmp(losses[i], "kld") != 0) assert_near(losses[i], 2, gradient, zeros, 0);
  }
}

static void an_impossible_class_may_have_no_logit_at_all(void **state) {
  (void)state;
  const real z[] = {-INFINITY, 1, 1}, t[] = {0, 1, 0}, expected[] = {0, -0.5f, 0.5f};
  real gradient[3];
  assert_loss(evaluate_logits("cross_entropy", 3, z, t, gradient), log(2));
  assert_near("gradient", 3, gradient, expected, TOLERANCE);
}

static void every_loss_passes_nan_through(void **state) {
  (void)state;
  const real output[] = {0.25f, NAN, 0.5f}, target[] = {0, 1, 0};
  for (const Kind *const *kind = loss_kinds.kinds; *kind; kind++) {
    double loss = evaluate_sample((*kind)->name, 3, output, target, NULL);
    if (!isnan(loss)) fail_msg("%s makes %g of NaN", (*kind)->name, loss);
    if (!((const LossKind *)*kind)->link) continue;
    loss = evaluate_logits((*kind)->name, 3, output, target, NULL);
    if (!isnan(loss)) fail_msg("%s makes %g of NaN logits", (*kind)->name, loss);
  }
}

/* ---- bits ---- */

static void assert_rows_stand_alone(const char *name, size_t n, size_t m, bool from_logits) {
  real output[MOST_ELEMENTS], target[MOST_ELEMENTS], gradient[MOST_ELEMENTS], single[MOST_ELEMENTS];
  double losses[MOST_ELEMENTS], loss;
  fill_pass(n, m, output, target);
  LossPass all = {n, m, from_logits, output, target, losses, gradient};
  evaluate(name, &all);
  for (size_t row = 0; row < n; row++) {
    size_t begin = row * m;
    LossPass one = {1, m, from_logits, output + begin, target + begin, &loss, single};
    evaluate(name, &one);
    assert_true(loss == losses[row]);
    assert_same_bits(name, m, single, gradient + begin);
  }
}

static void losses_of_a_row_do_not_depend_on_its_neighbours(void **state) {
  (void)state;
  for (const Kind *const *kind = loss_kinds.kinds; *kind; kind++) {
    bool has_link = ((const LossKind *)*kind)->link != NULL;
    assert_rows_stand_alone((*kind)->name, 7, 5, false);
    assert_rows_stand_alone((*kind)->name, 3, 70, has_link);
    assert_rows_stand_alone((*kind)->name, 20, 1, has_link);
  }
}

/* Losses that are means over outputs: each output apart gives M times its share. */
static void outputs_one_by_one_have_the_bits_of_all_at_once(void **state) {
  (void)state;
  enum { M = 64 }; /* a power of two, so that the division by M is exact */
  static const char *const names[] = {"mse", "mae", "huber", "bce", "hinge"};
  real output[M], target[M], gradient[M], single[M];
  fill_pass(1, M, output, target);
  for (size_t k = 0; k < COUNT(names); k++) {
    evaluate_sample(names[k], M, output, target, gradient);
    for (size_t i = 0; i < M; i++) {
      evaluate_sample(names[k], 1, &output[i], &target[i], &single[i]);
      single[i] /= M;
    }
    assert_same_bits(names[k], M, single, gradient);
  }
}

static void losses_are_the_same_without_a_gradient(void **state) {
  (void)state;
  real output[15], target[15], gradient[15];
  fill_pass(3, 5, output, target);
  for (const Kind *const *kind = loss_kinds.kinds; *kind; kind++) {
    double with = evaluate_sample((*kind)->name, 5, output, target, gradient);
    double without = evaluate_sample((*kind)->name, 5, output, target, NULL);
    assert_true(with == without);
  }
}

/* ---- settings and summaries ---- */

static void kerass_names_are_aliases(void **state) {
  (void)state;
  static const char *const names[][2] = {
      {"mse", "mean_squared_error"},
      {"MeanSquaredError", "mean_squared_error"},
      {"RootMeanSquaredError", "root_mean_squared_error"},
      {"mae", "mean_absolute_error"},
      {"Huber", "huber"},
      {"binary_crossentropy", "binary_cross_entropy"},
      {"categorical_crossentropy", "categorical_cross_entropy"},
      {"sparse_categorical_crossentropy", "categorical_cross_entropy"},
      {"Hinge", "hinge"},
      {"CategoricalHinge", "categorical_hinge"},
      {"kld", "kl_divergence"},
      {"kullback_leibler_divergence", "kl_divergence"},
  };
  for (size_t i = 0; i < COUNT(names); i++) {
    const Kind *kind = kind_find(&loss_kinds, names[i][0]);
    assert_non_null(kind);
    assert_string_equal(kind->name, names[i][1]);
  }
}

static void options_out_of_range_are_refused(void **state) {
  (void)state;
  KindSetting setting;
  Status status = kind_setting_read(&loss_kinds, "huber: {delta: 0}", &setting);
  assert_refused(status, ERR_CONFIG, "delta: found '0', expected a number above 0");
  status = kind_setting_read(&loss_kinds, "bce: {label_smoothing: 1}", &setting);
  assert_refused(status, ERR_CONFIG,
                 "label_smoothing: found '1', expected a number from 0 to below 1");
}

static void a_root_of_0_has_no_gradient(void **state) {
  (void)state;
  assert_true(summary_value(SUMMARY_ROOT_MEAN, 0, 4) == 0);
  assert_true(summary_factor(SUMMARY_ROOT_MEAN, 0, 4) == 0);
}

static void the_factor_of_a_root_is_its_derivative(void **state) {
  (void)state;
  double above = summary_value(SUMMARY_ROOT_MEAN, 36 + 1e-6, 4);
  double below = summary_value(SUMMARY_ROOT_MEAN, 36 - 1e-6, 4);
  assert_true(fabs((above - below) / 2e-6 - summary_factor(SUMMARY_ROOT_MEAN, 36, 4)) < 1e-8);
}

static void a_mean_over_nothing_is_nan(void **state) {
  (void)state;
  assert_true(isnan(summary_value(SUMMARY_MEAN, 0, 0)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(losses_match_pytorch),
      cmocka_unit_test(every_loss_has_a_golden_array),
      cmocka_unit_test(squared_errors_are_means_over_outputs),
      cmocka_unit_test(absolute_error_has_no_gradient_where_it_is_0),
      cmocka_unit_test(huber_is_linear_beyond_delta),
      cmocka_unit_test(hinge_takes_0_for_minus_1),
      cmocka_unit_test(categorical_hinge_is_0_when_the_right_class_leads_by_1),
      cmocka_unit_test(categorical_hinge_pushes_against_the_first_of_equal_rivals),
      cmocka_unit_test(kl_divergence_of_equal_distributions_is_0),
      cmocka_unit_test(kl_divergence_ignores_classes_that_never_occur),
      cmocka_unit_test(binary_smoothing_draws_targets_towards_one_half),
      cmocka_unit_test(binary_cross_entropy_is_a_mean_over_outputs),
      cmocka_unit_test(cross_entropies_from_logits_are_those_from_probabilities),
      cmocka_unit_test(categorical_cross_entropy_is_unchanged_when_logits_are_shifted),
      cmocka_unit_test(categorical_cross_entropy_pushes_logits_along_no_shift),
      cmocka_unit_test(confident_mistakes_cost_their_logit),
      cmocka_unit_test(probabilities_of_0_and_1_are_clipped),
      cmocka_unit_test(an_impossible_class_may_have_no_logit_at_all),
      cmocka_unit_test(every_loss_passes_nan_through),
      cmocka_unit_test(losses_of_a_row_do_not_depend_on_its_neighbours),
      cmocka_unit_test(outputs_one_by_one_have_the_bits_of_all_at_once),
      cmocka_unit_test(losses_are_the_same_without_a_gradient),
      cmocka_unit_test(kerass_names_are_aliases),
      cmocka_unit_test(options_out_of_range_are_refused),
      cmocka_unit_test(a_root_of_0_has_no_gradient),
      cmocka_unit_test(the_factor_of_a_root_is_its_derivative),
      cmocka_unit_test(a_mean_over_nothing_is_nan),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
