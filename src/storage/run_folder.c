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
#include "base/text_list.h"
#include "io/file.h"
#include "io/path.h"
#include "storage/event_folder.h"
#include "storage/model_file.h"

#define CHECKPOINTS "checkpoints"
#define STEP_FILE   "step_%08" PRIu64 ".h5"

char *run_folder_path(const char *folder, const char *name) {
  size_t length = strlen(folder);
  while (length > 1 && folder[length - 1] == '/') length--;
  Text path = {0};
  text_append(&path, "%.*s/%s", (int)length, folder, name);
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

/* Only names as they are written here: a user's step_5.h5 is the user's. */
static bool parse_step(const char *name, uint64_t *step) {
  char written[64];
  if (sscanf(name, "step_%" SCNu64, step) != 1) return false;
  snprintf(written, sizeof written, STEP_FILE, *step);
  return strcmp(name, written) == 0;
}

/* Of a folder that holds them itself. */
static StepList list_steps_in(const char *checkpoints) {
  StepList list = {0};
  DIR *directory = opendir(checkpoints);
  if (!directory) return list;

  for (const struct dirent *entry; (entry = readdir(directory));) {
    uint64_t step;
    if (!parse_step(entry->d_name, &step)) continue;
    size_t old = list.count * sizeof(uint64_t);
    list.steps = memory_grow(list.steps, old, old + sizeof(uint64_t));
    list.steps[list.count++] = step;
  }
  closedir(directory);
  if (list.count) qsort(list.steps, list.count, sizeof(uint64_t), newest_first);
  return list;
}

static StepList list_steps(const char *folder) {
  char *checkpoints = run_folder_path(folder, CHECKPOINTS);
  StepList list = list_steps_in(checkpoints);
  memory_release(checkpoints);
  return list;
}

static char *step_path_in(const char *checkpoints, uint64_t step) {
  char name[64];
  snprintf(name, sizeof name, STEP_FILE, step);
  return run_folder_path(checkpoints, name);
}

static char *step_path(const char *folder, uint64_t step) {
  char *checkpoints = run_folder_path(folder, CHECKPOINTS), *path = step_path_in(checkpoints, step);
  memory_release(checkpoints);
  return path;
}

bool run_folder_is_used(const char *folder) {
  char *config = run_folder_path(folder, "config.yaml");
  StepList list = list_steps(folder);
  bool used = file_exists(config) || list.count > 0;
  memory_release(config);
  memory_release(list.steps);
  return used;
}

/* "NAME.PID.tmp" of a file that Lockstep writes: what a run that was killed meanwhile left. */
static bool is_left_over(const char *entry) {
  static const char *const names[] = {"config.yaml", "metrics.csv", "curves.svg",
                                      "report.html", "last.h5",     NULL};
  char name[256];
  snprintf(name, sizeof name, "%s", entry);
  char *end = strrchr(name, '.');
  if (!end || strcmp(end, ".tmp") != 0) return false;
  *end = '\0';
  char *process = strrchr(name, '.');
  if (!process || !process[1] || process[1 + strspn(process + 1, "0123456789")]) return false;
  *process = '\0';

  uint64_t step;
  bool is_own = parse_step(name, &step);
  for (const char *const *own = names; *own; own++) is_own = is_own || strcmp(*own, name) == 0;
  return is_own;
}

static void remove_left_overs_of(const char *folder) {
  DIR *directory = opendir(folder);
  if (!directory) return;
  for (const struct dirent *entry; (entry = readdir(directory));) {
    if (!is_left_over(entry->d_name)) continue;
    char *path = run_folder_path(folder, entry->d_name);
    unlink(path);
    memory_release(path);
  }
  closedir(directory);
}

static void remove_left_overs(const char *folder) {
  char *checkpoints = run_folder_path(folder, CHECKPOINTS);
  remove_left_overs_of(folder);
  remove_left_overs_of(checkpoints);
  memory_release(checkpoints);
}

Status run_folder_create(const char *folder) {
  char *checkpoints = run_folder_path(folder, CHECKPOINTS);
  Status status = folder_create(checkpoints);
  if (status == OK) remove_left_overs(folder);
  if (status == OK && access(checkpoints, W_OK | X_OK) != 0) {
    status = fail(ERR_OUTPUT, "%s: cannot write there: %s", checkpoints, strerror(errno));
  }
  memory_release(checkpoints);
  return status;
}

/* Files that `lockstep export` has written beside a checkpoint, under its name. */
static void remove_exports(const char *checkpoint) {
  char *folder = path_folder(checkpoint), *stem = path_stem(checkpoint);
  for (const Kind *const *row = model_file_kinds.kinds; *row; row++) {
    const ModelFileKind *kind = (const ModelFileKind *)*row;
    if (!kind->ending) continue;
    Text path = {0};
    text_append(&path, "%s/%s%s", folder, stem, kind->ending);
    unlink(path.bytes);
    text_release(&path);
  }
  memory_release(folder);
  memory_release(stem);
}

/* Removes a checkpoint, with what was made of it. */
static void remove_checkpoint(const char *path) {
  remove_exports(path);
  unlink(path);
}

void run_folder_clear(const char *folder) {
  StepList list = list_steps(folder);
  for (size_t i = 0; i < list.count; i++) {
    char *path = step_path(folder, list.steps[i]);
    remove_checkpoint(path);
    memory_release(path);
  }
  memory_release(list.steps);
  char *last = run_folder_path(folder, CHECKPOINTS "/last.h5");
  if (file_exists(last)) remove_checkpoint(last);
  memory_release(last);
  static const char *const names[] = {"config.yaml", "metrics.csv", "curves.svg", "report.html",
                                      NULL};
  for (const char *const *name = names; *name; name++) {
    char *path = run_folder_path(folder, *name);
    unlink(path);
    memory_release(path);
  }
  event_folder_clear(folder);
  remove_left_overs(folder);
}

/* One look at the folder, which is *outdated where a checkpoint is gone before it is opened: a run
 * that goes on writes newer ones before it removes old ones. */
static Status look_for_newest(const char *checkpoints, const char *folder, Checkpoint **out,
                              bool *outdated) {
  StepList list = list_steps_in(checkpoints);
  TextList broken = {0};
  *outdated = false;
  for (size_t i = 0; i < list.count && !*out; i++) {
    char *path = step_path_in(checkpoints, list.steps[i]);
    if (checkpoint_open(path, out) != OK) {
      text_list_add(&broken, status_message());
      *outdated = *outdated || !file_exists(path);
    }
    memory_release(path);
  }

  /* Where none is whole the failure alone says so. */
  Status status = OK;
  for (size_t i = 0; i < broken.count && *out; i++) {
    log_warning("passed over: %s", broken.values[i]);
  }
  if (broken.count > 0 && !*out) {
    status = fail(ERR_DATA, "%s: none of its %zu checkpoint%s is whole; the newest: %s", folder,
                  list.count, list.count == 1 ? "" : "s", broken.values[0]);
  }
  text_list_release(&broken);
  memory_release(list.steps);
  return status;
}

/* `folder` is how the user calls the folder of the checkpoints. */
static Status open_newest(const char *checkpoints, const char *folder, Checkpoint **out) {
  enum { MOST_LOOKS = 10 };
  *out = NULL;
  Status status = OK;
  bool outdated = true;
  for (int look = 0; look < MOST_LOOKS && !*out && outdated; look++) {
    status = look_for_newest(checkpoints, folder, out, &outdated);
  }
  return status;
}

Status run_folder_newest(const char *folder, Checkpoint **out) {
  char *checkpoints = run_folder_path(folder, CHECKPOINTS);
  Status status = open_newest(checkpoints, folder, out);
  memory_release(checkpoints);
  return status;
}

Status run_folder_open(const char *path, Checkpoint **out) {
  if (!folder_exists(path)) return checkpoint_open(path, out);
  TRY(run_folder_newest(path, out));
  if (!*out) TRY(open_newest(path, path, out));
  if (*out) return OK;
  return fail(ERR_NO_INPUT, "%s: found no checkpoint in this folder, expected a run's", path);
}

/* Keeps what was just saved, and of the others the newest. */
static void remove_others(const char *folder, uint64_t saved_step, size_t keep) {
  StepList list = list_steps(folder);
  size_t kept = 1;
  for (size_t i = 0; i < list.count; i++) {
    if (list.steps[i] == saved_step || kept++ < keep) continue;
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
  if (status == OK) remove_others(folder, content->progress->step, keep);
  memory_release(path);
  memory_release(last);
  return status;
}
