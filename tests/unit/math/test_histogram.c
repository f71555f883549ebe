/* math/histogram: the range of numbers, and how many of them each bucket has. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "math/histogram.h"
#include "support/networks.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

enum { MANY = 3001 };

static Histogram histogram_of(size_t count, const real *values) {
  Histogram histogram = {.range = HISTOGRAM_EMPTY};
  histogram_widen(&histogram.range, count, values);
  histogram_count(&histogram.range, count, values, histogram.counts);
  return histogram;
}

static int64_t sum_of_counts(const Histogram *histogram) {
  int64_t sum = 0;
  for (size_t b = 0; b < HISTOGRAM_BUCKETS; b++) sum += histogram->counts[b];
  return sum;
}

static void assert_same(const Histogram *found, const Histogram *expected) {
  assert_memory_equal(&found->range, &expected->range, sizeof(HistogramRange));
  assert_memory_equal(found->counts, expected->counts, sizeof expected->counts);
}

static void buckets_are_of_equal_width_and_the_last_has_the_maximum(void **state) {
  (void)state;
  real values[2 * HISTOGRAM_BUCKETS + 1];
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) values[i] = (real)i / 2 - 7;
  Histogram found = histogram_of(2 * HISTOGRAM_BUCKETS + 1, values);
  assert_true(found.range.minimum == -7 && found.range.maximum == HISTOGRAM_BUCKETS - 7);
  for (size_t b = 0; b < HISTOGRAM_BUCKETS - 1; b++) assert_int_equal(found.counts[b], 2);
  assert_int_equal(found.counts[HISTOGRAM_BUCKETS - 1], 3);
}

static void every_number_lies_in_the_bucket_of_the_formula(void **state) {
  (void)state;
  real values[MANY];
  fill_numbers(5, (real)-0.3, 2, MANY, values);
  Histogram found = histogram_of(MANY, values), expected = {.range = found.range};
  double low = found.range.minimum, width = found.range.maximum - low;
  for (size_t i = 0; i < MANY; i++) {
    assert_true(values[i] >= low && values[i] <= found.range.maximum);
    size_t bucket = (size_t)(((double)values[i] - low) * (HISTOGRAM_BUCKETS / width));
    expected.counts[bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1]++;
  }
  assert_same(&found, &expected);
  assert_int_equal(sum_of_counts(&found), MANY);
}

static void stretches_and_their_order_leave_no_trace(void **state) {
  (void)state;
  real values[MANY];
  fill_numbers(6, -1, 1, MANY, values);
  Histogram whole = histogram_of(MANY, values);
  for (size_t step = 1; step <= MANY; step = step * 5 + 2) {
    Histogram parts = {.range = HISTOGRAM_EMPTY};
    for (size_t end = MANY, count; end > 0; end -= count) {
      count = end < step ? end : step;
      histogram_widen(&parts.range, count, values + end - count);
    }
    for (size_t at = 0; at < MANY; at += step) {
      size_t count = MANY - at < step ? MANY - at : step;
      histogram_count(&parts.range, count, values + at, parts.counts);
    }
    assert_same(&parts, &whole);
  }
}

static void equal_numbers_are_all_in_the_last_bucket(void **state) {
  (void)state;
  real values[100];
  for (size_t i = 0; i < 100; i++) values[i] = (real)0.7;
  Histogram found = histogram_of(100, values);
  assert_true(found.range.minimum == found.range.maximum && found.range.minimum == (real)0.7);
  assert_int_equal(found.counts[HISTOGRAM_BUCKETS - 1], 100);
  assert_int_equal(sum_of_counts(&found), 100);
}

static void numbers_that_are_not_finite_are_left_out(void **state) {
  (void)state;
  real values[40];
  fill_numbers(7, 1, 2, 40, values);
  Histogram finite = histogram_of(40, values);
  real more[45];
  memcpy(more, values, sizeof values);
  memcpy(more + 40, (real[]){NAN, INFINITY, -INFINITY, -NAN, 1.5}, 5 * sizeof(real));
  Histogram found = histogram_of(45, more);
  assert_memory_equal(&found.range, &finite.range, sizeof(HistogramRange));
  assert_int_equal(sum_of_counts(&found), 41);

  Histogram none = histogram_of(4, more + 40);
  assert_true(none.range.minimum == INFINITY && none.range.maximum == -INFINITY);
  assert_int_equal(sum_of_counts(&none), 0);
}

static void zeros_of_either_sign_are_one_number(void **state) {
  (void)state;
  const real orders[2][20] = {{-(real)0.0, 0}, {0, -(real)0.0}};
  Histogram plain = histogram_of(20, (real[20]){0});
  for (size_t i = 0; i < 2; i++) {
    Histogram found = histogram_of(20, orders[i]);
    assert_same(&found, &plain);
  }
  real negative[17];
  for (size_t i = 0; i < 17; i++) negative[i] = -(real)0.0;
  Histogram found = histogram_of(17, negative);
  assert_memory_equal(&found.range, &plain.range, sizeof(HistogramRange));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(buckets_are_of_equal_width_and_the_last_has_the_maximum),
      cmocka_unit_test(every_number_lies_in_the_bucket_of_the_formula),
      cmocka_unit_test(stretches_and_their_order_leave_no_trace),
      cmocka_unit_test(equal_numbers_are_all_in_the_last_bucket),
      cmocka_unit_test(numbers_that_are_not_finite_are_left_out),
      cmocka_unit_test(zeros_of_either_sign_are_one_number),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
