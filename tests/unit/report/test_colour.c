/* report/colour: the two ends of a scale, its middle, and what lies between. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "report/colour.h"

#include <cmocka.h>

static void assert_colour(double value, uint8_t red, uint8_t green, uint8_t blue) {
  uint8_t rgb[3];
  colour_diverging(value, rgb);
  assert_int_equal(rgb[0], red);
  assert_int_equal(rgb[1], green);
  assert_int_equal(rgb[2], blue);
}

static void zero_is_white_and_the_ends_are_blue_and_red(void **state) {
  (void)state;
  assert_colour(0, 255, 255, 255);
  assert_colour(-1, 33, 102, 172);
  assert_colour(1, 178, 24, 43);
}

static void colours_between_are_mixed(void **state) {
  (void)state;
  assert_colour(-0.5, 144, 179, 214);
  assert_colour(0.5, 217, 140, 149);
}

static void beyond_the_ends_is_the_end(void **state) {
  (void)state;
  assert_colour(-7, 33, 102, 172);
  assert_colour(1e300, 178, 24, 43);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(zero_is_white_and_the_ends_are_blue_and_red),
      cmocka_unit_test(colours_between_are_mixed),
      cmocka_unit_test(beyond_the_ends_is_the_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
