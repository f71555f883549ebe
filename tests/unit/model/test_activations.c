/* model/activations: golden arrays, closed forms, symmetries, the same bits at every width. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "model/activation.h"
#include "reference/golden_activations.h"
#include "support/networks.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum { ROWS = 8, COLUMNS = 8, ELEMENTS = ROWS * COLUMNS };

static const double TOLERANCE = 2e-6;

static const ActivationKind *kind_of(const KindSetting *setting) {
  return (const ActivationKind *)setting->kind;
}

/* y of a few numbers, as one row. */
static void apply(const char *yaml, size_t count, const real *z, real *y) {
  KindSetting setting = setting_create(&activation_kinds, yaml);
  activation_forward(&setting, 1, count, z, y);
  kind_setting_release(&setting);
}

/* The derivative at a few numbers, as one row. */
static void differentiate(const char *yaml, size_t count, const real *z, real *dz) {
  KindSetting setting = setting_create(&activation_kinds, yaml);
  real y[ELEMENTS];
  activation_forward(&setting, 1, count, z, y);
  for (size_t i = 0; i < count; i++) dz[i] = 1;
  activation_backward(&setting, 1, count, z, y, dz);
  kind_setting_release(&setting);
}

/* ---- golden arrays ---- */

typedef struct Golden {
  const char *name;
  const float *y, *dz;
} Golden;

#define GOLDEN(name)                                                                               \
  { #name, activation_##name##_y, activation_##name##_dz }

static const Golden *find_golden(const char *name) {
  static const Golden goldens[] = {
      GOLDEN(linear), GOLDEN(relu),     GOLDEN(leaky_relu), GOLDEN(elu),
      GOLDEN(selu),   GOLDEN(gelu),     GOLDEN(silu),       GOLDEN(sigmoid),
      GOLDEN(tanh),   GOLDEN(softplus), GOLDEN(softmax),
  };
  for (size_t i = 0; i < COUNT(goldens); i++) {
    if (strcmp(goldens[i].name, name) == 0) return &goldens[i];
  }
  fail_msg("no golden array for %s", name);
  return NULL;
}

static void every_activation_matches_pytorch(void **state) {
  (void)state;
  for (const Kind *const *kind = activation_kinds.kinds; *kind; kind++) {
    const Golden *golden = find_golden((*kind)->name);
    KindSetting setting = setting_create(&activation_kinds, (*kind)->name);
    real y[ELEMENTS], dy[ELEMENTS];
    memcpy(dy, activation_dy, sizeof dy);

    activation_forward(&setting, ROWS, COLUMNS, activation_z, y);
    activation_backward(&setting, ROWS, COLUMNS, activation_z, y, dy);

    assert_near((*kind)->name, ELEMENTS, y, golden->y, TOLERANCE);
    assert_near((*kind)->name, ELEMENTS, dy, golden->dz, TOLERANCE);
    kind_setting_release(&setting);
  }
}

/* ---- bits ---- */

/* Forward and backward of `count` elements one by one and all at once. */
static void assert_width_does_not_matter(const char *name, size_t count) {
  KindSetting setting = setting_create(&activation_kinds, name);
  real z[ELEMENTS], y[ELEMENTS], y_single[ELEMENTS], dy[ELEMENTS], dy_single[ELEMENTS];
  fill_numbers(count, -4, 4, count, z);
  fill_numbers(count + 1, -1, 1, count, dy);
  memcpy(dy_single, dy, sizeof dy);

  activation_forward(&setting, 1, count, z, y);
  activation_backward(&setting, 1, count, z, y, dy);
  for (size_t i = 0; i < count; i++) {
    activation_forward(&setting, 1, 1, &z[i], &y_single[i]);
    activation_backward(&setting, 1, 1, &z[i], &y_single[i], &dy_single[i]);
  }

  assert_same_bits(name, count, y, y_single);
  assert_same_bits(name, count, dy, dy_single);
  kind_setting_release(&setting);
}

static void elements_one_by_one_have_the_bits_of_all_at_once(void **state) {
  (void)state;
  for (const Kind *const *kind = activation_kinds.kinds; *kind; kind++) {
    if (strcmp((*kind)->name, "softmax") == 0) continue; /* its rows belong together */
    for (size_t count = 1; count <= 19; count++) {
      assert_width_does_not_matter((*kind)->name, count);
    }
  }
}

static void rows_one_by_one_have_the_bits_of_all_at_once(void **state) {
  (void)state;
  for (const Kind *const *kind = activation_kinds.kinds; *kind; kind++) {
    KindSetting setting = setting_create(&activation_kinds, (*kind)->name);
    real y[ELEMENTS], y_row[COLUMNS];
    activation_forward(&setting, ROWS, COLUMNS, activation_z, y);
    for (size_t row = 0; row < ROWS; row++) {
      activation_forward(&setting, 1, COLUMNS, activation_z + row * COLUMNS, y_row);
      assert_same_bits((*kind)->name, COLUMNS, y_row, y + row * COLUMNS);
    }
    kind_setting_release(&setting);
  }
}

static void activations_that_need_no_input_work_in_place(void **state) {
  (void)state;
  for (const Kind *const *kind = activation_kinds.kinds; *kind; kind++) {
    KindSetting setting = setting_create(&activation_kinds, (*kind)->name);
    real apart[ELEMENTS], in_place[ELEMENTS];
    memcpy(in_place, activation_z, sizeof in_place);
    activation_forward(&setting, ROWS, COLUMNS, activation_z, apart);
    activation_forward(&setting, ROWS, COLUMNS, in_place, in_place);
    assert_same_bits((*kind)->name, ELEMENTS, in_place, apart);

    real dy[ELEMENTS], dy_without_input[ELEMENTS];
    memcpy(dy, activation_dy, sizeof dy);
    memcpy(dy_without_input, activation_dy, sizeof dy);
    if (!kind_of(&setting)->needs_input) {
      activation_backward(&setting, ROWS, COLUMNS, activation_z, apart, dy);
      activation_backward(&setting, ROWS, COLUMNS, NULL, in_place, dy_without_input);
      assert_same_bits((*kind)->name, ELEMENTS, dy_without_input, dy);
    }
    kind_setting_release(&setting);
  }
}

/* ---- extreme numbers ---- */

static void every_activation_stays_finite_far_out(void **state) {
  (void)state;
  static const real z[] = {-1e30f, -1000, -100, -20, 0, 20, 100, 1000, 1e30f};
  real y[COUNT(z)], dz[COUNT(z)];
  for (const Kind *const *kind = activation_kinds.kinds; *kind; kind++) {
    apply((*kind)->name, COUNT(z), z, y);
    differentiate((*kind)->name, COUNT(z), z, dz);
    for (size_t i = 0; i < COUNT(z); i++) {
      if (!isfinite(y[i]) || !isfinite(dz[i])) fail_msg("%s at %g", (*kind)->name, (double)z[i]);
    }
  }
}

static void every_activation_passes_nan_through(void **state) {
  (void)state;
  const real z = NAN;
  real y;
  for (const Kind *const *kind = activation_kinds.kinds; *kind; kind++) {
    apply((*kind)->name, 1, &z, &y);
    if (!isnan(y)) fail_msg("%s makes %g of NaN", (*kind)->name, (double)y);
  }
}

/* ---- closed forms ---- */

static void leaky_relu_has_the_slope_that_is_asked_for(void **state) {
  (void)state;
  const real z[] = {-2, 3}, y_expected[] = {-0.5f, 3}, dz_expected[] = {0.25f, 1};
  real y[2], dz[2];
  apply("leaky_relu: {negative_slope: 0.25}", 2, z, y);
  differentiate("leaky_relu: 0.25", 2, z, dz);
  assert_near("y", 2, y, y_expected, 0);
  assert_near("dz", 2, dz, dz_expected, 0);
}

static void elu_falls_to_minus_alpha(void **state) {
  (void)state;
  const real z[] = {-100, -0.69314718056f, 5}, y_expected[] = {-2, -1, 5},
             dz_expected[] = {0, 1, 1};
  real y[3], dz[3];
  apply("elu: {alpha: 2}", 3, z, y);
  differentiate("elu: 2", 3, z, dz);
  assert_near("y", 3, y, y_expected, TOLERANCE);
  assert_near("dz", 3, dz, dz_expected, TOLERANCE);
}

static void exponential_branches_keep_their_digits_near_0(void **state) {
  (void)state;
  const real z = -1e-5f;
  const double expected = expm1((double)z);
  real y;
  apply("elu", 1, &z, &y);
  assert_true(fabs((double)y - expected) <= 3e-7 * fabs(expected));
}

static void softplus_keeps_the_digits_of_its_derivative_far_below_0(void **state) {
  (void)state;
  const real z = -15;
  const double expected = 1 / (1 + exp(15));
  real dz;
  differentiate("softplus", 1, &z, &dz);
  assert_true(fabs((double)dz - expected) <= 1e-6 * expected);
}

/* ---- properties ---- */

/* f(z) and f(-z) of numbers up to 5. */
static void apply_to_both_signs(const char *name, real *z, real *of_plus, real *of_minus) {
  real negative[ELEMENTS];
  fill_numbers(7, 0, 5, ELEMENTS, z);
  for (size_t i = 0; i < ELEMENTS; i++) negative[i] = -z[i];
  apply(name, ELEMENTS, z, of_plus);
  apply(name, ELEMENTS, negative, of_minus);
}

static void tanh_is_odd(void **state) {
  (void)state;
  real z[ELEMENTS], plus[ELEMENTS], minus[ELEMENTS];
  apply_to_both_signs("tanh", z, plus, minus);
  for (size_t i = 0; i < ELEMENTS; i++) minus[i] = -minus[i];
  assert_same_bits("tanh", ELEMENTS, minus, plus);
}

static void sigmoid_of_z_and_of_minus_z_sum_to_1(void **state) {
  (void)state;
  real z[ELEMENTS], plus[ELEMENTS], minus[ELEMENTS];
  apply_to_both_signs("sigmoid", z, plus, minus);
  for (size_t i = 0; i < ELEMENTS; i++) minus[i] = 1 - minus[i];
  assert_near("sigmoid", ELEMENTS, minus, plus, TOLERANCE);
}

static void gelu_silu_and_softplus_differ_by_z_between_z_and_minus_z(void **state) {
  (void)state;
  static const char *const names[] = {"gelu", "silu", "softplus"};
  for (size_t k = 0; k < COUNT(names); k++) {
    real z[ELEMENTS], plus[ELEMENTS], minus[ELEMENTS];
    apply_to_both_signs(names[k], z, plus, minus);
    for (size_t i = 0; i < ELEMENTS; i++) plus[i] -= minus[i];
    assert_near(names[k], ELEMENTS, plus, z, TOLERANCE);
  }
}

static void selu_keeps_mean_0_and_variance_1(void **state) {
  (void)state;
  enum { N = 200000 };
  static real z[N], y[N];
  RandomStream stream = {.seed = 3, .purpose = RANDOM_DATA};
  random_fill_normal(&stream, 0, 0, N, z);
  apply("selu", N, z, y);

  double sum = 0, squares = 0;
  for (size_t i = 0; i < N; i++) {
    sum += (double)y[i];
    squares += (double)y[i] * (double)y[i];
  }
  assert_true(fabs(sum / N) < 0.01);
  assert_true(fabs(squares / N - 1) < 0.02);
}

static void softmax_rows_sum_to_1(void **state) {
  (void)state;
  KindSetting softmax = setting_create(&activation_kinds, "softmax");
  real y[ELEMENTS];
  activation_forward(&softmax, ROWS, COLUMNS, activation_z, y);
  for (size_t row = 0; row < ROWS; row++) {
    double sum = 0;
    for (size_t i = 0; i < COLUMNS; i++) sum += (double)y[row * COLUMNS + i];
    assert_true(fabs(sum - 1) < 1e-6);
  }
  kind_setting_release(&softmax);
}

static void softmax_is_unchanged_when_its_row_is_shifted(void **state) {
  (void)state;
  /* Multiples of 1/8, so that the shift itself rounds nothing. */
  const real z[] = {0.5f, -1.25f, 3, 0}, shifted[] = {1000.5f, 998.75f, 1003, 1000};
  real y[4], y_shifted[4];
  apply("softmax", 4, z, y);
  apply("softmax", 4, shifted, y_shifted);
  assert_same_bits("softmax", 4, y_shifted, y);
}

static void softmax_gradient_is_orthogonal_to_a_shift(void **state) {
  (void)state;
  KindSetting softmax = setting_create(&activation_kinds, "softmax");
  real y[ELEMENTS], dy[ELEMENTS];
  memcpy(dy, activation_dy, sizeof dy);
  activation_forward(&softmax, ROWS, COLUMNS, activation_z, y);
  activation_backward(&softmax, ROWS, COLUMNS, NULL, y, dy);
  for (size_t row = 0; row < ROWS; row++) {
    double sum = 0;
    for (size_t i = 0; i < COLUMNS; i++) sum += (double)dy[row * COLUMNS + i];
    assert_true(fabs(sum) < 1e-6);
  }
  kind_setting_release(&softmax);
}

/* ---- settings ---- */

static void swish_is_an_alias_of_silu(void **state) {
  (void)state;
  KindSetting swish = setting_create(&activation_kinds, "swish");
  assert_string_equal(swish.kind->name, "silu");
  kind_setting_release(&swish);
}

static void slopes_below_0_are_refused(void **state) {
  (void)state;
  KindSetting setting;
  Status status =
      kind_setting_read(&activation_kinds, "leaky_relu: {negative_slope: -1}", &setting);
  assert_refused(status, ERR_CONFIG, "negative_slope: found '-1', expected a number of at least 0");
  status = kind_setting_read(&activation_kinds, "elu: {alpha: -1}", &setting);
  assert_refused(status, ERR_CONFIG, "alpha: found '-1', expected a number of at least 0");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_activation_matches_pytorch),
      cmocka_unit_test(elements_one_by_one_have_the_bits_of_all_at_once),
      cmocka_unit_test(rows_one_by_one_have_the_bits_of_all_at_once),
      cmocka_unit_test(activations_that_need_no_input_work_in_place),
      cmocka_unit_test(every_activation_stays_finite_far_out),
      cmocka_unit_test(every_activation_passes_nan_through),
      cmocka_unit_test(leaky_relu_has_the_slope_that_is_asked_for),
      cmocka_unit_test(elu_falls_to_minus_alpha),
      cmocka_unit_test(exponential_branches_keep_their_digits_near_0),
      cmocka_unit_test(softplus_keeps_the_digits_of_its_derivative_far_below_0),
      cmocka_unit_test(tanh_is_odd),
      cmocka_unit_test(sigmoid_of_z_and_of_minus_z_sum_to_1),
      cmocka_unit_test(gelu_silu_and_softplus_differ_by_z_between_z_and_minus_z),
      cmocka_unit_test(selu_keeps_mean_0_and_variance_1),
      cmocka_unit_test(softmax_rows_sum_to_1),
      cmocka_unit_test(softmax_is_unchanged_when_its_row_is_shifted),
      cmocka_unit_test(softmax_gradient_is_orthogonal_to_a_shift),
      cmocka_unit_test(swish_is_an_alias_of_silu),
      cmocka_unit_test(slopes_below_0_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
