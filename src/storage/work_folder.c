#include "storage/work_folder.h"

#include "base/memory.h"
#include "io/file.h"
#include "storage/run_folder.h"

static bool holds_file(const char *folder, const char *name) {
  char *path = run_folder_path(folder, name);
  bool found = file_exists(path);
  memory_release(path);
  return found;
}

static bool holds_sweep(const char *folder) {
  return holds_file(folder, "sweep.csv");
}

static bool holds_scaling(const char *folder) {
  return holds_file(folder, "scaling.csv");
}

/* In the order of WorkKind. */
static const struct {
  const char *name;
  bool (*is_in)(const char *folder);
  const char *ways; /* of going on */
} kinds[] = {
    {"a run", run_folder_is_used, "continue it with --resume, replace it with --force"},
    {"a sweep", holds_sweep, "continue it with --resume, replace it with --force"},
    {"a scaling measurement", holds_scaling, "replace it with --force"},
};

static Status check_content(const char *folder, WorkKind kind, bool is_expected) {
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (i == (size_t)kind || !kinds[i].is_in(folder)) continue;
    return fail(ERR_OUTPUT, "%s: found %s, expected %s or none; choose another folder with --out",
                folder, kinds[i].name, kinds[kind].name);
  }
  if (is_expected || !kinds[kind].is_in(folder)) return OK;
  return fail(ERR_OUTPUT, "%s: there is %s already; %s, or choose another folder with --out",
              folder, kinds[kind].name, kinds[kind].ways);
}

Status work_folder_enter(const char *folder, WorkKind kind, bool resume, bool force,
                         FolderLock *out) {
  TRY(folder_lock_take(folder, kinds[kind].name, resume ? FOLDER_LOCK_PATIENCE_S : 0, out));
  Status status = check_content(folder, kind, resume || force);
  if (status != OK) folder_lock_release(out);
  return status;
}
