/* storage/checkpoint_list: which files are found from which folder, what is said of each. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "io/file.h"
#include "storage/checkpoint_list.h"
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

static const char *new_run(const char *name, uint64_t first_step, uint64_t second_step) {
  const char *folder = temp_path(name);
  if (run_folder_create(folder) != OK) fail_msg("%s", status_message());
  for (int i = 0; i < 2; i++) {
    content->progress.step = i ? second_step : first_step;
    if (run_folder_save(folder, &content->content, 9) != OK) fail_msg("%s", status_message());
  }
  return folder;
}

/* "step_00000003.h5 3; step_00000005.h5 5 newest (last.h5)": file names without their folders. */
static void assert_list(const char *folder, const char *expected) {
  CheckpointList list;
  if (checkpoint_list_read(folder, &list) != OK) fail_msg("%s", status_message());
  Text text = {0};
  for (size_t i = 0; i < list.count; i++) {
    const ListedCheckpoint *item = &list.items[i];
    text_append(&text, "%s%s", i ? "; " : "", strrchr(item->path, '/') + 1);
    if (item->reason) text_append(&text, " broken");
    if (!item->reason) text_append(&text, " %d", (int)item->step);
    if (item->newest) text_append(&text, " newest");
    for (size_t n = 0; n < item->other_names.count; n++) {
      text_append(&text, " (%s)", item->other_names.values[n]);
    }
  }
  assert_string_equal(text.bytes, expected);
  text_release(&text);
  checkpoint_list_release(&list);
}

static void run_is_listed_by_step_with_the_newest_marked(void **state) {
  (void)state;
  const char *run = new_run("run", 5, 123456789);
  const char expected[] = "step_00000005.h5 5; step_123456789.h5 123456789 newest (last.h5)";
  assert_list(run, expected);
  char *checkpoints = run_folder_path(run, "checkpoints");
  assert_list(checkpoints, expected);
  memory_release(checkpoints);
}

static void folder_of_runs_is_listed_run_by_run(void **state) {
  (void)state;
  folder_create(temp_path("runs"));
  new_run("runs/b", 3, 4);
  new_run("runs/a", 8, 9);
  folder_create(temp_path("runs/without"));
  assert_list(temp_path("runs"), "step_00000008.h5 8; step_00000009.h5 9 newest (last.h5); "
                                 "step_00000003.h5 3; step_00000004.h5 4 newest (last.h5)");
}

static void broken_one_is_listed_and_never_the_newest(void **state) {
  (void)state;
  const char *run = new_run("broken", 1, 2);
  char *path = run_folder_path(run, "checkpoints/step_00000002.h5");
  temp_flip(path, 100);
  assert_list(run, "step_00000001.h5 1 newest; step_00000002.h5 broken (last.h5)");

  CheckpointList list;
  assert_int_equal(checkpoint_list_read(run, &list), OK);
  assert_non_null(list.items[1].reason);
  assert_null(strstr(list.items[1].reason, run)); /* the file is named beside it */
  assert_int_equal(list.items[1].metrics.n_rows, 0);
  checkpoint_list_release(&list);
  memory_release(path);
}

static void metrics_are_the_last_row(void **state) {
  (void)state;
  CheckpointList list;
  assert_int_equal(checkpoint_list_read(new_run("metrics", 1, 2), &list), OK);
  const MetricTable *metrics = &list.items[0].metrics;
  assert_int_equal(metrics->n_rows, 1);
  assert_true(metric_table_at(metrics, 0, metric_table_column(metrics, "loss")) == 0.1);
  assert_true(metric_table_at(metrics, 0, metric_table_column(metrics, "val_loss")) == 1e-300);
  checkpoint_list_release(&list);
}

/* A link to nothing is what a file looks like that went after the folder had been read. */
static void file_that_went_is_left_out(void **state) {
  (void)state;
  const char *run = new_run("going", 1, 2);
  char *path = run_folder_path(run, "checkpoints/step_00000003.h5");
  assert_int_equal(symlink("nowhere.h5", path), 0);
  assert_list(run, "step_00000001.h5 1; step_00000002.h5 2 newest (last.h5)");
  memory_release(path);
}

static void folder_without_checkpoints_is_refused(void **state) {
  (void)state;
  CheckpointList list;
  folder_create(temp_path("empty"));
  assert_int_equal(checkpoint_list_read(temp_path("empty"), &list), ERR_NO_INPUT);
  assert_non_null(strstr(status_message(), "empty"));
  assert_int_equal(list.count, 0);
  assert_int_equal(checkpoint_list_read(temp_path("missing"), &list), ERR_NO_INPUT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(run_is_listed_by_step_with_the_newest_marked),
      cmocka_unit_test(folder_of_runs_is_listed_run_by_run),
      cmocka_unit_test(broken_one_is_listed_and_never_the_newest),
      cmocka_unit_test(metrics_are_the_last_row),
      cmocka_unit_test(file_that_went_is_left_out),
      cmocka_unit_test(folder_without_checkpoints_is_refused),
  };
  return cmocka_run_group_tests(tests, make_content, drop_content);
}
