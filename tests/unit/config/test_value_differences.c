/* config/value_differences: what differs is listed with both values, what is the same is not. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "config/value_differences.h"
#include "unit/config/shapes.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

typedef struct Settings {
  int64_t size;
  KindSetting shape;
} Settings;

static const Option options[] = {
    {.key = "size", .type = OPTION_INT, .offset = offsetof(Settings, size), .fallback = "1"},
    {.key = "shape",
     .type = OPTION_KIND,
     .offset = offsetof(Settings, shape),
     .fallback = "point",
     .kinds = &shape_kinds,
     .identity = true},
    {.key = NULL},
};

static Settings read_settings(const char *yaml) {
  Settings settings = {0};
  YamlNode *root;
  if (yaml_read_text(yaml, "test.yaml", &root) != OK) fail_msg("%s", status_message());
  if (options_read(options, root, &settings) != OK) fail_msg("%s", status_message());
  yaml_destroy(root);
  return settings;
}

/* "size 1 2; shape point circle !": `!` marks identity. */
static void assert_differences(const char *yaml_a, const char *yaml_b, const char *expected) {
  Settings a = read_settings(yaml_a), b = read_settings(yaml_b);
  ValueDifferences found = {0};
  value_differences_add_options(&found, options, &a, &b);
  Text text = {0};
  text_append(&text, "%s", "");
  for (size_t i = 0; i < found.count; i++) {
    const ValueDifference *item = &found.items[i];
    text_append(&text, "%s%s %s %s%s", i ? "; " : "", item->name, item->a ? item->a : "-",
                item->b ? item->b : "-", item->identity ? " !" : "");
  }
  assert_string_equal(text.bytes, expected);
  text_release(&text);
  value_differences_release(&found);
  options_release(options, &a);
  options_release(options, &b);
}

static void equal_settings_have_no_differences(void **state) {
  (void)state;
  assert_differences("{}", "{size: 1, shape: point}", "");
  assert_differences("shape: {circle: {radius: 2}}", "shape: {circle: 2}", "");
}

static void what_differs_is_named_with_both_values(void **state) {
  (void)state;
  assert_differences("size: 3", "size: 4", "size 3 4");
  assert_differences("shape: {circle: 2}", "{size: 0, shape: {circle: 3}}",
                     "size 1 0; shape.circle.radius 2 3 !");
}

static void what_one_alone_has_is_listed_from_either_side(void **state) {
  (void)state;
  assert_differences("shape: {circle: 2}", "shape: point",
                     "shape circle point !; shape.circle.radius 2 - !; "
                     "shape.circle.fill plain - !");
  assert_differences("shape: point", "shape: {circle: 2}",
                     "shape point circle !; shape.circle.radius - 2 !; "
                     "shape.circle.fill - plain !");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equal_settings_have_no_differences),
      cmocka_unit_test(what_differs_is_named_with_both_values),
      cmocka_unit_test(what_one_alone_has_is_listed_from_either_side),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
