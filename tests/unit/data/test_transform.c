/* data/transform: the target rules, and the targets that they cannot be applied to. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "data/transform.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

/* A data set of these float64 targets, without inputs. */
static Dataset create_dataset(size_t n_samples, size_t width, const double *targets) {
  Dataset dataset = {.description = {.n_samples = n_samples,
                                     .target_dtype = DTYPE_F64,
                                     .target_width = width,
                                     .name = memory_copy_text("digits")}};
  if (width == 0) return dataset;
  dataset.targets = array_create(DTYPE_F64, (Shape){.n_dims = 2, .dims = {n_samples, width}});
  memcpy(dataset.targets.values, targets, n_samples * width * sizeof *targets);
  return dataset;
}

static Status apply(const char *yaml_text, Dataset *dataset) {
  KindSetting rule = {0};
  if (kind_setting_read(&target_rule_kinds, yaml_text, &rule) != OK) {
    fail_msg("%s", status_message());
  }
  Status status = dataset_apply_target_rule(&rule, dataset);
  kind_setting_release(&rule);
  return status;
}

static void assert_answers(const char *yaml_text, const double targets[6],
                           const unsigned char answers[6]) {
  Dataset dataset = create_dataset(6, 1, targets);
  assert_int_equal(apply(yaml_text, &dataset), OK);
  assert_int_equal(dataset.description.target_dtype, DTYPE_U8);
  assert_int_equal(dataset.targets.dtype, DTYPE_U8);
  assert_int_equal(shape_count(&dataset.targets.shape), 6);
  assert_memory_equal(dataset.targets.values, answers, 6);
  dataset_release(&dataset);
}

static void odd_rule_tells_odd_from_even(void **state) {
  (void)state;
  assert_answers("odd", (double[]){0, 1, 2, 9, -3, -4}, (unsigned char[]){0, 1, 0, 1, 1, 0});
}

static void equals_rule_tells_one_number_from_all_others(void **state) {
  (void)state;
  assert_answers("{equals: {value: 3}}", (double[]){3, 1, -3, 3, 30, 0},
                 (unsigned char[]){1, 0, 0, 1, 0, 0});
}

static void equals_rule_without_a_value_is_refused(void **state) {
  (void)state;
  KindSetting rule = {0};
  assert_int_equal(kind_setting_read(&target_rule_kinds, "equals", &rule), ERR_CONFIG);
  assert_non_null(strstr(status_message(), "value"));
}

static void target_rule_that_is_unknown_is_refused(void **state) {
  (void)state;
  KindSetting rule = {0};
  assert_int_equal(kind_setting_read(&target_rule_kinds, "even", &rule), ERR_CONFIG);
  assert_non_null(strstr(status_message(), "unknown target rule 'even', expected odd | equals"));
}

static void target_rule_that_was_not_chosen_changes_nothing(void **state) {
  (void)state;
  Dataset dataset = create_dataset(2, 1, (double[]){0.5, 7});
  KindSetting none = {0};
  assert_int_equal(dataset_apply_target_rule(&none, &dataset), OK);
  assert_int_equal(dataset.targets.dtype, DTYPE_F64);
  assert_true(array_at(&dataset.targets, 1) == 7);
  dataset_release(&dataset);
}

static void target_rule_drops_class_names(void **state) {
  (void)state;
  Dataset dataset = create_dataset(2, 1, (double[]){0, 1});
  dataset.description.n_class_names = 2;
  dataset.description.class_names = NEW_ARRAY(char *, 2);
  dataset.description.class_names[0] = memory_copy_text("cat");
  dataset.description.class_names[1] = memory_copy_text("dog");
  assert_int_equal(apply("odd", &dataset), OK);
  assert_int_equal(dataset.description.n_class_names, 0);
  assert_null(dataset.description.class_names);
  dataset_release(&dataset);
}

/* Applying `odd` has to fail with this message, and to change nothing. */
static void assert_refused(size_t n_samples, size_t width, const double *targets,
                           const char *message) {
  Dataset dataset = create_dataset(n_samples, width, targets);
  assert_int_equal(apply("odd", &dataset), ERR_DATA);
  assert_string_equal(status_message(), message);
  assert_int_equal(dataset.description.target_dtype, DTYPE_F64);
  for (size_t i = 0; i < n_samples * width; i++) {
    assert_memory_equal((double *)dataset.targets.values + i, targets + i, sizeof *targets);
  }
  dataset_release(&dataset);
}

static void target_that_is_no_whole_number_is_refused_by_sample(void **state) {
  (void)state;
  assert_refused(3, 1, (double[]){1, 2, 2.5},
                 "digits: found the target 2.5 of sample 2 (from 0), expected one whole number per "
                 "sample for the target rule odd");
}

static void target_that_is_not_finite_is_refused_by_sample(void **state) {
  (void)state;
  assert_refused(2, 1, (double[]){1, INFINITY},
                 "digits: found the target inf of sample 1 (from 0), expected one whole number per "
                 "sample for the target rule odd");
  assert_refused(1, 1, (double[]){NAN},
                 "digits: found the target nan of sample 0 (from 0), expected one whole number per "
                 "sample for the target rule odd");
}

static void targets_of_another_width_are_refused(void **state) {
  (void)state;
  assert_refused(1, 2, (double[]){1, 2},
                 "digits: found 2 targets per sample, expected one whole number per sample for the "
                 "target rule odd");
  assert_refused(1, 0, NULL,
                 "digits: found 0 targets per sample, expected one whole number per sample for the "
                 "target rule odd");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(odd_rule_tells_odd_from_even),
      cmocka_unit_test(equals_rule_tells_one_number_from_all_others),
      cmocka_unit_test(equals_rule_without_a_value_is_refused),
      cmocka_unit_test(target_rule_that_is_unknown_is_refused),
      cmocka_unit_test(target_rule_that_was_not_chosen_changes_nothing),
      cmocka_unit_test(target_rule_drops_class_names),
      cmocka_unit_test(target_that_is_no_whole_number_is_refused_by_sample),
      cmocka_unit_test(target_that_is_not_finite_is_refused_by_sample),
      cmocka_unit_test(targets_of_another_width_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
