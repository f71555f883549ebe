#include "storage/run_folder.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/file.h"

#define CHECKPOINTS "checkpoints"
#define STEP_FILE   "step_%08" PRIu64 ".h5"

char *run_folder_path(const char *folder, const char *name) {
  Text path = {0};
  text_append(&path, "%s/%s", folder, name);
  return text_take(&path);
}

/* The steps of the checkpoints in a folder, newest first. */
typedef struct StepList {
  size_t count;
  uint64_t *steps;
} StepList;

static int newest_first(const void *a, const void *b) {
  uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
  return left < right ? 1 : left > right ? -1 : 0;
}

static StepList list_steps(const char *folder) {
  StepList list = {0};
  char *path = run_folder_path(folder, CHECKPOINTS);
  DIR *directory = opendir(path);
  memory_release(path);
  if (!directory) return list;

  for (const struct dirent *entry; (entry = readdir(directory));) {
    uint64_t step;
    int length = 0;
    bool is_step = sscanf(entry->d_name, "step_%" SCNu64 ".h5%n", &step, &length) == 1 &&
                   length > 0 && entry->d_name[length] == '\0';
    if (!is_step) continue;
    size_t old = list.count * sizeof(uint64_t);
    list.steps = memory_grow(list.steps, old, old + sizeof(uint64_t));
    list.steps[list.count++] = step;
  }
  closedir(directory);
  if (list.count) qsort(list.steps, list.count, sizeof(uint64_t), newest_first);
  return list;
}

static char *step_path(const char *folder, uint64_t step) {
  Text path = {0};
  text_append(&path, "%s/" CHECKPOINTS "/" STEP_FILE, folder, step);
  return text_take(&path);
}

bool run_folder_is_used(const char *folder) {
  char *config = run_folder_path(folder, "config.yaml");
  StepList list = list_steps(folder);
  bool used = file_exists(config) || list.count > 0;
  memory_release(config);
  memory_release(list.steps);
  return used;
}

Status run_folder_create(const char *folder) {
  char *checkpoints = run_folder_path(folder, CHECKPOINTS);
  Status status = folder_create(checkpoints);
  if (status == OK && access(checkpoints, W_OK | X_OK) != 0) {
    status = fail(ERR_OUTPUT, "%s: cannot write there: %s", checkpoints, strerror(errno));
  }
  memory_release(checkpoints);
  return status;
}

static void remove_file(const char *folder, const char *name) {
  char *path = run_folder_path(folder, name);
  unlink(path);
  memory_release(path);
}

void run_folder_clear(const char *folder) {
  StepList list = list_steps(folder);
  for (size_t i = 0; i < list.count; i++) {
    char *path = step_path(folder, list.steps[i]);
    unlink(path);
    memory_release(path);
  }
  memory_release(list.steps);
  static const char *const names[] = {CHECKPOINTS "/last.h5", "config.yaml", "metrics.csv",
                                      "curves.svg", NULL};
  for (const char *const *name = names; *name; name++) remove_file(folder, *name);
}

Status run_folder_newest(const char *folder, Checkpoint **out) {
  *out = NULL;
  StepList list = list_steps(folder);
  Status status = OK;
  for (size_t i = 0; i < list.count && !*out; i++) {
    char *path = step_path(folder, list.steps[i]);
    status = checkpoint_open(path, out);
    if (status != OK) log_warning("passed over: %s", status_message());
    memory_release(path);
  }
  if (!*out && list.count > 0) {
    status = fail(ERR_DATA, "%s: none of its %zu checkpoint%s is whole; the newest: %s", folder,
                  list.count, list.count == 1 ? "" : "s", status_message());
  }
  memory_release(list.steps);
  return *out ? OK : status;
}

static void remove_old(const char *folder, size_t keep) {
  StepList list = list_steps(folder);
  for (size_t i = keep; i < list.count; i++) {
    char *path = step_path(folder, list.steps[i]);
    unlink(path);
    memory_release(path);
  }
  memory_release(list.steps);
}

Status run_folder_save(const char *folder, const CheckpointContent *content, size_t keep) {
  char *path = step_path(folder, content->progress->step);
  char *last = run_folder_path(folder, CHECKPOINTS "/last.h5");
  Status status = checkpoint_write(path, content);
  if (status == OK) status = file_link(path, last);
  if (status == OK) remove_old(folder, keep);
  memory_release(path);
  memory_release(last);
  return status;
}
