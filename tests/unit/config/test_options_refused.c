/* config/options: what is refused, and in which words. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "unit/config/settings.h"

static void key_that_is_missing_is_refused_with_its_help(void **state) {
  (void)state;
  assert_refused("flag: true\n", "1: whole: missing: a number that has to be there");
}

static void key_that_is_unknown_is_refused_with_the_nearest(void **state) {
  (void)state;
  assert_refused("whole: 1\nflga: true\n", "2: flga: unknown key; did you mean flag?");
  assert_refused("whole: 1\ninner:\n  hole: 2\n",
                 "3: inner.hole: unknown key; did you mean inner.whole?");
  assert_refused("whole: 1\nquite_another: 2\n", "2: quite_another: unknown key");
  assert_refused("whole: 1\nshapes:\n- circle: {radius: 1, fil: plain}\n",
                 "3: shapes[0].circle.fil: unknown key; did you mean shapes[0].circle.fill?");
}

static void option_of_a_kind_with_a_slip_is_refused_with_the_nearest(void **state) {
  (void)state;
  assert_refused("whole: 1\nshape: {circle: {radus: 2}}\n",
                 "2: shape.circle.radus: unknown key; did you mean shape.circle.radius?");
}

static void number_that_is_none_is_refused(void **state) {
  (void)state;
  assert_refused("whole: x\n", "1: whole: found 'x', expected a whole number");
  assert_refused("whole: 1.5\n", "1: whole: found '1.5', expected a whole number");
  assert_refused("whole: ''\n", "1: whole: found '', expected a whole number");
  assert_refused("whole: 99999999999999999999\n",
                 "1: whole: found '99999999999999999999', expected a whole number");
  assert_refused("{whole: 1, real: 1x}", "1: real: found '1x', expected a number");
  assert_refused("{whole: 1, real: inf}", "1: real: found 'inf', expected a number");
  assert_refused("{whole: 1, real: nan}", "1: real: found 'nan', expected a number");
  assert_refused("{whole: 1, real: 1e999}", "1: real: found '1e999', expected a number");
}

static void number_out_of_bounds_is_refused_with_them(void **state) {
  (void)state;
  assert_refused("{whole: 1, bounded: 0}", "1: bounded: found '0', expected a whole number from 1 "
                                           "to 64");
  assert_refused("{whole: 1, bounded: 65}", "1: bounded: found '65', expected a whole number from "
                                            "1 to 64");
  assert_refused("{whole: 1, size: 0}", "1: size: found '0', expected a whole number from 1 to 9, "
                                        "or auto");
  assert_refused("{whole: 1, part: 0}", "1: part: found '0', expected a number above 0 to below 1, "
                                        "or null");
  assert_refused("{whole: 1, part: 1}", "1: part: found '1', expected a number above 0 to below 1, "
                                        "or null");
  assert_refused("{whole: 1, shape: {circle: {radius: -1}}}",
                 "1: shape.circle.radius: found '-1', expected a number of at least 0");
  assert_refused("{whole: 1, wholes: [1, 100]}",
                 "1: wholes: found '100', expected a whole number from 1 to 99");
}

static void value_of_another_type_is_refused(void **state) {
  (void)state;
  assert_refused("whole: [1]\n", "1: whole: found a list, expected a whole number");
  assert_refused("whole: {a: 1}\n", "1: whole: found a map, expected a whole number");
  assert_refused("{whole: 1, flag: yes}", "1: flag: found 'yes', expected true or false");
  assert_refused("{whole: 1, flag: null}", "1: flag: found nothing, expected true or false");
  assert_refused("{whole: 1, text: [a]}", "1: text: found a list, expected text");
  assert_refused("{whole: 1, path: {a: 1}}", "1: path: found a map, expected a path");
  assert_refused("{whole: 1, path: ''}", "1: path: found '', expected a path");
  assert_refused("{whole: 1, inner: 3}", "1: inner: found '3', expected keys with values");
  assert_refused("{whole: 1, inner: [a]}", "1: inner: found a list, expected keys with values");
  assert_refused("- whole: 1\n", "1: found a list, expected keys with values");
}

static void nothing_is_refused_where_a_value_has_to_be(void **state) {
  (void)state;
  static const char *const nothings[] = {"", "~", "null"};
  static const char *const keys[][2] = {{"whole", "a whole number"},
                                        {"bounded", "a whole number from 1 to 64"},
                                        {"size", "a whole number from 1 to 9, or auto"},
                                        {"real", "a number"},
                                        {"flag", "true or false"},
                                        {"path", "a path"},
                                        {"choice", "red | green | blue"},
                                        {"wholes", "a whole number, or a list of them"},
                                        {"shape", "a shape"},
                                        {"tagged", "a shape"}};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    for (size_t j = 0; j < sizeof nothings / sizeof *nothings; j++) {
      char yaml[64], expected[128];
      snprintf(yaml, sizeof yaml, "%s%s: %s\n", i ? "whole: 1\n" : "", keys[i][0], nothings[j]);
      snprintf(expected, sizeof expected, "%d: %s: found nothing, expected %s", i ? 2 : 1,
               keys[i][0], keys[i][1]);
      assert_refused(yaml, expected);
    }
  }
}

static void nothing_is_taken_where_it_is_the_default(void **state) {
  (void)state;
  Settings settings = read_good("whole: 1\npart:\ntext:\ntexts:\ninner:\nmaybe: ~\nshapes: null\n");
  assert_true(settings.part == -1 && !settings.text && !settings.maybe.kind);
  assert_int_equal(settings.texts.count + settings.shapes.count, 0);
  options_release(options, &settings);
}

static void items_of_lists_are_never_nothing(void **state) {
  (void)state;
  assert_refused("{whole: 1, wholes: [1, null]}",
                 "1: wholes: found nothing, expected a whole number from 1 to 99");
  assert_refused("{whole: 1, texts: [~]}", "1: texts: found nothing, expected text");
  assert_refused("whole: 1\nshapes: [~]", "2: shapes[0]: found nothing, expected a shape");
  assert_refused("{whole: 1, tagged: {name: }}", "1: tagged: no 'name:' that names the shape");
}

static void text_that_is_long_or_of_several_lines_is_shown_on_a_short_one(void **state) {
  (void)state;
  assert_refused("this is some text that is no map at all, whatever it is",
                 "1: found 'this is some text that is no map at all,...', expected keys with "
                 "values");
  assert_refused("{whole: 1, bounded: \"a\\nb\"}",
                 "1: bounded: found 'a?b', expected a whole number from 1 to 64");
  assert_refused("{whole: 1, shape: ciiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiircle}",
                 "1: shape: unknown shape 'ciiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii...', expected "
                 "circle | sheet | point");
}

static void choice_that_is_unknown_is_refused_with_all_of_them(void **state) {
  (void)state;
  assert_refused("{whole: 1, choice: pink}",
                 "1: choice: found 'pink', expected red | green | blue");
}

static void kind_that_is_unknown_is_refused(void **state) {
  (void)state;
  assert_refused("{whole: 1, shape: cirle}",
                 "1: shape: unknown shape 'cirle'; did you mean circle?");
  assert_refused("{whole: 1, shape: rectangle}",
                 "1: shape: unknown shape 'rectangle', expected circle | sheet | point");
  assert_refused("whole: 1\nshapes:\n- point\n- pint\n",
                 "4: shapes[1]: unknown shape 'pint'; did you mean point?");
  assert_refused("{whole: 1, tagged: {name: cirle}}",
                 "1: tagged: unknown shape 'cirle'; did you mean circle?");
}

static void kind_in_no_form_is_refused(void **state) {
  (void)state;
  assert_refused("{whole: 1, shape: {circle: {}, point: {}}}",
                 "1: shape: found a map of several keys, expected a shape: its name, or {name: "
                 "{options}}");
  assert_refused("{whole: 1, shape: [circle]}",
                 "1: shape: found a list, expected a shape: its name, or {name: {options}}");
  assert_refused("{whole: 1, tagged: {name: [circle]}}",
                 "1: tagged: no 'name:' that names the shape");
  assert_refused("{whole: 1, tagged: [circle]}", "1: tagged: no 'name:' that names the shape");
  assert_refused("{whole: 1, shape: {point: {x: 1}}}", "1: shape.point.x: unknown key");
  assert_refused("{whole: 1, shape: {point: 3}}",
                 "1: shape.point: found '3', expected keys with values");
}

static void variable_that_is_unset_is_refused_by_place(void **state) {
  (void)state;
  unsetenv("LOCKSTEP_UNSET");
  assert_refused("flag: true\nwhole: ${LOCKSTEP_UNSET}\n",
                 "2: whole: the variable LOCKSTEP_UNSET is not set; set it, or write "
                 "${LOCKSTEP_UNSET:-default}");
}

static void settings_that_are_refused_are_all_zero(void **state) {
  (void)state;
  Settings settings, zeros;
  memset(&zeros, 0, sizeof zeros);
  assert_int_equal(
      read_settings("{whole: 3, text: a, wholes: [3], shapes: [circle, oval]}", &settings),
      ERR_CONFIG);
  assert_memory_equal(&settings, &zeros, sizeof zeros);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(key_that_is_missing_is_refused_with_its_help),
      cmocka_unit_test(key_that_is_unknown_is_refused_with_the_nearest),
      cmocka_unit_test(option_of_a_kind_with_a_slip_is_refused_with_the_nearest),
      cmocka_unit_test(number_that_is_none_is_refused),
      cmocka_unit_test(number_out_of_bounds_is_refused_with_them),
      cmocka_unit_test(value_of_another_type_is_refused),
      cmocka_unit_test(nothing_is_refused_where_a_value_has_to_be),
      cmocka_unit_test(nothing_is_taken_where_it_is_the_default),
      cmocka_unit_test(items_of_lists_are_never_nothing),
      cmocka_unit_test(text_that_is_long_or_of_several_lines_is_shown_on_a_short_one),
      cmocka_unit_test(choice_that_is_unknown_is_refused_with_all_of_them),
      cmocka_unit_test(kind_that_is_unknown_is_refused),
      cmocka_unit_test(kind_in_no_form_is_refused),
      cmocka_unit_test(variable_that_is_unset_is_refused_by_place),
      cmocka_unit_test(settings_that_are_refused_are_all_zero),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
