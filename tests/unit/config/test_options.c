/* config/options: reading into a struct, writing, and visiting. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "unit/config/settings.h"

/* ---- reading ---- */

static void keys_that_are_absent_get_their_defaults(void **state) {
  (void)state;
  Settings settings = read_good("whole: 1\n");
  assert_false(settings.flag);
  assert_int_equal(settings.bounded, 2);
  assert_int_equal(settings.size, 0);
  assert_true(settings.real == 0.5 && settings.part == -1);
  assert_null(settings.text);
  assert_string_equal(settings.path, "a/b.csv");
  assert_int_equal(settings.choice, 1);
  assert_int_equal(settings.wholes.count, 2);
  assert_int_equal(settings.wholes.values[1], 2);
  assert_int_equal(settings.texts.count, 0);
  assert_int_equal(settings.inner.whole, 5);
  assert_true(settings.inner.flag);
  assert_ptr_equal(settings.shape.kind, &point);
  assert_null(settings.maybe.kind);
  assert_int_equal(settings.shapes.count, 0);
  options_release(options, &settings);
}

static void keys_that_are_written_are_read_in_every_type(void **state) {
  (void)state;
  Settings settings =
      read_good("{flag: true, whole: -9007199254740993, size: 9, real: -1e-3, part: 0.25, "
                "text: two words, path: x.csv, choice: blue, wholes: [3, 99], texts: [a, b], "
                "inner: {whole: 6, flag: false}, shapes: [point, circle: {radius: 3}]}");
  assert_true(settings.flag);
  assert_true(settings.whole == -9007199254740993);
  assert_int_equal(settings.size, 9);
  assert_true(settings.real == -1e-3 && settings.part == 0.25);
  assert_string_equal(settings.text, "two words");
  assert_int_equal(settings.choice, 2);
  assert_int_equal(settings.wholes.values[1], 99);
  assert_string_equal(settings.texts.values[1], "b");
  assert_int_equal(settings.inner.whole, 6);
  assert_false(settings.inner.flag);
  assert_int_equal(settings.shapes.count, 2);
  assert_true(((CircleOptions *)settings.shapes.items[1].options)->radius == 3);
  options_release(options, &settings);
}

static void numbers_at_their_bounds_are_taken(void **state) {
  (void)state;
  Settings settings = read_good("{whole: 1, bounded: 64, size: auto, part: 0.999}");
  assert_int_equal(settings.bounded, 64);
  assert_int_equal(settings.size, 0);
  options_release(options, &settings);
  settings = read_good("{whole: 1, bounded: 1, part: ~}");
  assert_int_equal(settings.bounded, 1);
  assert_true(settings.part == -1);
  options_release(options, &settings);
}

static void lone_value_is_a_list_of_one(void **state) {
  (void)state;
  Settings settings = read_good("{whole: 1, wholes: 7, texts: a, shapes: point}");
  assert_int_equal(settings.wholes.count, 1);
  assert_int_equal(settings.wholes.values[0], 7);
  assert_string_equal(settings.texts.values[0], "a");
  assert_ptr_equal(settings.shapes.items[0].kind, &point);
  options_release(options, &settings);
}

static void group_that_is_null_gets_its_defaults(void **state) {
  (void)state;
  Settings settings = read_good("whole: 1\ninner:\n");
  assert_int_equal(settings.inner.whole, 5);
  options_release(options, &settings);
}

static void variables_are_expanded_but_not_in_paths(void **state) {
  (void)state;
  setenv("LOCKSTEP_TEST", "17", 1);
  Settings settings = read_good("{whole: '${LOCKSTEP_TEST}', text: 'a${LOCKSTEP_TEST}', "
                                "path: '${LOCKSTEP_TEST}/x.csv', wholes: ['${LOCKSTEP_TEST}']}");
  assert_int_equal(settings.whole, 17);
  assert_string_equal(settings.text, "a17");
  assert_string_equal(settings.path, "${LOCKSTEP_TEST}/x.csv");
  assert_int_equal(settings.wholes.values[0], 17);
  options_release(options, &settings);
}

/* ---- kinds ---- */

static double radius_of(const KindSetting *setting) {
  assert_ptr_equal(setting->kind, &circle);
  return ((const CircleOptions *)setting->options)->radius;
}

static void kind_is_read_in_each_of_its_forms(void **state) {
  (void)state;
  static const struct {
    const char *yaml;
    double radius;
  } forms[] = {{"circle", 1},       {"disc", 1},           {"{circle: {radius: 2}}", 2},
               {"{circle: {}}", 1}, {"{circle: null}", 1}, {"{circle: 4}", 4}};
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    char yaml[128];
    snprintf(yaml, sizeof yaml, "{whole: 1, shape: %s}", forms[i].yaml);
    Settings settings = read_good(yaml);
    assert_true(radius_of(&settings.shape) == forms[i].radius);
    options_release(options, &settings);
  }
}

static void kind_with_a_tag_is_read_in_each_of_its_forms(void **state) {
  (void)state;
  static const struct {
    const char *yaml;
    double radius;
  } forms[] = {{"circle", 1},
               {"{name: round}", 1},
               {"{name: circle, radius: 2}", 2},
               {"{radius: 3}", 3}}; /* without the tag: the untagged row */
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    char yaml[128];
    snprintf(yaml, sizeof yaml, "{whole: 1, tagged: %s}", forms[i].yaml);
    Settings settings = read_good(yaml);
    assert_true(radius_of(&settings.tagged) == forms[i].radius);
    options_release(options, &settings);
  }
}

static int64_t dots_of_sheet(const KindSetting *setting) {
  assert_ptr_equal(setting->kind, &sheet);
  const SheetOptions *chosen = setting->options;
  assert_ptr_equal(chosen->fill.kind, &dots);
  return ((const DotsOptions *)chosen->fill.options)->count;
}

static void short_option_that_is_a_kind_takes_a_name_or_a_map(void **state) {
  (void)state;
  static const struct {
    const char *yaml;
    int64_t dots;
  } forms[] = {{"{sheet: dots}", 3},
               {"{sheet: {dots: {count: 5}}}", 5},
               {"{sheet: {fill: {dots: {count: 7}}}}", 7}};
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    char yaml[128];
    snprintf(yaml, sizeof yaml, "{whole: 1, shape: %s}", forms[i].yaml);
    Settings settings = read_good(yaml);
    assert_int_equal(dots_of_sheet(&settings.shape), forms[i].dots);
    options_release(options, &settings);
  }
}

static void kind_remembers_its_place(void **state) {
  (void)state;
  Settings settings = read_good("whole: 1\nshapes:\n- point\n- circle:\n    radius: 2\n");
  assert_string_equal(settings.shapes.items[0].place, "test.yaml:3: shapes[0]");
  assert_string_equal(settings.shapes.items[1].place, "test.yaml:4: shapes[1]");
  options_release(options, &settings);
}

/* ---- writing ---- */

static char *written(const char *yaml) {
  Settings settings = read_good(yaml);
  Text text = {0};
  options_write(options, &settings, &text);
  options_release(options, &settings);
  return text_take(&text);
}

static void resolved_configuration_is_complete(void **state) {
  (void)state;
  char *text = written("{whole: 7, shapes: [point, circle: {fill: dots}]}");
  assert_string_equal(text, "flag: false\nwhole: 7\nbounded: 2\nsize: auto\nreal: 0.5\npart: null\n"
                            "text: null\npath: a/b.csv\nchoice: green\nwholes: [1, 2]\ntexts: []\n"
                            "inner:\n  whole: 5\n  flag: true\nshape: point\n"
                            "tagged: {name: point}\nmaybe: null\nshapes:\n  - point\n"
                            "  - {circle: {radius: 1, fill: {dots: {count: 3}}}}\n");
  memory_release(text);
}

static void configuration_written_and_read_again_is_the_same_text(void **state) {
  (void)state;
  static const char *const documents[] = {
      "whole: 1\n",
      "{flag: true, whole: -9007199254740993, size: 9, real: 0.1, part: 0.3333333333333333}",
      "{whole: 1, text: 'null', path: 'a b/${HOME:-x}/c', texts: ['', 'a\"b', '-1', ', : #']}",
      "{whole: 1, text: \"two\\nlines\\ttab\", choice: red, wholes: []}",
      "{whole: 1, shape: {circle: 2}, tagged: {radius: 4, fill: dots}, maybe: {sheet: dots}}",
      "{whole: 1, inner: {flag: false}, shapes: [disc, {sheet: {dots: {count: 9}}}, point]}",
  };
  for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
    char *once = written(documents[i]), *twice = written(once);
    assert_string_equal(once, twice);
    memory_release(once), memory_release(twice);
  }
}

/* ---- visiting ---- */

static Status collect(void *context, const OptionValue *value) {
  text_append(context, "%s%s=%s\n", value->identity ? "*" : "", value->path, value->text);
  return OK;
}

static void visit_shows_every_value_with_its_path_and_identity(void **state) {
  (void)state;
  Settings settings =
      read_good("{whole: 7, shape: {circle: {fill: dots}}, shapes: [{sheet: plain}]}");
  Text text = {0};
  assert_int_equal(options_visit(options, &settings, collect, &text), OK);
  assert_string_equal(text.bytes,
                      "flag=false\n*whole=7\nbounded=2\nsize=auto\nreal=0.5\npart=null\ntext=null\n"
                      "path=a/b.csv\nchoice=green\nwholes=[1, 2]\ntexts=[]\n*inner.whole=5\n"
                      "inner.flag=true\n*shape=circle\n*shape.circle.radius=1\n"
                      "*shape.circle.fill=dots\n*shape.circle.fill.dots.count=3\ntagged=point\n"
                      "maybe=null\nshapes.count=1\nshapes[0]=sheet\nshapes[0].sheet.fill=plain\n");
  text_release(&text);
  options_release(options, &settings);
}

static Status stop_at_size(void *context, const OptionValue *value) {
  ++*(int *)context;
  return strcmp(value->path, "size") == 0 ? ERR_DATA : OK;
}

static void visit_ends_at_the_first_failure(void **state) {
  (void)state;
  Settings settings = read_good("whole: 7");
  int visited = 0;
  assert_int_equal(options_visit(options, &settings, stop_at_size, &visited), ERR_DATA);
  assert_int_equal(visited, 4);
  options_release(options, &settings);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keys_that_are_absent_get_their_defaults),
      cmocka_unit_test(keys_that_are_written_are_read_in_every_type),
      cmocka_unit_test(numbers_at_their_bounds_are_taken),
      cmocka_unit_test(lone_value_is_a_list_of_one),
      cmocka_unit_test(group_that_is_null_gets_its_defaults),
      cmocka_unit_test(variables_are_expanded_but_not_in_paths),
      cmocka_unit_test(kind_is_read_in_each_of_its_forms),
      cmocka_unit_test(kind_with_a_tag_is_read_in_each_of_its_forms),
      cmocka_unit_test(short_option_that_is_a_kind_takes_a_name_or_a_map),
      cmocka_unit_test(kind_remembers_its_place),
      cmocka_unit_test(resolved_configuration_is_complete),
      cmocka_unit_test(configuration_written_and_read_again_is_the_same_text),
      cmocka_unit_test(visit_shows_every_value_with_its_path_and_identity),
      cmocka_unit_test(visit_ends_at_the_first_failure),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
