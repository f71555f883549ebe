/* data/data_outline: which files are meant, and what their targets ask for. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "data/data_outline.h"
#include "io/file.h"
#include "support/temp_files.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static int begin(void **state) {
  log_set_level(LOG_SILENT);
  return temp_folder_create(state);
}

static DataOutline look(const char *path, const char *target) {
  DataOutline outline;
  OutlineRequest request = {.path = path, .target = target};
  if (data_outline_read(&request, &outline) != OK) fail_msg("%s", status_message());
  return outline;
}

static void assert_refused(const char *path, Status expected, const char *words) {
  DataOutline outline;
  OutlineRequest request = {.path = path};
  assert_int_equal(data_outline_read(&request, &outline), expected);
  if (!strstr(status_message(), words)) fail_msg("'%s' lacks '%s'", status_message(), words);
  assert_null(outline.files.inputs);
}

/* A table with an input and the targets of `next`, 60 rows. */
static const char *with_targets(const char *(*next)(int row)) {
  Text text = {0};
  text_append(&text, "x,target\n");
  for (int row = 0; row < 60; row++) text_append(&text, "%d,%s\n", row % 7, next(row));
  const char *path = temp_write_text("targets.csv", text.bytes);
  text_release(&text);
  return path;
}

static const char *formatted(const char *format, double value) {
  static char text[64];
  snprintf(text, sizeof text, format, value);
  return text;
}

static void assert_task(const char *(*next)(int row), Task task, size_t n_classes) {
  DataOutline outline = look(with_targets(next), NULL);
  assert_int_equal(outline.task, task);
  if (task != TASK_NUMBERS) assert_int_equal(outline.n_classes, n_classes);
  data_outline_release(&outline);
}

/* ---- targets ---- */

static const char *three_names(int row) {
  return row % 3 == 0 ? "red" : row % 3 == 1 ? "green" : "blue";
}
static const char *two_names(int row) {
  return row % 2 ? "yes" : "no";
}
static const char *zero_or_one(int row) {
  return row % 2 ? "1" : "0";
}
static const char *minus_or_plus_one(int row) {
  return row % 2 ? "1" : "-1";
}
static const char *ten_digits(int row) {
  return formatted("%.0f", row % 10);
}
static const char *one_to_five(int row) {
  return formatted("%.0f", 1 + row % 5);
}
static const char *tens_of_hundreds(int row) {
  return formatted("%.0f", 100.0 * (row % 10));
}
static const char *ages(int row) {
  return formatted("%.0f", 20 + row % 40);
}
static const char *fractions(int row) {
  return formatted("%.1f", 0.5 * (row % 3));
}
static const char *same(int row) {
  (void)row;
  return "4";
}
static const char *names_of_rows(int row) {
  return formatted("row%.0f", row);
}

static void names_are_classes_and_two_of_them_answers(void **state) {
  (void)state;
  assert_task(three_names, TASK_CLASSES, 3);
  assert_task(two_names, TASK_YES_NO, 2);
}

static void few_whole_numbers_are_classes_and_two_of_them_answers(void **state) {
  (void)state;
  assert_task(zero_or_one, TASK_YES_NO, 2);
  assert_task(minus_or_plus_one, TASK_YES_NO, 2);
  assert_task(ten_digits, TASK_CLASSES, 10);
  assert_task(one_to_five, TASK_CLASSES, 5);
}

static void fractions_gaps_and_many_values_are_numbers(void **state) {
  (void)state;
  assert_task(fractions, TASK_NUMBERS, 0);
  assert_task(tens_of_hundreds, TASK_NUMBERS, 0);
  assert_task(ages, TASK_NUMBERS, 0);
}

static void targets_that_teach_nothing_are_refused(void **state) {
  (void)state;
  assert_refused(with_targets(same), ERR_DATA, "the same target");
  assert_refused(with_targets(names_of_rows), ERR_DATA, "60 different texts");
}

static void mean_and_deviation_are_those_of_the_targets(void **state) {
  (void)state;
  DataOutline outline = look(temp_write_text("mean.csv", "1,10.5\n2,20.5\n3,30.5\n"), NULL);
  assert_true(fabs(outline.target_mean - 20.5) < 1e-12);
  assert_true(fabs(outline.target_deviation - sqrt(200.0 / 3)) < 1e-12);
  assert_true(outline.targets.least == 10.5 && outline.targets.greatest == 30.5);
  data_outline_release(&outline);
}

static void target_is_the_column_with_text_or_the_last_or_the_wanted(void **state) {
  (void)state;
  const char *path = temp_write_text("columns.csv", "kind,a,b\nx,1,2\ny,3,4\nx,5,7\n");
  DataOutline outline = look(path, NULL);
  assert_string_equal(outline.target, "0");
  assert_int_equal(outline.task, TASK_YES_NO);
  data_outline_release(&outline);

  path = temp_write_text("numbers.csv", "a,b\n1,2.5\n3,4\n");
  outline = look(path, NULL);
  assert_string_equal(outline.target, "-1");
  data_outline_release(&outline);
  outline = look(path, "a");
  assert_true(outline.targets.greatest == 3);
  data_outline_release(&outline);
}

/* ---- inputs ---- */

static void inputs_are_measured_column_by_column(void **state) {
  (void)state;
  DataOutline outline = look(temp_write_text("inputs.csv", "0,-8,2,0.5\n0,4,2,1.5\n"), NULL);
  assert_int_equal(outline.width, 3);
  assert_int_equal(outline.n_constant, 2); /* of zeros, and of twos */
  assert_true(outline.inputs.least == -8 && outline.inputs.greatest == 4);
  assert_true(outline.columns.least == 2 && outline.columns.greatest == 8);
  assert_true(fabs(outline.typical - 4) < 1e-12); /* the root of 2 x 8 */
  data_outline_release(&outline);
}

/* ---- files ---- */

/* Two images of one pixel and two labels, below a folder. */
static void write_pair(const char *images, const char *labels) {
  temp_write(images, "\0\0\10\2\0\0\0\2\0\0\0\1\7\11", 14);
  temp_write(labels, "\0\0\10\1\0\0\0\2\0\3", 10);
}

static void labels_and_test_samples_are_found_by_name(void **state) {
  (void)state;
  folder_create(temp_path("pairs"));
  write_pair("pairs/train-images-idx3-ubyte", "pairs/train-labels-idx1-ubyte");
  write_pair("pairs/t10k-images-idx3-ubyte", "pairs/t10k-labels-idx1-ubyte");
  DataOutline outline = look(temp_path("pairs"), NULL);
  assert_true(outline.files.is_idx);
  assert_string_equal(outline.files.inputs, temp_path("pairs/train-images-idx3-ubyte"));
  assert_string_equal(outline.files.targets, temp_path("pairs/train-labels-idx1-ubyte"));
  assert_string_equal(outline.files.test_inputs, temp_path("pairs/t10k-images-idx3-ubyte"));
  assert_string_equal(outline.files.test_targets, temp_path("pairs/t10k-labels-idx1-ubyte"));
  assert_int_equal(outline.data.description.n_samples, 2);
  data_outline_release(&outline);
}

static void images_without_labels_are_refused(void **state) {
  (void)state;
  write_pair("lone-images", "other");
  assert_refused(temp_path("lone-images"), ERR_NO_INPUT, "--targets");
}

static void test_samples_of_another_form_are_left_alone(void **state) {
  (void)state;
  folder_create(temp_path("tables"));
  temp_write_text("tables/train.csv", "1,2.5\n3,4\n");
  temp_write_text("tables/test.csv", "1\n3\n");
  DataOutline outline = look(temp_path("tables"), NULL);
  assert_null(outline.files.test_inputs);
  data_outline_release(&outline);
  temp_write_text("tables/test.csv", "5,6.5\n");
  outline = look(temp_path("tables"), NULL);
  assert_string_equal(outline.files.test_inputs, temp_path("tables/test.csv"));
  data_outline_release(&outline);
}

static void folder_with_none_or_several_is_refused(void **state) {
  (void)state;
  folder_create(temp_path("none"));
  assert_refused(temp_path("none"), ERR_DATA, "found 0 data sets");
  folder_create(temp_path("several"));
  temp_write_text("several/a.csv", "1,2\n");
  temp_write_text("several/b.csv", "1,2\n");
  assert_refused(temp_path("several"), ERR_DATA, "found 2 data sets");
  assert_refused(temp_path("missing"), ERR_NO_INPUT, "missing");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_are_classes_and_two_of_them_answers),
      cmocka_unit_test(few_whole_numbers_are_classes_and_two_of_them_answers),
      cmocka_unit_test(fractions_gaps_and_many_values_are_numbers),
      cmocka_unit_test(targets_that_teach_nothing_are_refused),
      cmocka_unit_test(mean_and_deviation_are_those_of_the_targets),
      cmocka_unit_test(target_is_the_column_with_text_or_the_last_or_the_wanted),
      cmocka_unit_test(inputs_are_measured_column_by_column),
      cmocka_unit_test(labels_and_test_samples_are_found_by_name),
      cmocka_unit_test(images_without_labels_are_refused),
      cmocka_unit_test(test_samples_of_another_form_are_left_alone),
      cmocka_unit_test(folder_with_none_or_several_is_refused),
  };
  return cmocka_run_group_tests(tests, begin, temp_folder_remove);
}
