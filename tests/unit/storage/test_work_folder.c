/* storage/work_folder: which work may begin in which folder. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "io/file.h"
#include "storage/work_folder.h"
#include "support/temp_files.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static const char *const marks[] = {"config.yaml", "sweep.csv", "scaling.csv"};

static const char *folder_with(const char *mark) {
  const char *folder = temp_path("work");
  for (size_t i = 0; i < 3; i++) remove(temp_path_in(folder, marks[i]));
  assert_int_equal(folder_create(folder), OK);
  if (mark) assert_int_equal(file_write(temp_path_in(folder, mark), "mine", 4), OK);
  return folder;
}

static Status enter(const char *folder, int kind, bool resume, bool force) {
  FolderLock lock;
  Status status = work_folder_enter(folder, (WorkKind)kind, resume, force, &lock);
  folder_lock_release(&lock);
  assert_false(file_exists(temp_path_in(folder, "lock")));
  return status;
}

static void empty_folder_takes_any_work(void **state) {
  (void)state;
  for (int kind = 0; kind < 3; kind++) {
    const char *folder = folder_with(NULL);
    for (int way = 0; way < 3; way++) {
      assert_int_equal(enter(folder, kind, way == 1, way == 2), OK);
    }
  }
}

static void earlier_work_is_resumed_or_replaced_on_request_alone(void **state) {
  (void)state;
  for (int kind = 0; kind < 3; kind++) {
    const char *folder = folder_with(marks[kind]);
    assert_int_equal(enter(folder, kind, true, false), OK);
    assert_int_equal(enter(folder, kind, false, true), OK);
    assert_int_equal(enter(folder, kind, false, false), ERR_OUTPUT);
    assert_non_null(strstr(status_message(), " already; "));
  }
}

static void work_of_another_kind_is_refused_in_every_way(void **state) {
  (void)state;
  for (int kind = 0; kind < 3; kind++) {
    for (int other = 0; other < 3; other++) {
      if (other == kind) continue;
      const char *folder = folder_with(marks[other]);
      for (int way = 0; way < 3; way++) {
        assert_int_equal(enter(folder, kind, way == 1, way == 2), ERR_OUTPUT);
      }
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(empty_folder_takes_any_work),
      cmocka_unit_test(earlier_work_is_resumed_or_replaced_on_request_alone),
      cmocka_unit_test(work_of_another_kind_is_refused_in_every_way),
  };
  return cmocka_run_group_tests(tests, temp_folder_create, temp_folder_remove);
}
