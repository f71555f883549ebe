/* data/split: sizes, membership, classes, and parts that would be empty. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "data/split.h"
#include "math/random.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static Split split_good(size_t n_samples, double fraction, uint64_t seed) {
  Split split;
  if (split_last(n_samples, fraction, seed, &split) != OK) fail_msg("%s", status_message());
  return split;
}

/* A data set of these targets, without inputs. */
static Dataset create_dataset(size_t n_samples, size_t width, const double *targets) {
  Dataset dataset = {
      .description = {.n_samples = n_samples, .target_width = width, .name = NULL},
      .targets = array_create(DTYPE_F64, (Shape){.n_dims = 2, .dims = {n_samples, width}}),
  };
  memcpy(dataset.targets.values, targets, n_samples * width * sizeof *targets);
  return dataset;
}

/* Both parts ascend and together hold every row once. */
static void assert_covers(const Split *split, size_t n_samples) {
  assert_int_equal(split->training.count + split->validation.count, n_samples);
  size_t t = 0, v = 0;
  for (uint32_t row = 0; row < n_samples; row++) {
    if (t < split->training.count && split->training.rows[t] == row) {
      t++;
    } else {
      assert_true(v < split->validation.count && split->validation.rows[v] == row);
      v++;
    }
  }
}

/* ---- split_last ---- */

static void split_covers_every_sample_once(void **state) {
  (void)state;
  static const size_t counts[] = {2, 5, 10, 97, 1000, 60000};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    Split split = split_good(counts[i], 0.5, 3);
    assert_int_equal(split.validation.count, counts[i] / 2);
    assert_covers(&split, counts[i]);
    split_release(&split);
  }
}

static void split_takes_what_comes_last_in_the_permutation(void **state) {
  (void)state;
  enum { N = 50, N_VALIDATION = 15 };
  Split split = split_good(N, 0.3, 11);
  RandomStream stream = {.seed = 11, .purpose = RANDOM_SPLIT};
  Permutation permutation = permutation_create(&stream, N);
  assert_int_equal(split.validation.count, N_VALIDATION);
  for (size_t position = N - N_VALIDATION; position < N; position++) {
    size_t n_found = 0;
    for (size_t i = 0; i < N_VALIDATION; i++) {
      n_found += split.validation.rows[i] == permutation_at(&permutation, position);
    }
    assert_int_equal(n_found, 1);
  }
  split_release(&split);
}

static void split_sizes_follow_the_decimal_fraction(void **state) {
  (void)state;
  static const struct {
    size_t n_samples;
    double fraction;
    size_t n_validation;
  } cases[] = {
      {100, 0.29, 29},    {100, 0.57, 57}, {10, 0.25, 2},   {1797, 0.2, 359},
      {60000, 0.1, 6000}, {10, 0.99, 9},   {3, 1.0 / 3, 1}, {7, 0.999, 6},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    Split split = split_good(cases[i].n_samples, cases[i].fraction, 0);
    assert_int_equal(split.validation.count, cases[i].n_validation);
    split_release(&split);
  }
}

static void split_is_the_same_for_the_same_seed_and_another_for_another(void **state) {
  (void)state;
  Split first = split_good(1000, 0.2, 1), again = split_good(1000, 0.2, 1);
  Split other = split_good(1000, 0.2, 2);
  size_t n_bytes = 200 * sizeof(uint32_t);
  assert_memory_equal(first.validation.rows, again.validation.rows, n_bytes);
  assert_memory_not_equal(first.validation.rows, other.validation.rows, n_bytes);
  split_release(&first);
  split_release(&again);
  split_release(&other);
}

static void split_that_leaves_a_part_empty_is_refused(void **state) {
  (void)state;
  Split split;
  assert_int_equal(split_last(4, 0.2, 0, &split), ERR_CONFIG);
  assert_string_equal(status_message(), "a split of 0.2 leaves none of 4 samples for validation");
  assert_null(split.training.rows);
  assert_int_equal(split_last(4, 1, 0, &split), ERR_CONFIG);
  assert_string_equal(status_message(), "a split of 1 leaves none of 4 samples for training");
  assert_null(split.validation.rows);
}

/* ---- split_stratified ---- */

static size_t count_target(const Dataset *dataset, const SampleList *part, double target) {
  size_t count = 0;
  for (size_t i = 0; i < part->count; i++) {
    count += array_at(&dataset->targets, part->rows[i]) == target;
  }
  return count;
}

static void stratified_split_takes_its_share_of_every_class(void **state) {
  (void)state;
  enum { N = 100 };
  double targets[N]; /* 70 times -1, 29 times 1, once 5 */
  for (size_t i = 0; i < N; i++) targets[i] = i % 10 < 7 ? -1 : i == 99 ? 5 : 1;
  Dataset dataset = create_dataset(N, 1, targets);
  Split split;
  assert_int_equal(split_stratified(&dataset, 0.2, 9, &split), OK);
  assert_covers(&split, N);
  assert_int_equal(count_target(&dataset, &split.validation, -1), 14);
  assert_int_equal(count_target(&dataset, &split.validation, 1), 5);
  assert_int_equal(count_target(&dataset, &split.validation, 5), 0);
  split_release(&split);
  dataset_release(&dataset);
}

static void stratified_split_takes_what_comes_last_within_a_class(void **state) {
  (void)state;
  enum { N = 40 };
  double targets[N];
  for (size_t i = 0; i < N; i++) targets[i] = (double)(i % 2);
  Dataset dataset = create_dataset(N, 1, targets);
  Split split;
  assert_int_equal(split_stratified(&dataset, 0.25, 4, &split), OK);

  RandomStream stream = {.seed = 4, .purpose = RANDOM_SPLIT};
  Permutation permutation = permutation_create(&stream, N);
  size_t n_seen[2] = {0, 0};
  for (size_t position = 0; position < N; position++) {
    uint64_t row = permutation_at(&permutation, position);
    bool expected = ++n_seen[row % 2] > 15, found = false;
    for (size_t i = 0; i < split.validation.count; i++) found |= split.validation.rows[i] == row;
    assert_int_equal(found, expected);
  }
  split_release(&split);
  dataset_release(&dataset);
}

static void stratified_split_of_one_class_equals_the_plain_split(void **state) {
  (void)state;
  double targets[30] = {0};
  Dataset dataset = create_dataset(30, 1, targets);
  Split plain = split_good(30, 0.3, 6), stratified;
  assert_int_equal(split_stratified(&dataset, 0.3, 6, &stratified), OK);
  assert_int_equal(stratified.validation.count, 9);
  assert_memory_equal(stratified.validation.rows, plain.validation.rows, 9 * sizeof(uint32_t));
  split_release(&plain);
  split_release(&stratified);
  dataset_release(&dataset);
}

static void stratified_split_takes_nan_as_a_class(void **state) {
  (void)state;
  Dataset dataset = create_dataset(6, 1, (double[]){NAN, 1, NAN, 1, NAN, NAN});
  Split split;
  assert_int_equal(split_stratified(&dataset, 0.5, 0, &split), OK);
  assert_int_equal(split.validation.count, 3);
  assert_int_equal(count_target(&dataset, &split.validation, 1), 1);
  split_release(&split);
  dataset_release(&dataset);
}

static void stratified_split_that_leaves_a_part_empty_is_refused(void **state) {
  (void)state;
  Dataset dataset = create_dataset(4, 1, (double[]){0, 1, 2, 3});
  Split split;
  assert_int_equal(split_stratified(&dataset, 0.5, 0, &split), ERR_CONFIG);
  assert_non_null(strstr(status_message(), "leaves none of 4 samples for validation"));
  assert_null(split.training.rows);
  dataset_release(&dataset);
}

static void stratified_split_of_several_targets_is_refused(void **state) {
  (void)state;
  Dataset dataset = create_dataset(2, 2, (double[]){0, 1, 2, 3});
  dataset.description.name = memory_copy_text("pairs");
  Split split;
  assert_int_equal(split_stratified(&dataset, 0.5, 0, &split), ERR_CONFIG);
  assert_string_equal(status_message(),
                      "a stratified split needs one target per sample; pairs has 2");
  dataset_release(&dataset);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(split_covers_every_sample_once),
      cmocka_unit_test(split_takes_what_comes_last_in_the_permutation),
      cmocka_unit_test(split_sizes_follow_the_decimal_fraction),
      cmocka_unit_test(split_is_the_same_for_the_same_seed_and_another_for_another),
      cmocka_unit_test(split_that_leaves_a_part_empty_is_refused),
      cmocka_unit_test(stratified_split_takes_its_share_of_every_class),
      cmocka_unit_test(stratified_split_takes_what_comes_last_within_a_class),
      cmocka_unit_test(stratified_split_of_one_class_equals_the_plain_split),
      cmocka_unit_test(stratified_split_takes_nan_as_a_class),
      cmocka_unit_test(stratified_split_that_leaves_a_part_empty_is_refused),
      cmocka_unit_test(stratified_split_of_several_targets_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
