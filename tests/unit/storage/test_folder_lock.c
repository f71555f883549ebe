/* storage/folder_lock: one process at a time, however it ends. */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "io/file.h"
#include "storage/folder_lock.h"
#include "support/temp_files.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static FolderLock take(const char *folder) {
  FolderLock lock;
  if (folder_lock_take(folder, "a run", 0, &lock) != OK) fail_msg("%s", status_message());
  return lock;
}

/* Another process, which says through a pipe that it holds the lock. */
static pid_t start_holder(const char *folder, unsigned holds_ms) {
  int pipe_ends[2];
  assert_int_equal(pipe(pipe_ends), 0);
  pid_t holder = fork();
  if (holder == 0) {
    FolderLock lock;
    bool held = folder_lock_take(folder, "a sweep", 0, &lock) == OK;
    if (write(pipe_ends[1], "", 1) != 1 || !held) _exit(1);
    usleep(1000 * holds_ms);
    folder_lock_release(&lock);
    _exit(0);
  }
  char byte;
  assert_int_equal(read(pipe_ends[0], &byte, 1), 1);
  close(pipe_ends[0]), close(pipe_ends[1]);
  return holder;
}

static void end_holder(pid_t holder) {
  kill(holder, SIGKILL);
  waitpid(holder, NULL, 0);
}

static const char *new_folder(const char *name) {
  const char *folder = temp_path(name);
  assert_int_equal(folder_create(folder), OK);
  return folder;
}

static void second_process_is_told_who_works_there(void **state) {
  (void)state;
  const char *folder = new_folder("told");
  pid_t holder = start_holder(folder, 60000);
  FolderLock lock;
  assert_int_equal(folder_lock_take(folder, "a run", 0, &lock), ERR_OUTPUT);
  char expected[128];
  snprintf(expected, sizeof expected, "a sweep goes on here (process %ld on ", (long)holder);
  assert_non_null(strstr(status_message(), expected));
  assert_null(lock.folder);
  end_holder(holder);
}

static void lock_goes_with_a_process_that_was_killed(void **state) {
  (void)state;
  const char *folder = new_folder("killed");
  end_holder(start_holder(folder, 60000));
  assert_true(file_exists(temp_path_in(folder, "lock")));
  FolderLock lock = take(folder);
  folder_lock_release(&lock);
  assert_int_equal(temp_entries(folder), 0);
}

static void one_that_waits_gets_the_lock_when_it_is_released(void **state) {
  (void)state;
  const char *folder = new_folder("waited");
  pid_t holder = start_holder(folder, 300);
  FolderLock lock;
  assert_int_equal(folder_lock_take(folder, "a run", 0.02, &lock), ERR_OUTPUT);
  assert_int_equal(folder_lock_take(folder, "a run", 60, &lock), OK);
  assert_true(file_exists(temp_path_in(folder, "lock")));
  waitpid(holder, NULL, 0);
  folder_lock_release(&lock);
}

/* Each removes the file that another may just have opened: a counter shows that none was alone
 * with a file that is no longer in the folder. */
static void many_processes_take_turns(void **state) {
  (void)state;
  enum { PROCESSES = 6, TURNS = 50 };
  const char *folder = new_folder("turns"), *counter = temp_path_in(folder, "counter");
  for (int i = 0; i < PROCESSES; i++) {
    if (fork() != 0) continue;
    for (int turn = 0; turn < TURNS; turn++) {
      FolderLock lock;
      if (folder_lock_take(folder, "a run", 60, &lock) != OK) _exit(1);
      size_t count = file_size(counter);
      if (file_append(counter, "x", 1) != OK || file_size(counter) != count + 1) _exit(1);
      folder_lock_release(&lock);
    }
    _exit(0);
  }
  for (int i = 0; i < PROCESSES; i++) {
    int outcome;
    wait(&outcome);
    assert_int_equal(outcome, 0);
  }
  assert_int_equal(file_size(counter), PROCESSES * TURNS);
}

static void program_that_is_started_does_not_inherit_the_lock(void **state) {
  (void)state;
  const char *folder = new_folder("inherited");
  FolderLock lock = take(folder);
  pid_t child = fork();
  if (child == 0) {
    execlp("sleep", "sleep", "60", (char *)NULL);
    _exit(1);
  }
  char program[32] = "";
  while (strcmp(program, "sleep\n") != 0) {
    char path[64], *bytes;
    size_t count;
    snprintf(path, sizeof path, "/proc/%ld/comm", (long)child);
    assert_int_equal(file_read(path, &bytes, &count), OK);
    snprintf(program, sizeof program, "%.*s", (int)count, bytes);
    memory_release(bytes);
  }
  folder_lock_release(&lock);
  lock = take(folder);
  folder_lock_release(&lock);
  end_holder(child);
}

static void folder_that_was_made_for_the_lock_goes_with_it(void **state) {
  (void)state;
  FolderLock lock = take(temp_path("made"));
  folder_lock_release(&lock);
  assert_false(file_exists(temp_path("made")));
  lock = take(new_folder("found"));
  folder_lock_release(&lock);
  assert_true(folder_exists(temp_path("found")));
  lock = take(temp_path("filled"));
  assert_int_equal(file_write(temp_path("filled/notes.txt"), "mine", 4), OK);
  folder_lock_release(&lock);
  assert_true(file_exists(temp_path("filled/notes.txt")));
}

static void place_where_nothing_can_be_created_is_refused(void **state) {
  (void)state;
  FolderLock lock;
  assert_int_equal(folder_lock_take(temp_write_text("file", "mine"), "a run", 0, &lock),
                   ERR_OUTPUT);
  assert_null(lock.folder);
  folder_lock_release(&lock);
}

static int set_up(void **state) {
  log_set_level(LOG_SILENT);
  return temp_folder_create(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(second_process_is_told_who_works_there),
      cmocka_unit_test(lock_goes_with_a_process_that_was_killed),
      cmocka_unit_test(one_that_waits_gets_the_lock_when_it_is_released),
      cmocka_unit_test(many_processes_take_turns),
      cmocka_unit_test(program_that_is_started_does_not_inherit_the_lock),
      cmocka_unit_test(folder_that_was_made_for_the_lock_goes_with_it),
      cmocka_unit_test(place_where_nothing_can_be_created_is_refused),
  };
  return cmocka_run_group_tests(tests, set_up, temp_folder_remove);
}
