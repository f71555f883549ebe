/* model/target: which targets a loss takes, and the form that it gets them in. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "model/target.h"
#include "support/networks.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

/* Checks n x t targets of float for a loss and a model of m outputs. */
static Status check(const char *loss, size_t n, size_t t, const float *values, size_t m) {
  Array targets = array_create(DTYPE_F32, (Shape){2, {n, t}});
  memcpy(targets.values, values, n * t * sizeof(float));
  Status status =
      target_check((const LossKind *)kind_find(&loss_kinds, loss), "y.csv", &targets, m);
  array_release(&targets);
  return status;
}

/* ---- what is taken ---- */

static void numbers_of_the_models_width_are_taken(void **state) {
  (void)state;
  const float values[] = {-1e6f, 0, 3.5f, 1e6f};
  assert_int_equal(check("mse", 2, 2, values, 2), OK);
}

static void class_indices_are_taken_for_several_outputs(void **state) {
  (void)state;
  const float values[] = {0, 2, 1};
  assert_int_equal(check("cross_entropy", 3, 1, values, 3), OK);
  assert_int_equal(check("categorical_hinge", 3, 1, values, 3), OK);
  assert_int_equal(check("mse", 3, 1, values, 3), OK);
}

static void distributions_are_taken_for_classes(void **state) {
  (void)state;
  const float values[] = {0.25f, 0.75f, 1, 0};
  assert_int_equal(check("kld", 2, 2, values, 2), OK);
}

static void probabilities_are_taken_for_yes_or_no(void **state) {
  (void)state;
  const float values[] = {0, 0.3f, 1};
  assert_int_equal(check("bce", 3, 1, values, 1), OK);
}

static void both_forms_of_signs_are_taken(void **state) {
  (void)state;
  const float values[] = {-1, 1, 0};
  assert_int_equal(check("hinge", 3, 1, values, 1), OK);
}

static void targets_without_a_second_dimension_have_width_1(void **state) {
  (void)state;
  Array targets = array_create(DTYPE_U8, (Shape){1, {2}});
  ((unsigned char *)targets.values)[1] = 9;
  const LossKind *loss = (const LossKind *)kind_find(&loss_kinds, "cross_entropy");
  assert_int_equal(target_check(loss, "labels", &targets, 10), OK);
  assert_refused(target_check(loss, "labels", &targets, 9), ERR_DATA,
                 "labels: sample 1: found the target 9, expected a class from 0 to 8");
  array_release(&targets);
}

/* ---- what is refused ---- */

static void numbers_that_are_not_finite_are_refused(void **state) {
  (void)state;
  const float nan_values[] = {0, 1, NAN, 2}, infinite[] = {INFINITY};
  assert_refused(check("mse", 2, 2, nan_values, 2), ERR_DATA,
                 "y.csv: sample 1: found the target nan, expected a finite number");
  assert_refused(check("mae", 1, 1, infinite, 1), ERR_DATA, "sample 0: found the target inf");
}

static void classes_that_do_not_exist_are_refused(void **state) {
  (void)state;
  const float too_large[] = {0, 3}, negative[] = {-1}, broken[] = {1, 0, 1.5f}, none[] = {NAN};
  assert_refused(check("cross_entropy", 2, 1, too_large, 3), ERR_DATA,
                 "y.csv: sample 1: found the target 3, expected a class from 0 to 2");
  assert_refused(check("cross_entropy", 1, 1, negative, 3), ERR_DATA, "found the target -1");
  assert_refused(check("cross_entropy", 3, 1, broken, 3), ERR_DATA,
                 "sample 2: found the target 1.5");
  assert_refused(check("cross_entropy", 1, 1, none, 3), ERR_DATA, "found the target nan");
}

static void numbers_out_of_range_are_refused(void **state) {
  (void)state;
  const float values[] = {0.5f, 1.5f}, signs[] = {1, 0.5f};
  assert_refused(check("kld", 1, 2, values, 2), ERR_DATA,
                 "sample 0: found the target 1.5, expected a probability from 0 to 1");
  assert_refused(check("bce", 2, 1, values, 1), ERR_DATA,
                 "sample 1: found the target 1.5, expected a number from 0 to 1");
  assert_refused(check("hinge", 2, 1, signs, 1), ERR_DATA,
                 "sample 1: found the target 0.5, expected 0 or 1, or -1 or 1");
}

static void widths_that_do_not_fit_are_refused(void **state) {
  (void)state;
  const float values[] = {0, 1, 0, 1, 0, 1};
  assert_refused(check("mse", 2, 3, values, 2), ERR_DATA,
                 "y.csv: found 3 targets per sample, expected 2, the model's outputs");
  assert_refused(check("cross_entropy", 2, 3, values, 1), ERR_DATA, "found 3 targets per sample");
}

static void one_target_for_several_yes_or_no_outputs_is_refused(void **state) {
  (void)state;
  const float values[] = {0, 1};
  assert_refused(check("bce", 2, 1, values, 3), ERR_DATA,
                 "found 1 target per sample, expected 3, the model's outputs, for "
                 "binary_cross_entropy");
  assert_refused(check("hinge", 2, 1, values, 3), ERR_DATA, "for hinge");
}

/* ---- encoding ---- */

static void class_indices_become_one_hot(void **state) {
  (void)state;
  const real stored[] = {2, 0}, expected[] = {0, 0, 1, 1, 0, 0};
  real encoded[6];
  target_encode(2, 1, 3, stored, encoded);
  assert_same_bits("one-hot", 6, encoded, expected);
}

static void targets_of_the_models_width_stay_as_they_are(void **state) {
  (void)state;
  const real stored[] = {0.5f, -2, 7, 1};
  real encoded[4];
  target_encode(2, 2, 2, stored, encoded);
  assert_same_bits("targets", 4, encoded, stored);
  target_encode(4, 1, 1, stored, encoded);
  assert_same_bits("targets", 4, encoded, stored);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_of_the_models_width_are_taken),
      cmocka_unit_test(class_indices_are_taken_for_several_outputs),
      cmocka_unit_test(distributions_are_taken_for_classes),
      cmocka_unit_test(probabilities_are_taken_for_yes_or_no),
      cmocka_unit_test(both_forms_of_signs_are_taken),
      cmocka_unit_test(targets_without_a_second_dimension_have_width_1),
      cmocka_unit_test(numbers_that_are_not_finite_are_refused),
      cmocka_unit_test(classes_that_do_not_exist_are_refused),
      cmocka_unit_test(numbers_out_of_range_are_refused),
      cmocka_unit_test(widths_that_do_not_fit_are_refused),
      cmocka_unit_test(one_target_for_several_yes_or_no_outputs_is_refused),
      cmocka_unit_test(class_indices_become_one_hot),
      cmocka_unit_test(targets_of_the_models_width_stay_as_they_are),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
