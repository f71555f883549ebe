/* storage/plot_file: pictures as files, of which the old one stays where the new one fails. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/file.h"
#include "storage/plot_file.h"
#include "support/temp_files.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static Status write_line(const char *path) {
  static const double x[] = {1, 2, 3};
  Curve curve = {.title = "y", .n = 3, .x = x, .y = x};
  Panel panel = {.title = "y", .x_label = "x", .n_curves = 1, .curves = &curve};
  return plot_file_write(path, "a line", 1, &panel);
}

static bool holds(const char *path, const char *begin, const char *end) {
  char *bytes;
  size_t count;
  assert_int_equal(file_read(path, &bytes, &count), OK);
  bool good = strncmp(bytes, begin, strlen(begin)) == 0 && text_ends_in(bytes, end);
  memory_release(bytes);
  return good;
}

static void picture_replaces_the_old_one(void **state) {
  (void)state;
  if (!plot_is_possible()) skip();
  const char *path = temp_write_text("line.svg", "old");
  assert_int_equal(write_line(path), OK);
  assert_true(holds(path, "<?xml", "</svg>\n\n"));
}

static void old_picture_stays_where_nothing_can_be_drawn(void **state) {
  (void)state;
  const char *path = temp_write_text("kept.svg", "old");
  char *before = memory_copy_text(getenv("PATH"));
  setenv("PATH", "/nowhere", 1);
  Status status = write_line(path);
  setenv("PATH", before, 1);
  memory_release(before);
  assert_int_equal(status, ERR_IO);
  assert_non_null(strstr(status_message(), "kept.svg: gnuplot could not draw the picture"));
  assert_true(holds(path, "old", "old"));
}

static void picture_in_a_missing_folder_cannot_be_created(void **state) {
  (void)state;
  if (!plot_is_possible()) skip();
  assert_int_equal(write_line("/nowhere/line.svg"), ERR_OUTPUT);
  assert_non_null(strstr(status_message(), "/nowhere/line.svg: cannot create: "));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(picture_replaces_the_old_one),
      cmocka_unit_test(old_picture_stays_where_nothing_can_be_drawn),
      cmocka_unit_test(picture_in_a_missing_folder_cannot_be_created),
  };
  return cmocka_run_group_tests(tests, temp_folder_create, temp_folder_remove);
}
