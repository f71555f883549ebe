/* config/kind: finding a row of a table, and reading a setting of it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "unit/config/shapes.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static void kind_is_found_by_its_name_and_by_an_alias(void **state) {
  (void)state;
  assert_ptr_equal(kind_find(&shape_kinds, "circle"), &circle);
  assert_ptr_equal(kind_find(&shape_kinds, "disc"), &circle);
  assert_ptr_equal(kind_find(&shape_kinds, "round"), &circle);
  assert_ptr_equal(kind_find(&shape_kinds, "point"), &point);
  assert_null(kind_find(&shape_kinds, "Circle"));
  assert_null(kind_find(&shape_kinds, ""));
}

static void nearest_kind_is_called_by_its_name(void **state) {
  (void)state;
  assert_string_equal(kind_nearest(&shape_kinds, "circel"), "circle");
  assert_string_equal(kind_nearest(&shape_kinds, "pont"), "point");
  assert_null(kind_nearest(&shape_kinds, "rectangle"));
}

static void setting_is_read_with_its_defaults(void **state) {
  (void)state;
  KindSetting setting;
  assert_int_equal(kind_setting_read(&shape_kinds, "circle", &setting), OK);
  const CircleOptions *options = setting.options;
  assert_ptr_equal(setting.kind, &circle);
  assert_true(options->radius == 1);
  assert_ptr_equal(options->fill.kind, &plain);
  kind_setting_release(&setting);
  assert_null(setting.kind);
  assert_null(setting.options);
}

static void setting_is_read_with_its_options(void **state) {
  (void)state;
  KindSetting setting;
  assert_int_equal(kind_setting_read(&shape_kinds, "disc: {radius: 2.5}", &setting), OK);
  assert_ptr_equal(setting.kind, &circle);
  assert_true(((const CircleOptions *)setting.options)->radius == 2.5);
  kind_setting_release(&setting);
}

static void setting_of_a_kind_without_options_has_none(void **state) {
  (void)state;
  KindSetting setting;
  assert_int_equal(kind_setting_read(&shape_kinds, "point", &setting), OK);
  assert_ptr_equal(setting.kind, &point);
  kind_setting_release(&setting);
}

static void setting_that_is_wrong_is_refused_and_empty(void **state) {
  (void)state;
  static const char *const texts[] = {
      "circel", "circle: {radius: -1}", "circle: {rad: 1}", "point: {radius: 1}", "{", "[circle]"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    KindSetting setting;
    assert_int_equal(kind_setting_read(&shape_kinds, texts[i], &setting), ERR_CONFIG);
    assert_null(setting.kind);
    assert_null(setting.options);
    assert_null(setting.place);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(kind_is_found_by_its_name_and_by_an_alias),
      cmocka_unit_test(nearest_kind_is_called_by_its_name),
      cmocka_unit_test(setting_is_read_with_its_defaults),
      cmocka_unit_test(setting_is_read_with_its_options),
      cmocka_unit_test(setting_of_a_kind_without_options_has_none),
      cmocka_unit_test(setting_that_is_wrong_is_refused_and_empty),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
