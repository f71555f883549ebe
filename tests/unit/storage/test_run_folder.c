/* storage/run_folder: the newest whole checkpoint, which ones stay, and what a clearing removes. */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "io/file.h"
#include "storage/run_folder.h"
#include "support/temp_files.h"
#include "unit/storage/content.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static Content *content;

static int make_content(void **state) {
  log_set_level(LOG_SILENT);
  content = content_create(CONTENT_MODEL, 0);
  return temp_folder_create(state);
}

static int drop_content(void **state) {
  content_destroy(content);
  return temp_folder_remove(state);
}

/* ---- a run's folder ---- */

static const char *new_run(const char *name) {
  const char *folder = temp_path(name);
  if (run_folder_create(folder) != OK) fail_msg("%s", status_message());
  return folder;
}

static void save(const char *folder, uint64_t step, size_t keep) {
  content->progress.step = step;
  if (run_folder_save(folder, &content->content, keep) != OK) fail_msg("%s", status_message());
}

static const char *step_file(const char *folder, unsigned step) {
  char name[64];
  snprintf(name, sizeof name, "checkpoints/step_%08u.h5", step);
  return temp_path_in(folder, name);
}

static void put(const char *folder, const char *name) {
  assert_int_equal(file_write(temp_path_in(folder, name), "mine", 4), OK);
}

/* The step of the newest whole checkpoint, or -1 if there is none at all. */
static int64_t newest_step(const char *folder) {
  Checkpoint *checkpoint;
  if (run_folder_newest(folder, &checkpoint) != OK) fail_msg("%s", status_message());
  int64_t step = checkpoint ? (int64_t)checkpoint_progress(checkpoint)->step : -1;
  checkpoint_close(checkpoint);
  return step;
}

/* ---- is there a run? ---- */

static void folder_is_used_once_it_has_a_configuration_or_a_checkpoint(void **state) {
  (void)state;
  const char *folder = new_run("used"), *other = new_run("configured");
  assert_false(run_folder_is_used(temp_path("none")));
  assert_false(run_folder_is_used(folder));
  put(folder, "notes.txt");
  assert_false(run_folder_is_used(folder));
  save(folder, 3, 3);
  assert_true(run_folder_is_used(folder));
  put(other, "config.yaml");
  assert_true(run_folder_is_used(other));
}

static void folder_that_cannot_be_made_is_refused(void **state) {
  (void)state;
  const char *file = temp_write_text("a_file", "x");
  assert_int_equal(run_folder_create(file), ERR_OUTPUT);
  assert_non_null(strstr(status_message(), file));
  assert_int_equal(run_folder_create("/proc/no_such_run"), ERR_OUTPUT);
}

/* ---- the newest ---- */

static void newest_is_the_one_of_the_highest_step(void **state) {
  (void)state;
  const char *folder = new_run("newest");
  save(folder, 90, 9), save(folder, 100, 9), save(folder, 9, 9);
  assert_int_equal(newest_step(folder), 100);
  save(folder, 123456789012, 9); /* more digits than the name has places */
  assert_true(newest_step(folder) == 123456789012);
}

static void folder_without_checkpoints_has_no_newest(void **state) {
  (void)state;
  assert_int_equal(newest_step(new_run("empty")), -1);
  assert_int_equal(newest_step(temp_path("missing")), -1);
}

static void broken_ones_are_passed_over(void **state) {
  (void)state;
  const char *folder = new_run("broken");
  save(folder, 1, 9), save(folder, 2, 9), save(folder, 3, 9), save(folder, 4, 9);
  temp_flip(step_file(folder, 4), 1000);
  assert_int_equal(newest_step(folder), 3);
  temp_cut(step_file(folder, 3), 1);
  assert_int_equal(newest_step(folder), 2);
  file_write(step_file(folder, 2), "", 0);
  assert_int_equal(newest_step(folder), 1);
}

static void folder_of_broken_ones_is_refused_with_what_is_wrong_with_the_newest(void **state) {
  (void)state;
  const char *folder = new_run("all_broken");
  save(folder, 1, 9), save(folder, 2, 9);
  file_write(step_file(folder, 1), "", 0);
  temp_cut(step_file(folder, 2), 1);
  Checkpoint *checkpoint;
  assert_int_equal(run_folder_newest(folder, &checkpoint), ERR_DATA);
  assert_null(checkpoint);
  assert_non_null(strstr(status_message(), "none of its 2 checkpoints is whole; the newest: "));
  assert_non_null(strstr(status_message(), "step_00000002.h5: found "));
}

static void folder_of_checkpoints_stands_for_its_run(void **state) {
  (void)state;
  const char *folder = new_run("opened");
  save(folder, 1, 9), save(folder, 2, 9);
  Checkpoint *checkpoint;
  assert_int_equal(run_folder_open(temp_path_in(folder, "checkpoints"), &checkpoint), OK);
  assert_string_equal(checkpoint_path(checkpoint), step_file(folder, 2));
  checkpoint_close(checkpoint);
  assert_int_equal(run_folder_open(temp_path_in(new_run("bare"), "checkpoints"), &checkpoint),
                   ERR_NO_INPUT);
}

static void other_names_are_no_checkpoints(void **state) {
  (void)state;
  static const char *const names[] = {
      "step_5.h5", "step_00000005.h5.77.tmp", "step_00000005.h5~", "my_step_00000005.h5",
      "step_.h5",  "step_-0000001.h5",        "step_0000005x.h5",  "best.h5"};
  const char *folder = new_run("others");
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char name[64];
    snprintf(name, sizeof name, "checkpoints/%s", names[i]);
    put(folder, name);
    assert_false(run_folder_is_used(folder));
  }
  assert_int_equal(newest_step(folder), -1);
}

/* ---- saving ---- */

static void last_is_a_second_name_of_the_newest(void **state) {
  (void)state;
  const char *folder = new_run("last"), *last = temp_path_in(folder, "checkpoints/last.h5");
  struct stat one, two;
  for (unsigned step = 1; step < 4; step++) {
    save(folder, step, 2);
    stat(last, &one), stat(step_file(folder, step), &two);
    assert_true(one.st_ino == two.st_ino);
  }
}

static void only_the_newest_stay(void **state) {
  (void)state;
  const char *folder = new_run("kept");
  for (unsigned step = 10; step <= 60; step += 10) save(folder, step, 3);
  for (unsigned step = 10; step <= 60; step += 10) {
    assert_int_equal(file_exists(step_file(folder, step)), step >= 40);
  }
  save(folder, 70, 1);
  assert_false(file_exists(step_file(folder, 60)));
  assert_true(file_exists(step_file(folder, 70)));
}

static void saved_one_stays_though_broken_ones_have_higher_steps(void **state) {
  (void)state;
  const char *folder = new_run("after_a_fall");
  save(folder, 20, 2), save(folder, 30, 2);
  temp_cut(step_file(folder, 30), 1);
  assert_int_equal(newest_step(folder), 20);
  save(folder, 25, 1); /* the resumed run has another step between its checkpoints */
  assert_true(file_exists(step_file(folder, 25)));
  assert_int_equal(newest_step(folder), 25);
}

static void file_of_a_user_counts_for_nothing(void **state) {
  (void)state;
  const char *folder = new_run("copies");
  put(folder, "checkpoints/step_99.h5");
  save(folder, 1, 1), save(folder, 2, 1);
  assert_true(file_exists(temp_path_in(folder, "checkpoints/step_99.h5")));
  assert_int_equal(newest_step(folder), 2);
}

static void saved_ones_stay_when_the_next_cannot_be_saved(void **state) {
  (void)state;
  const char *folder = new_run("failing");
  save(folder, 1, 1);
  real before = content->network->parameters[0];
  content->network->parameters[0] = NAN;
  content->progress.step = 2;
  assert_int_equal(run_folder_save(folder, &content->content, 1), ERR_DIVERGED);
  content->network->parameters[0] = before;
  assert_int_equal(newest_step(folder), 1);
  assert_false(file_exists(step_file(folder, 2)));
}

/* What a run does to its folder, without the work in between: a newer checkpoint comes, then the
 * older one goes, often between a look at the folder and the opening. */
static void hurry_on(const char *folder) {
  for (unsigned step = 1;; step++) {
    if (link(step_file(folder, step), step_file(folder, step + 1)) != 0) _exit(1);
    unlink(step_file(folder, step));
    usleep(50);
  }
}

static void newest_is_found_while_the_run_goes_on(void **state) {
  (void)state;
  const char *folder = new_run("live");
  save(folder, 1, 1);
  pid_t run = fork();
  if (run == 0) hurry_on(folder);
  bool found = true;
  for (int i = 0; i < 1000 && found; i++) {
    Checkpoint *checkpoint;
    found = run_folder_newest(folder, &checkpoint) == OK && checkpoint;
    checkpoint_close(checkpoint);
  }
  int outcome = 0;
  assert_int_equal(waitpid(run, &outcome, WNOHANG), 0);
  kill(run, SIGKILL);
  waitpid(run, &outcome, 0);
  assert_true(found);
}

/* ---- clearing ---- */

static void clearing_removes_what_lockstep_writes_and_nothing_else(void **state) {
  (void)state;
  static const char *const own[] = {"config.yaml", "metrics.csv", "curves.svg",
                                    "tensorboard/train/events.out.tfevents.1234567890.node1.77.0"};
  static const char *const others[] = {"notes.txt", "config.yaml.old", "checkpoints/mine.h5",
                                       "checkpoints/step_7.h5", "checkpoints/notes.txt"};
  const char *folder = new_run("cleared");
  save(folder, 1, 9), save(folder, 123456789012, 9);
  assert_int_equal(folder_create(temp_path_in(folder, "tensorboard/train")), OK);
  for (size_t i = 0; i < 4; i++) put(folder, own[i]);
  for (size_t i = 0; i < 5; i++) put(folder, others[i]);
  run_folder_clear(folder);
  for (size_t i = 0; i < 4; i++) assert_false(file_exists(temp_path_in(folder, own[i])));
  for (size_t i = 0; i < 5; i++) assert_true(file_exists(temp_path_in(folder, others[i])));
  assert_false(file_exists(step_file(folder, 1)));
  assert_false(file_exists(temp_path_in(folder, "checkpoints/last.h5")));
  assert_int_equal(newest_step(folder), -1);
  assert_false(run_folder_is_used(folder));
}

static void clearing_removes_what_was_exported_under_the_name_of_a_checkpoint(void **state) {
  (void)state;
  static const char *const own[] = {
      "checkpoints/step_00000001.onnx", "checkpoints/step_00000001.npz",
      "checkpoints/step_00000001.safetensors", "checkpoints/step_00000001.weights.h5",
      "checkpoints/last.onnx"};
  static const char *const others[] = {"checkpoints/step_00000002.onnx", "checkpoints/best.onnx",
                                       "step_00000001.onnx"};
  const char *folder = new_run("exported");
  save(folder, 1, 9);
  for (size_t i = 0; i < 5; i++) put(folder, own[i]);
  for (size_t i = 0; i < 3; i++) put(folder, others[i]);
  run_folder_clear(folder);
  for (size_t i = 0; i < 5; i++) assert_false(file_exists(temp_path_in(folder, own[i])));
  for (size_t i = 0; i < 3; i++) assert_true(file_exists(temp_path_in(folder, others[i])));
}

/* A kill in the middle of a save leaves the file that was not renamed yet, large as it may be. */
static const char *const left_over[] = {"checkpoints/step_00000001.h5.4711.tmp",
                                        "checkpoints/last.h5.4711.tmp", "metrics.csv.4711.tmp",
                                        "config.yaml.4711.tmp"};

static void assert_nothing_left_over(const char *folder) {
  for (size_t i = 0; i < 4; i++) {
    if (file_exists(temp_path_in(folder, left_over[i])))
      fail_msg("%s is still there", left_over[i]);
  }
}

static void clearing_removes_what_a_killed_save_has_left(void **state) {
  (void)state;
  const char *folder = new_run("killed");
  save(folder, 1, 9);
  for (size_t i = 0; i < 4; i++) put(folder, left_over[i]);
  run_folder_clear(folder);
  assert_nothing_left_over(folder);
}

static void resumed_run_removes_what_a_killed_save_has_left(void **state) {
  (void)state;
  const char *folder = new_run("killed_and_resumed");
  save(folder, 1, 9);
  put(folder, "notes.tmp"), put(folder, "checkpoints/mine.h5.tmp");
  for (size_t i = 0; i < 4; i++) put(folder, left_over[i]);
  assert_int_equal(run_folder_create(folder), OK);
  assert_nothing_left_over(folder);
  assert_int_equal(newest_step(folder), 1);
  assert_true(file_exists(temp_path_in(folder, "notes.tmp")));
  assert_true(file_exists(temp_path_in(folder, "checkpoints/mine.h5.tmp")));
}

static void clearing_a_folder_that_is_missing_does_nothing(void **state) {
  (void)state;
  run_folder_clear(temp_path("never_made"));
  assert_false(file_exists(temp_path("never_made")));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(folder_is_used_once_it_has_a_configuration_or_a_checkpoint),
      cmocka_unit_test(folder_that_cannot_be_made_is_refused),
      cmocka_unit_test(newest_is_the_one_of_the_highest_step),
      cmocka_unit_test(folder_without_checkpoints_has_no_newest),
      cmocka_unit_test(broken_ones_are_passed_over),
      cmocka_unit_test(folder_of_broken_ones_is_refused_with_what_is_wrong_with_the_newest),
      cmocka_unit_test(folder_of_checkpoints_stands_for_its_run),
      cmocka_unit_test(other_names_are_no_checkpoints),
      cmocka_unit_test(last_is_a_second_name_of_the_newest),
      cmocka_unit_test(only_the_newest_stay),
      cmocka_unit_test(saved_one_stays_though_broken_ones_have_higher_steps),
      cmocka_unit_test(file_of_a_user_counts_for_nothing),
      cmocka_unit_test(saved_ones_stay_when_the_next_cannot_be_saved),
      cmocka_unit_test(newest_is_found_while_the_run_goes_on),
      cmocka_unit_test(clearing_removes_what_lockstep_writes_and_nothing_else),
      cmocka_unit_test(clearing_removes_what_was_exported_under_the_name_of_a_checkpoint),
      cmocka_unit_test(clearing_removes_what_a_killed_save_has_left),
      cmocka_unit_test(resumed_run_removes_what_a_killed_save_has_left),
      cmocka_unit_test(clearing_a_folder_that_is_missing_does_nothing),
  };
  return cmocka_run_group_tests(tests, make_content, drop_content);
}
