/* config/options: reading into a struct with every check, writing, and visiting. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "unit/config/shapes.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

/* ---- a table with every type ---- */

typedef struct Inner {
  int64_t whole;
  bool flag;
} Inner;

typedef struct Settings {
  bool flag;
  int64_t whole, bounded, size;
  double real, part;
  char *text, *path;
  int choice;
  IntList wholes;
  TextList texts;
  Inner inner;
  KindSetting shape, tagged, maybe;
  KindList shapes;
} Settings;

static const char *const colours[] = {"red", "green", "blue", NULL};

static const Option inner_options[] = {
    {.key = "whole",
     .type = OPTION_INT,
     .offset = offsetof(Inner, whole),
     .fallback = "5",
     .identity = true},
    {.key = "flag", .type = OPTION_BOOL, .offset = offsetof(Inner, flag), .fallback = "true"},
    {.key = NULL},
};

#define ROW(field, option_type)                                                                    \
  .key = #field, .type = option_type, .offset = offsetof(Settings, field)

static const Option options[] = {
    {ROW(flag, OPTION_BOOL), .fallback = "false"},
    {ROW(whole, OPTION_INT), .help = "a number that has to be there", .identity = true},
    {ROW(bounded, OPTION_INT), .fallback = "2", .min = 1, .max = 64},
    {ROW(size, OPTION_INT), .fallback = "auto", .min = 1, .max = 9, .word = "auto",
     .word_value = 0},
    {ROW(real, OPTION_REAL), .fallback = "0.5"},
    {ROW(part, OPTION_REAL), .fallback = "null", .min = 0, .max = 1, .above_min = true,
     .below_max = true, .word = "null", .word_value = -1},
    {ROW(text, OPTION_TEXT), .fallback = "null"},
    {ROW(path, OPTION_PATH), .fallback = "a/b.csv"},
    {ROW(choice, OPTION_CHOICE), .fallback = "green", .choices = colours},
    {ROW(wholes, OPTION_INT_LIST), .fallback = "[1, 2]", .min = 1, .max = 99},
    {ROW(texts, OPTION_TEXT_LIST), .fallback = "[]"},
    {ROW(inner, OPTION_GROUP), .group = inner_options},
    {ROW(shape, OPTION_KIND), .fallback = "point", .kinds = &shape_kinds, .identity = true},
    {ROW(tagged, OPTION_KIND), .fallback = "point", .kinds = &shape_kinds, .tag = "name",
     .untagged = "circle"},
    {ROW(maybe, OPTION_KIND), .fallback = "null", .kinds = &shape_kinds},
    {ROW(shapes, OPTION_KIND_LIST), .fallback = "[]", .kinds = &shape_kinds},
    {.key = NULL},
};

static Status read_settings(const char *yaml, Settings *settings) {
  YamlNode *root;
  if (yaml_read_text(yaml, "test.yaml", &root) != OK) fail_msg("%s", status_message());
  memset(settings, 0, sizeof *settings);
  Status status = options_read(options, root, settings);
  yaml_destroy(root);
  return status;
}

static Settings read_good(const char *yaml) {
  Settings settings;
  if (read_settings(yaml, &settings) != OK) fail_msg("%s", status_message());
  return settings;
}

/* A document that differs from a good one in `yaml`; `message` begins behind the file's name. */
static void assert_refused(const char *yaml, const char *message) {
  Settings settings, zeros;
  char expected[512];
  snprintf(expected, sizeof expected, "test.yaml:%s", message);
  assert_int_equal(read_settings(yaml, &settings), ERR_CONFIG);
  assert_string_equal(status_message(), expected);
  memset(&zeros, 0, sizeof zeros);
  assert_memory_equal(&settings.shapes, &zeros.shapes, sizeof zeros.shapes);
  assert_null(settings.text);
  assert_null(settings.shape.kind);
}

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

/* ---- what is refused ---- */

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
  assert_refused("{whole: 1, flag: null}", "1: flag: found 'null', expected true or false");
  assert_refused("{whole: 1, text: [a]}", "1: text: found a list, expected text");
  assert_refused("{whole: 1, path: {a: 1}}", "1: path: found a map, expected a path");
  assert_refused("{whole: 1, inner: 3}", "1: inner: found 3, expected keys with values");
  assert_refused("{whole: 1, inner: [a]}", "1: inner: found a list, expected keys with values");
  assert_refused("- whole: 1\n", "1: : found a list, expected keys with values");
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
                 "1: shape.point: found 3, expected keys with values");
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
      cmocka_unit_test(key_that_is_missing_is_refused_with_its_help),
      cmocka_unit_test(key_that_is_unknown_is_refused_with_the_nearest),
      cmocka_unit_test(option_of_a_kind_with_a_slip_is_refused_with_the_nearest),
      cmocka_unit_test(number_that_is_none_is_refused),
      cmocka_unit_test(number_out_of_bounds_is_refused_with_them),
      cmocka_unit_test(value_of_another_type_is_refused),
      cmocka_unit_test(choice_that_is_unknown_is_refused_with_all_of_them),
      cmocka_unit_test(kind_that_is_unknown_is_refused),
      cmocka_unit_test(kind_in_no_form_is_refused),
      cmocka_unit_test(variable_that_is_unset_is_refused_by_place),
      cmocka_unit_test(settings_that_are_refused_are_all_zero),
      cmocka_unit_test(resolved_configuration_is_complete),
      cmocka_unit_test(configuration_written_and_read_again_is_the_same_text),
      cmocka_unit_test(visit_shows_every_value_with_its_path_and_identity),
      cmocka_unit_test(visit_ends_at_the_first_failure),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
