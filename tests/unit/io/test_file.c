/* io/file: whole files, read and written so that the old one or the new one is there, never half of
 * one; folders and paths. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/file.h"
#include "io/path.h"
#include "support/temp_files.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static void assert_holds(const char *path, const char *expected, size_t expected_count) {
  char *bytes;
  size_t count;
  if (file_read(path, &bytes, &count) != OK) fail_msg("%s", status_message());
  assert_int_equal(count, expected_count);
  assert_memory_equal(bytes, expected, expected_count);
  memory_release(bytes);
}

/* A new folder within the temporary one, so that what is left over can be counted. */
static const char *new_folder(const char *name) {
  const char *path = temp_path(name);
  assert_int_equal(mkdir(path, 0777), 0);
  return path;
}

/* ---- reading ---- */

static void file_is_read_whole(void **state) {
  (void)state;
  enum { COUNT = 200001 };
  char *bytes = memory_allocate(COUNT);
  for (size_t i = 0; i < COUNT; i++) bytes[i] = (char)(i * 31 >> 3);
  assert_holds(temp_write("large", bytes, COUNT), bytes, COUNT);
  assert_holds(temp_write("empty", "", 0), "", 0);
  assert_holds(temp_write("zeros", "\0a\0", 3), "\0a\0", 3);
  memory_release(bytes);
}

static void file_that_is_missing_is_no_input(void **state) {
  (void)state;
  char *bytes;
  size_t count;
  assert_int_equal(file_read("/no/such.file", &bytes, &count), ERR_NO_INPUT);
  assert_string_equal(status_message(), "/no/such.file: cannot open: No such file or directory");
  assert_null(bytes);
  assert_int_equal(count, 0);
}

static void folder_cannot_be_read_as_a_file(void **state) {
  (void)state;
  char *bytes;
  size_t count;
  assert_int_equal(file_read(temp_folder(), &bytes, &count), ERR_IO);
  assert_non_null(strstr(status_message(), "cannot read: Is a directory"));
  assert_null(bytes);
}

/* ---- writing ---- */

static void written_file_holds_the_bytes_and_nothing_is_left_beside_it(void **state) {
  (void)state;
  const char *folder = new_folder("written"), *path = temp_path_in(folder, "a");
  assert_int_equal(file_write(path, "one", 3), OK);
  assert_holds(path, "one", 3);
  assert_int_equal(file_write(path, "", 0), OK);
  assert_holds(path, "", 0);
  assert_int_equal(file_write(path, "second", 6), OK);
  assert_holds(path, "second", 6);
  assert_int_equal(temp_entries(folder), 1);
}

static void reader_of_the_old_file_keeps_it(void **state) {
  (void)state;
  const char *path = temp_write_text("kept", "old");
  FILE *reader = fopen(path, "rb");
  assert_int_equal(file_write(path, "new", 3), OK);
  char seen[4] = "";
  assert_int_equal(fread(seen, 1, 3, reader), 3);
  fclose(reader);
  assert_string_equal(seen, "old");
}

static void file_in_a_missing_folder_cannot_be_created(void **state) {
  (void)state;
  const char *path = temp_path_in(temp_folder(), "none/a");
  assert_int_equal(file_write(path, "x", 1), ERR_OUTPUT);
  assert_non_null(strstr(status_message(), path));
  assert_non_null(strstr(status_message(), "No such file or directory"));
}

static void appended_bytes_follow_what_is_there(void **state) {
  (void)state;
  const char *path = temp_path_in(new_folder("appended"), "a");
  assert_int_equal(file_append(path, "one", 3), OK);
  assert_int_equal(file_append(path, "", 0), OK);
  assert_int_equal(file_append(path, "\0two", 4), OK);
  assert_holds(path, "one\0two", 7);
  assert_int_equal(file_append("/no/such/folder/a", "x", 1), ERR_OUTPUT);
  assert_non_null(strstr(status_message(), "/no/such/folder/a: cannot open: "));
  assert_int_equal(file_append("/dev/full", "x", 1), ERR_IO);
  assert_non_null(strstr(status_message(), "/dev/full: cannot write: No space left"));
}

static void file_in_place_of_a_folder_is_refused_and_leaves_nothing(void **state) {
  (void)state;
  const char *folder = new_folder("outer"), *path = temp_path_in(folder, "inner");
  mkdir(path, 0777);
  assert_int_equal(file_write(path, "x", 1), ERR_OUTPUT);
  assert_int_equal(temp_entries(folder), 1);
}

static void messages_name_the_file_as_the_user_does(void **state) {
  (void)state;
  assert_int_equal(file_write("/no/such/folder/a", "x", 1), ERR_OUTPUT);
  assert_string_equal(status_message(),
                      "/no/such/folder/a: cannot create: No such file or directory");
  assert_int_equal(file_write(temp_folder(), "x", 1), ERR_OUTPUT);
  assert_non_null(strstr(status_message(), ": cannot create: Is a directory"));
}

static void link_is_followed_and_its_target_written(void **state) {
  (void)state;
  const char *folder = new_folder("followed"), *link = temp_path_in(folder, "link"),
             *target = temp_path_in(folder, "target");
  assert_int_equal(symlink("target", link), 0);
  assert_int_equal(file_write(link, "first", 5), OK); /* there is no target yet */
  assert_int_equal(file_write(link, "one", 3), OK);
  assert_holds(target, "one", 3);
  struct stat facts;
  assert_int_equal(lstat(link, &facts), 0);
  assert_true(S_ISLNK(facts.st_mode));
  assert_int_equal(temp_entries(folder), 2);
}

static void device_is_written_into_and_stays_one(void **state) {
  (void)state;
  const char *full = temp_path("full");
  assert_int_equal(symlink("/dev/full", full), 0);
  assert_int_equal(file_write("/dev/null", "x", 1), OK);
  assert_int_equal(file_write(full, "x", 1), ERR_IO);
  assert_non_null(strstr(status_message(), "full: cannot write: No space left on device"));
  struct stat facts;
  assert_int_equal(stat("/dev/full", &facts), 0);
  assert_true(S_ISCHR(facts.st_mode));
}

static void open_file_is_written_on_from_where_it_stands(void **state) {
  (void)state;
  const char *path = temp_write_text("open", "begun, ");
  FILE *file = fopen(path, "ab");
  char name[64];
  snprintf(name, sizeof name, "/dev/fd/%d", fileno(file));
  assert_int_equal(file_write(name, "one, ", 5), OK);
  assert_int_equal(file_write(name, "two", 3), OK);
  fclose(file);
  assert_holds(path, "begun, one, two", 15);
}

static void open_pipe_takes_the_bytes(void **state) {
  (void)state;
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  char name[64], found[4] = "";
  snprintf(name, sizeof name, "/dev/fd/%d", ends[1]);
  assert_int_equal(file_write(name, "one", 3), OK);
  assert_int_equal(read(ends[0], found, 3), 3);
  assert_string_equal(found, "one");
  close(ends[0]), close(ends[1]);
}

/* With a limit on the size of files a write fails half way, as it does on a full disk. */
static void old_file_stays_when_the_new_one_cannot_be_written(void **state) {
  (void)state;
  static char large[100000];
  const char *folder = new_folder("limited"), *path = temp_path_in(folder, "a");
  assert_int_equal(file_write(path, "old", 3), OK);

  struct rlimit before, limited;
  getrlimit(RLIMIT_FSIZE, &before);
  limited = (struct rlimit){50000, before.rlim_max};
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &limited);
  Status status = file_write(path, large, sizeof large);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, SIG_DFL);

  assert_int_equal(status, ERR_IO);
  assert_non_null(strstr(status_message(), path));
  assert_non_null(strstr(status_message(), "cannot write: File too large"));
  assert_holds(path, "old", 3);
  assert_int_equal(temp_entries(folder), 1);
}

static void old_file_stays_when_the_disk_is_full(void **state) {
  (void)state;
  static char large[200000];
  const char *folder = new_folder("tiny"), *path = temp_path_in(folder, "a");
  if (mount("tmpfs", folder, "tmpfs", 0, "size=64k") != 0) skip();
  Status first = file_write(path, "old", 3), second = file_write(path, large, sizeof large);
  char message[256];
  snprintf(message, sizeof message, "%s", status_message());
  size_t n_entries = temp_entries(folder);
  char *bytes = NULL;
  size_t count = 0;
  file_read(path, &bytes, &count);
  umount2(folder, MNT_DETACH);

  assert_int_equal(first, OK);
  assert_int_equal(second, ERR_IO);
  assert_non_null(strstr(message, "cannot write: No space left on device"));
  assert_int_equal(n_entries, 1);
  assert_int_equal(count, 3);
  assert_memory_equal(bytes, "old", 3);
  memory_release(bytes);
}

/* ---- links ---- */

static void link_is_a_second_name_that_replaces_what_was_there(void **state) {
  (void)state;
  const char *folder = new_folder("linked");
  const char *a = temp_path_in(folder, "a"), *b = temp_path_in(folder, "b"),
             *last = temp_path_in(folder, "last");
  file_write(a, "first", 5), file_write(b, "second", 6);
  assert_int_equal(file_link(a, last), OK);
  assert_holds(last, "first", 5);
  assert_int_equal(file_link(b, last), OK);
  assert_holds(last, "second", 6);
  assert_int_equal(file_link(b, last), OK); /* of the same file once more */
  assert_int_equal(temp_entries(folder), 3);
  unlink(b);
  assert_holds(last, "second", 6);
  assert_holds(a, "first", 5);
}

static void link_survives_that_its_file_is_written_anew(void **state) {
  (void)state;
  const char *folder = new_folder("rewritten");
  const char *a = temp_path_in(folder, "a"), *last = temp_path_in(folder, "last");
  file_write(a, "first", 5), file_link(a, last);
  file_write(a, "second", 6);
  assert_holds(last, "first", 5);
}

static void link_to_a_missing_file_is_refused_and_leaves_the_old_one(void **state) {
  (void)state;
  const char *folder = new_folder("dangling"), *last = temp_path_in(folder, "last");
  file_write(last, "old", 3);
  assert_int_not_equal(file_link(temp_path_in(folder, "none"), last), OK);
  assert_holds(last, "old", 3);
  assert_int_equal(temp_entries(folder), 1);
}

/* ---- folders and paths ---- */

static void folder_is_made_with_those_above_it(void **state) {
  (void)state;
  const char *path = temp_path_in(temp_folder(), "x/y//z/");
  assert_int_equal(folder_create(path), OK);
  assert_true(file_exists(temp_path_in(temp_folder(), "x/y/z")));
  assert_int_equal(folder_create(path), OK); /* it is there already */
}

static void folder_in_place_of_a_file_is_refused(void **state) {
  (void)state;
  const char *path = temp_write_text("a_file", "x");
  assert_int_equal(folder_create(path), ERR_OUTPUT);
  assert_non_null(strstr(status_message(), "a_file: found a file, expected a folder"));
  assert_int_equal(folder_create(temp_path_in(path, "below")), ERR_OUTPUT);
  assert_non_null(strstr(status_message(), "a_file"));
}

static void assert_path(char *found, const char *expected) {
  assert_string_equal(found, expected);
  memory_release(found);
}

static void paths_are_taken_apart(void **state) {
  (void)state;
  assert_path(path_folder("configs/mnist.yaml"), "configs");
  assert_path(path_folder("mnist.yaml"), ".");
  assert_path(path_folder("/mnist.yaml"), "/");
  assert_path(path_folder("a/b/c"), "a/b");
  assert_path(path_stem("configs/mnist.yaml"), "mnist");
  assert_path(path_stem("mnist"), "mnist");
  assert_path(path_stem("a.b/mnist.tar.gz"), "mnist.tar");
  assert_path(path_stem("a.b/mnist"), "mnist");
  assert_path(path_stem(".hidden"), ".hidden");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(file_is_read_whole),
      cmocka_unit_test(file_that_is_missing_is_no_input),
      cmocka_unit_test(folder_cannot_be_read_as_a_file),
      cmocka_unit_test(written_file_holds_the_bytes_and_nothing_is_left_beside_it),
      cmocka_unit_test(reader_of_the_old_file_keeps_it),
      cmocka_unit_test(file_in_a_missing_folder_cannot_be_created),
      cmocka_unit_test(appended_bytes_follow_what_is_there),
      cmocka_unit_test(file_in_place_of_a_folder_is_refused_and_leaves_nothing),
      cmocka_unit_test(messages_name_the_file_as_the_user_does),
      cmocka_unit_test(link_is_followed_and_its_target_written),
      cmocka_unit_test(device_is_written_into_and_stays_one),
      cmocka_unit_test(open_file_is_written_on_from_where_it_stands),
      cmocka_unit_test(open_pipe_takes_the_bytes),
      cmocka_unit_test(old_file_stays_when_the_new_one_cannot_be_written),
      cmocka_unit_test(old_file_stays_when_the_disk_is_full),
      cmocka_unit_test(link_is_a_second_name_that_replaces_what_was_there),
      cmocka_unit_test(link_survives_that_its_file_is_written_anew),
      cmocka_unit_test(link_to_a_missing_file_is_refused_and_leaves_the_old_one),
      cmocka_unit_test(folder_is_made_with_those_above_it),
      cmocka_unit_test(folder_in_place_of_a_file_is_refused),
      cmocka_unit_test(paths_are_taken_apart),
  };
  return cmocka_run_group_tests(tests, temp_folder_create, temp_folder_remove);
}
