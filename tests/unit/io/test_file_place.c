/* io/file_place: where paths lead, and what is read although it is no file, or refused. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/csv_form.h"
#include "io/file.h"
#include "io/file_place.h"
#include "io/idx.h"
#include "support/temp_files.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static const char *new_link(const char *name, const char *target) {
  const char *path = temp_path(name);
  assert_int_equal(symlink(target, path), 0);
  return path;
}

/* The name of an open file in the form in which a shell gives it to a program. */
static const char *name_of_open(int descriptor) {
  static char name[64];
  snprintf(name, sizeof name, "/dev/fd/%d", descriptor);
  return name;
}

static void assert_leads_to(const char *path, const char *expected, int descriptor) {
  FilePlace place;
  file_place_find(path, &place);
  assert_string_equal(place.path, expected);
  assert_int_equal(place.descriptor, descriptor);
  file_place_release(&place);
}

static void links_are_followed_to_their_end(void **state) {
  (void)state;
  const char *file = temp_write_text("target", "x");
  new_link("first", "target");
  assert_leads_to(new_link("second", temp_path("first")), file, -1);
  assert_leads_to(new_link("dangling", "nothing"), temp_path("nothing"), -1);
  assert_leads_to(file, file, -1);
}

static void ring_of_links_has_an_end(void **state) {
  (void)state;
  new_link("ring_a", "ring_b");
  FilePlace place;
  file_place_find(new_link("ring_b", "ring_a"), &place);
  assert_false(place.exists);
  file_place_release(&place);
}

static void names_of_open_files_are_known(void **state) {
  (void)state;
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  FilePlace place;
  file_place_find(name_of_open(ends[1]), &place);
  assert_int_equal(place.descriptor, ends[1]);
  file_place_release(&place);
  file_place_find("/dev/stdout", &place);
  assert_int_equal(place.descriptor, STDOUT_FILENO);
  file_place_release(&place);
  close(ends[0]), close(ends[1]);
  assert_leads_to("/dev/fd/987", "/dev/fd/987", -1);
  assert_leads_to(temp_path("1"), temp_path("1"), -1);
}

static void one_file_is_the_same_by_all_its_names(void **state) {
  (void)state;
  const char *file = temp_write_text("one", "x"), *other = temp_write_text("other", "x");
  const char *hard = temp_path("hard");
  assert_int_equal(link(file, hard), 0);
  assert_true(file_place_is_same(file, hard));
  assert_true(file_place_is_same(file, new_link("soft", "one")));
  assert_false(file_place_is_same(file, other));
  assert_false(file_place_is_same(file, temp_path("absent")));
}

static void file_that_is_not_there_is_the_same_by_its_place(void **state) {
  (void)state;
  char around[512];
  snprintf(around, sizeof around, "%s/../%s/new", temp_folder(), strrchr(temp_folder(), '/') + 1);
  assert_true(file_place_is_same(temp_path("new"), around));
  assert_false(file_place_is_same(temp_path("new"), temp_path("newer")));
}

static void devices_are_the_same_file_to_nobody(void **state) {
  (void)state;
  assert_false(file_place_is_same("/dev/null", "/dev/null"));
}

/* ---- inputs ---- */

static void assert_refused(const char *path, const char *words) {
  char *bytes;
  size_t count;
  CsvForm form;
  IdxFile *idx;
  assert_int_equal(file_read(path, &bytes, &count), ERR_NO_INPUT);
  assert_non_null(strstr(status_message(), words));
  assert_int_equal(csv_form_guess(path, &form), ERR_NO_INPUT);
  assert_int_equal(idx_open(path, &idx), ERR_NO_INPUT);
  assert_non_null(strstr(status_message(), words));
  assert_false(idx_recognise(path));
}

static void what_may_never_end_is_no_input(void **state) {
  (void)state;
  const char *pipe_path = temp_path("pipe");
  assert_int_equal(mkfifo(pipe_path, 0600), 0);
  assert_refused(pipe_path, "pipe: found a pipe, expected a file");
  assert_refused("/dev/zero", "/dev/zero: found a device, expected a file");
}

static void pipe_that_is_open_already_is_read_to_its_end(void **state) {
  (void)state;
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(write(ends[1], "1,2\n", 4), 4);
  close(ends[1]);
  char *bytes;
  size_t count;
  assert_int_equal(file_read(name_of_open(ends[0]), &bytes, &count), OK);
  assert_int_equal(count, 4);
  assert_memory_equal(bytes, "1,2\n", 4);
  memory_release(bytes);
  close(ends[0]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(links_are_followed_to_their_end),
      cmocka_unit_test(ring_of_links_has_an_end),
      cmocka_unit_test(names_of_open_files_are_known),
      cmocka_unit_test(one_file_is_the_same_by_all_its_names),
      cmocka_unit_test(file_that_is_not_there_is_the_same_by_its_place),
      cmocka_unit_test(devices_are_the_same_file_to_nobody),
      cmocka_unit_test(what_may_never_end_is_no_input),
      cmocka_unit_test(pipe_that_is_open_already_is_read_to_its_end),
  };
  return cmocka_run_group_tests(tests, temp_folder_create, temp_folder_remove);
}
