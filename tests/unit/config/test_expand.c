/* config/expand: variables in values, and the file that a path means. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/expand.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static int set_variables(void **state) {
  (void)state;
  setenv("LOCKSTEP_TEST", "value", 1);
  setenv("LOCKSTEP_EMPTY", "", 1);
  unsetenv("LOCKSTEP_UNSET");
  return 0;
}

static void assert_expands(const char *text, const char *expected) {
  char *out;
  if (expand_variables(text, &out) != OK) fail_msg("%s", status_message());
  assert_string_equal(out, expected);
  memory_release(out);
}

static void assert_refused(const char *text, const char *message) {
  char *out;
  assert_int_equal(expand_variables(text, &out), ERR_CONFIG);
  assert_string_equal(status_message(), message);
  assert_null(out);
}

static void variables_are_replaced_wherever_they_stand(void **state) {
  (void)state;
  assert_expands("${LOCKSTEP_TEST}", "value");
  assert_expands("a/${LOCKSTEP_TEST}/b/${LOCKSTEP_TEST}", "a/value/b/value");
  assert_expands("nothing $here {or} there", "nothing $here {or} there");
  assert_expands("", "");
}

static void default_stands_in_for_a_variable_that_is_unset_or_empty(void **state) {
  (void)state;
  assert_expands("${LOCKSTEP_UNSET:-../data}", "../data");
  assert_expands("${LOCKSTEP_EMPTY:-other}", "other");
  assert_expands("${LOCKSTEP_TEST:-other}", "value");
  assert_expands("a${LOCKSTEP_UNSET:-}b", "ab");
}

static void variable_that_is_empty_without_a_default_is_empty(void **state) {
  (void)state;
  assert_expands("a${LOCKSTEP_EMPTY}b", "ab");
}

static void variable_that_is_unset_is_refused_by_name(void **state) {
  (void)state;
  assert_refused("x/${LOCKSTEP_UNSET}", "the variable LOCKSTEP_UNSET is not set; set it, or write "
                                        "${LOCKSTEP_UNSET:-default}");
}

static void brace_that_is_never_closed_is_refused(void **state) {
  (void)state;
  assert_refused("a/${LOCKSTEP_TEST", "'a/${LOCKSTEP_TEST' has a '${' without its '}'");
}

static void assert_resolves(const char *written, const char *folder, const char *expected) {
  char *out;
  assert_int_equal(path_resolve(written, folder, &out), OK);
  assert_string_equal(out, expected);
  memory_release(out);
}

static void relative_path_lies_below_the_folder(void **state) {
  (void)state;
  assert_resolves("a.csv", "configs", "configs/a.csv");
  assert_resolves("../data/a.csv", "configs", "configs/../data/a.csv");
  assert_resolves("${LOCKSTEP_TEST}/a.csv", "configs", "configs/value/a.csv");
  assert_resolves("a.csv", ".", "a.csv");
  assert_resolves("a.csv", "", "a.csv");
}

static void absolute_path_stays(void **state) {
  (void)state;
  setenv("LOCKSTEP_FOLDER", "/data", 1);
  assert_resolves("/data/a.csv", "configs", "/data/a.csv");
  assert_resolves("${LOCKSTEP_FOLDER}/a.csv", "configs", "/data/a.csv");
}

static void path_with_an_unset_variable_is_refused(void **state) {
  (void)state;
  char *out;
  assert_int_equal(path_resolve("${LOCKSTEP_UNSET}/a", "configs", &out), ERR_CONFIG);
  assert_null(out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(variables_are_replaced_wherever_they_stand),
      cmocka_unit_test(default_stands_in_for_a_variable_that_is_unset_or_empty),
      cmocka_unit_test(variable_that_is_empty_without_a_default_is_empty),
      cmocka_unit_test(variable_that_is_unset_is_refused_by_name),
      cmocka_unit_test(brace_that_is_never_closed_is_refused),
      cmocka_unit_test(relative_path_lies_below_the_folder),
      cmocka_unit_test(absolute_path_stays),
      cmocka_unit_test(path_with_an_unset_variable_is_refused),
  };
  return cmocka_run_group_tests(tests, set_variables, NULL);
}
