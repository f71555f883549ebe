/* data/dataset: which files a data set is read from. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "data/dataset.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static void assert_files(const char *yaml_text, size_t count, const char *const *expected) {
  KindSetting setting;
  if (kind_setting_read(&dataset_kinds, yaml_text, &setting) != OK) {
    fail_msg("%s", status_message());
  }
  TextList files = {0};
  dataset_add_files(&setting, "/data", &files);
  assert_int_equal(files.count, count);
  for (size_t i = 0; i < count; i++) assert_string_equal(files.values[i], expected[i]);
  text_list_release(&files);
  kind_setting_release(&setting);
}

static void files_are_the_paths_among_the_options(void **state) {
  (void)state;
  assert_files("{idx: {inputs: a, targets: /b}}", 2, (const char *const[]){"/data/a", "/b"});
  assert_files("{idx: {inputs: a}}", 1, (const char *const[]){"/data/a"});
  assert_files("{csv: {inputs: a.csv, target: y}}", 1, (const char *const[]){"/data/a.csv"});
  assert_files("{linear: {samples: 3}}", 0, NULL);
}

static void path_that_cannot_be_told_is_left_out(void **state) {
  (void)state;
  assert_files("{csv: {inputs: '${LOCKSTEP_NO_SUCH_VARIABLE}'}}", 0, NULL);
}

static void data_that_were_not_chosen_have_no_files(void **state) {
  (void)state;
  TextList files = {0};
  dataset_add_files(&(KindSetting){0}, "/data", &files);
  assert_int_equal(files.count, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(files_are_the_paths_among_the_options),
      cmocka_unit_test(path_that_cannot_be_told_is_left_out),
      cmocka_unit_test(data_that_were_not_chosen_have_no_files),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
