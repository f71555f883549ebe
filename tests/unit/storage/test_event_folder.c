/* storage/event_folder: one event file a part, and whose files are removed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/file.h"
#include "storage/event_folder.h"
#include "support/temp_files.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static void assert_holds(const char *path, const char *expected) {
  char *bytes;
  size_t count;
  if (file_read(path, &bytes, &count) != OK) fail_msg("%s", status_message());
  assert_string_equal(bytes, expected);
  memory_release(bytes);
}

/* The file of a process of this name that began at that time. */
static const char *event_path(const char *folder, const char *part, const char *begin_and_host,
                              int index) {
  char name[256];
  snprintf(name, sizeof name, "tensorboard/%s/events.out.tfevents.%s.%ld.%d", part, begin_and_host,
           (long)getpid(), index);
  return temp_path_in(folder, name);
}

static void replace(const EventFolder *folder, EventPart part, const char *bytes) {
  Text text = {0};
  text_append(&text, "%s", bytes);
  if (event_folder_replace(folder, part, &text) != OK) fail_msg("%s", status_message());
  text_release(&text);
}

static void append(const EventFolder *folder, EventPart part, const char *bytes) {
  Text text = {0};
  text_append(&text, "%s", bytes);
  if (event_folder_append(folder, part, &text) != OK) fail_msg("%s", status_message());
  text_release(&text);
}

static void each_part_has_one_file_that_grows(void **state) {
  (void)state;
  const char *run = temp_path("grows");
  EventFolder folder = {run, "node1.example.org", 1234567890};
  replace(&folder, EVENTS_TRAIN, "a"), replace(&folder, EVENTS_VALIDATION, "x");
  append(&folder, EVENTS_TRAIN, "b"), append(&folder, EVENTS_TRAIN, "c");
  assert_holds(event_path(run, "train", "1234567890.node1.example.org", 0), "abc");
  assert_holds(event_path(run, "validation", "1234567890.node1.example.org", 1), "x");
  assert_int_equal(temp_entries(temp_path_in(run, "tensorboard/train")), 1);
}

static void new_file_replaces_those_of_processes_before_it(void **state) {
  (void)state;
  const char *run = temp_path("replaced");
  EventFolder first = {run, "node1", 1234567890}, second = {run, "node2", 1234567999};
  replace(&first, EVENTS_TRAIN, "old"), replace(&first, EVENTS_VALIDATION, "kept");
  replace(&second, EVENTS_TRAIN, "new");
  assert_int_equal(temp_entries(temp_path_in(run, "tensorboard/train")), 1);
  assert_holds(event_path(run, "train", "1234567999.node2", 0), "new");
  assert_holds(event_path(run, "validation", "1234567890.node1", 1), "kept");
  replace(&second, EVENTS_TRAIN, "anew"); /* of the same name */
  assert_holds(event_path(run, "train", "1234567999.node2", 0), "anew");
}

static void clearing_spares_the_files_of_others(void **state) {
  (void)state;
  static const char *const others[] = {
      "tensorboard/train/notes.txt",
      "tensorboard/train/events.out.tfevents",
      "tensorboard/train/events.out.tfevents.1234567890.node1.77.0.v2",
      "tensorboard/train/events.out.tfevents.1234567890.77.0",
      "tensorboard/train/events.out.tfevents.123456789.node1.77.0",
      "tensorboard/train/events.out.tfevents.1234567890.node1.77.x",
      "tensorboard/train/my.events.out.tfevents.1234567890.node1.77.0",
      "tensorboard/events.out.tfevents.1234567890.node1.77.0",
  };
  const char *run = temp_path("spared");
  EventFolder folder = {run, "node1", 1234567890};
  replace(&folder, EVENTS_TRAIN, "mine"), replace(&folder, EVENTS_VALIDATION, "mine");
  for (size_t i = 0; i < 8; i++)
    assert_int_equal(file_write(temp_path_in(run, others[i]), "x", 1), OK);
  event_folder_clear(run);
  for (size_t i = 0; i < 8; i++) {
    if (!file_exists(temp_path_in(run, others[i]))) fail_msg("%s is gone", others[i]);
  }
  assert_int_equal(temp_entries(temp_path_in(run, "tensorboard/train")), 7);
  assert_false(file_exists(temp_path_in(run, "tensorboard/validation")));
}

static void clearing_leaves_no_empty_folder(void **state) {
  (void)state;
  const char *run = temp_path("emptied");
  EventFolder folder = {run, "node1", 1234567890};
  replace(&folder, EVENTS_TRAIN, "mine"), replace(&folder, EVENTS_VALIDATION, "mine");
  event_folder_clear(run);
  assert_true(folder_exists(run));
  assert_false(file_exists(temp_path_in(run, "tensorboard")));
  event_folder_clear(run); /* without anything to clear */
}

static void folder_that_cannot_be_made_is_refused(void **state) {
  (void)state;
  EventFolder folder = {temp_write_text("a_file", "x"), "node1", 1234567890};
  Text bytes = {0};
  text_append(&bytes, "x");
  assert_int_equal(event_folder_replace(&folder, EVENTS_TRAIN, &bytes), ERR_OUTPUT);
  assert_non_null(strstr(status_message(), folder.run_folder));
  text_release(&bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_part_has_one_file_that_grows),
      cmocka_unit_test(new_file_replaces_those_of_processes_before_it),
      cmocka_unit_test(clearing_spares_the_files_of_others),
      cmocka_unit_test(clearing_leaves_no_empty_folder),
      cmocka_unit_test(folder_that_cannot_be_made_is_refused),
  };
  return cmocka_run_group_tests(tests, temp_folder_create, temp_folder_remove);
}
