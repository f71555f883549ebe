#include "storage/checkpoint_list.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/file.h"
#include "storage/checkpoint.h"
#include "storage/run_folder.h"

/* ---- names ---- */

/* Numbered names before others, such as last.h5, that may be second names of the same files. */
static int compare_names(const void *a, const void *b) {
  const char *left = *(char *const *)a, *right = *(char *const *)b;
  bool left_is_step = strncmp(left, "step_", 5) == 0,
       right_is_step = strncmp(right, "step_", 5) == 0;
  if (left_is_step != right_is_step) return left_is_step ? -1 : 1;
  return strverscmp(left, right);
}

static bool is_checkpoint_name(const char *name) {
  return text_ends_in(name, ".h5");
}

static bool is_below(const char *name) {
  return *name != '.'; /* neither the folder itself, nor the one above, nor hidden ones */
}

static Status list_names(const char *folder, bool (*wanted)(const char *name), TextList *out) {
  *out = (TextList){0};
  DIR *directory = opendir(folder);
  if (!directory) return fail(ERR_NO_INPUT, "%s: %s", folder, strerror(errno));
  for (const struct dirent *entry; (entry = readdir(directory));) {
    if (wanted(entry->d_name)) text_list_add(out, entry->d_name);
  }
  closedir(directory);
  if (out->count) qsort(out->values, out->count, sizeof *out->values, compare_names);
  return OK;
}

/* ---- one file ---- */

static void take_last_row(const MetricTable *epochs, MetricTable *out) {
  for (size_t i = 0; i < epochs->n_columns; i++) metric_table_add_column(out, epochs->names[i]);
  if (epochs->n_rows == 0) return;
  metric_table_append(out, epochs->values + (epochs->n_rows - 1) * epochs->n_columns);
}

static void describe(const Checkpoint *checkpoint, ListedCheckpoint *item) {
  item->step = checkpoint_progress(checkpoint)->step;
  item->epoch = checkpoint_progress(checkpoint)->epoch;
  take_last_row(&checkpoint_history(checkpoint)->epochs, &item->metrics);
}

/* The message of the failure without the file's name, which stands beside it. */
static char *failure_reason(const char *path) {
  const char *message = status_message();
  size_t length = strlen(path);
  bool is_named = strncmp(message, path, length) == 0 && strncmp(message + length, ": ", 2) == 0;
  return memory_copy_text(is_named ? message + length + 2 : message);
}

/* Takes the path. */
static void add_file(CheckpointList *list, char *path, const struct stat *facts) {
  ListedCheckpoint item = {.path = path, .bytes = (uint64_t)facts->st_size};
  Checkpoint *checkpoint;
  if (checkpoint_open(path, &checkpoint) == OK) {
    describe(checkpoint, &item);
    checkpoint_close(checkpoint);
  } else if (file_exists(path)) {
    item.reason = failure_reason(path);
  } else {
    memory_release(path); /* it went meanwhile */
    return;
  }
  size_t old = list->count * sizeof *list->items;
  list->items = memory_grow(list->items, old, old + sizeof *list->items);
  list->items[list->count++] = item;
}

/* ---- one folder ---- */

/* The item from `first` on that is the same file by another name; NULL if there is none. */
static ListedCheckpoint *find_same(const CheckpointList *list, size_t first,
                                   const struct stat *facts) {
  for (size_t i = first; i < list->count; i++) {
    struct stat other;
    bool same = stat(list->items[i].path, &other) == 0 && other.st_dev == facts->st_dev &&
                other.st_ino == facts->st_ino;
    if (same) return &list->items[i];
  }
  return NULL;
}

static void mark_newest(CheckpointList *list, size_t first) {
  ListedCheckpoint *newest = NULL;
  for (size_t i = first; i < list->count; i++) {
    ListedCheckpoint *item = &list->items[i];
    if (!item->reason && (!newest || item->step > newest->step)) newest = item;
  }
  if (newest) newest->newest = true;
}

static Status add_folder(CheckpointList *list, const char *folder) {
  TextList names;
  TRY(list_names(folder, is_checkpoint_name, &names));
  size_t first = list->count;
  for (size_t i = 0; i < names.count; i++) {
    char *path = run_folder_path(folder, names.values[i]);
    struct stat facts;
    bool is_file = stat(path, &facts) == 0 && S_ISREG(facts.st_mode);
    ListedCheckpoint *same = is_file ? find_same(list, first, &facts) : NULL;
    if (same) text_list_add(&same->other_names, names.values[i]);
    if (is_file && !same) add_file(list, path, &facts);
    if (!is_file || same) memory_release(path);
  }
  mark_newest(list, first);
  text_list_release(&names);
  return OK;
}

static Status add_run(CheckpointList *list, const char *folder) {
  char *checkpoints = run_folder_path(folder, "checkpoints");
  Status status = folder_exists(checkpoints) ? add_folder(list, checkpoints) : OK;
  memory_release(checkpoints);
  return status;
}

static Status add_runs_below(CheckpointList *list, const char *folder) {
  TextList names;
  TRY(list_names(folder, is_below, &names));
  Status status = OK;
  for (size_t i = 0; i < names.count && status == OK; i++) {
    char *path = run_folder_path(folder, names.values[i]);
    status = add_run(list, path);
    memory_release(path);
  }
  text_list_release(&names);
  return status;
}

Status checkpoint_list_read(const char *folder, CheckpointList *out) {
  *out = (CheckpointList){0};
  Status status = add_run(out, folder);
  if (status == OK) status = add_runs_below(out, folder);
  if (status == OK && out->count == 0) status = add_folder(out, folder);
  if (status == OK && out->count == 0) {
    status =
        fail(ERR_NO_INPUT,
             "%s: found no checkpoint in this folder, expected that of a run, or of runs", folder);
  }
  if (status != OK) checkpoint_list_release(out);
  return status;
}

void checkpoint_list_release(CheckpointList *list) {
  for (size_t i = 0; i < list->count; i++) {
    ListedCheckpoint *item = &list->items[i];
    text_list_release(&item->other_names);
    metric_table_release(&item->metrics);
    memory_release(item->reason);
    memory_release(item->path);
  }
  memory_release(list->items);
  *list = (CheckpointList){0};
}
