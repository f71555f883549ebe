/* report/axis: round ticks inside what is shown, and numbers that can be told apart. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "report/axis.h"

#include <cmocka.h>

static void assert_ticks(const Axis *axis, const char *expected) {
  Text text = {0};
  for (size_t i = 0; i < axis->n_ticks; i++) {
    char number[TICK_TEXT_BYTES];
    text_append(&text, "%s%s", i ? " " : "", axis_tick_text(axis, i, number));
  }
  assert_string_equal(text.length ? text.bytes : "", expected);
  text_release(&text);
}

static void ticks_are_round_numbers(void **state) {
  (void)state;
  const struct {
    double low, high;
    const char *ticks;
  } cases[] = {
      {1, 5, "1 2 3 4 5"},
      {0.0384, 0.2673, "0.05 0.10 0.15 0.20 0.25"},
      {0.9238, 0.9888, "0.94 0.96 0.98"},
      {-0.3, 0.41, "-0.2 0 0.2 0.4"},
      {0, 2345, "0 500 1000 1500 2000"},
      {0, 25000, "0 5k 10k 15k 20k 25k"},
      {0, 3e6, "0 1M 2M 3M"},
      {1e-5, 4e-5, "1e-05 2e-05 3e-05 4e-05"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    Axis axis = axis_create(cases[i].low, cases[i].high, 5);
    assert_ticks(&axis, cases[i].ticks);
  }
}

static void ticks_lie_within_what_is_shown_and_are_few(void **state) {
  (void)state;
  for (int i = 1; i < 400; i++) {
    double low = sin(i) * pow(10, i % 9 - 4), high = low + fabs(cos(i)) * pow(10, i % 7 - 3);
    Axis axis = axis_create(low, high, 5);
    double slack = 1e-6 * (high - low);
    assert_in_range(axis.n_ticks, 1, 6);
    for (size_t t = 0; t < axis.n_ticks; t++) {
      assert_true(axis.ticks[t] >= low - slack && axis.ticks[t] <= high + slack);
    }
  }
}

static void one_number_alone_lies_in_the_middle(void **state) {
  (void)state;
  const double numbers[] = {0.001, 0, -7};
  for (size_t i = 0; i < 3; i++) {
    Axis axis = axis_create(numbers[i], numbers[i], 5);
    axis.begin = 0;
    axis.end = 100;
    assert_true(fabs(axis_at(&axis, numbers[i]) - 50) < 1e-9);
    assert_true(axis.n_ticks >= 2);
  }
}

static void ends_lie_where_the_picture_has_them(void **state) {
  (void)state;
  Axis linear = axis_create(2, 4, 5), logarithmic = axis_create_logarithmic(0.01, 100);
  linear.begin = logarithmic.begin = 180; /* upside down, as pictures are */
  linear.end = logarithmic.end = 20;
  assert_true(fabs(axis_at(&linear, 2) - 180) < 1e-9);
  assert_true(fabs(axis_at(&linear, 4) - 20) < 1e-9);
  assert_true(fabs(axis_at(&linear, 2.5) - 140) < 1e-9);
  assert_true(fabs(axis_at(&logarithmic, 0.01) - 180) < 1e-9);
  assert_true(fabs(axis_at(&logarithmic, 1) - 100) < 1e-9);
  assert_true(fabs(axis_at(&logarithmic, 100) - 20) < 1e-9);
}

static void logarithmic_ticks_are_powers_of_ten_or_finer_where_these_are_few(void **state) {
  (void)state;
  Axis axis = axis_create_logarithmic(0.003, 2500);
  assert_ticks(&axis, "0.01 0.1 1 10 100 1000");
  axis = axis_create_logarithmic(0.04, 5);
  assert_ticks(&axis, "0.05 0.1 0.2 0.5 1 2 5");
  axis = axis_create_logarithmic(1e-12, 1e12);
  assert_in_range(axis.n_ticks, 3, 8);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ticks_are_round_numbers),
      cmocka_unit_test(ticks_lie_within_what_is_shown_and_are_few),
      cmocka_unit_test(one_number_alone_lies_in_the_middle),
      cmocka_unit_test(ends_lie_where_the_picture_has_them),
      cmocka_unit_test(logarithmic_ticks_are_powers_of_ten_or_finer_where_these_are_few),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
