#include "experiments/sweep.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/file.h"
#include "storage/run_folder.h"
#include "storage/work_folder.h"
#include "training/run_config.h"

const char *const sweep_run_state_names[] = {"open", "finished", "diverged", "failed"};

void sweep_run_changes(const Sweep *sweep, const SweepRun *run, TextList *changes) {
  const SweepSettings *settings = sweep->settings;
  const SweepGrid *grid = &settings->grid;
  for (size_t i = 0; i < settings->changes.count; i++) {
    text_list_add(changes, settings->changes.values[i]);
  }
  Text text = {0};
  for (size_t i = 0; i < grid->n_axes; i++) {
    text_append(&text, "%s=%s", grid->axes[i].key, sweep_grid_value(grid, run->point, i));
    text_list_take(changes, text_take(&text));
  }
  text_append(&text, "seed=%lld", (long long)run->seed);
  text_list_take(changes, text_take(&text));
}

static Status read_config(const Sweep *sweep, const SweepRun *run, RunConfig *config) {
  TextList changes = {0};
  sweep_run_changes(sweep, run, &changes);
  Status status = run_config_read(sweep->settings->config, &changes, config);
  text_list_release(&changes);
  return status;
}

static bool has_all_steps(const RunConfig *config, const Progress *progress) {
  int64_t steps = config->training.steps;
  return steps > 0 && progress->step >= (uint64_t)steps;
}

static bool has_all_epochs(const RunConfig *config, const Progress *progress) {
  return progress->epoch >= (uint64_t)config->training.epochs;
}

/* The checkpoint must be one that `train --resume` would go on from; `shards: auto` then takes the
 * number that the run has found. */
static Status check_identity(const Checkpoint *checkpoint, RunConfig *config) {
  RunConfig stored;
  const char *path = checkpoint_path(checkpoint);
  TRY(run_config_parse(checkpoint_config(checkpoint), path, ".", NULL, &stored));
  if (config->training.shards == 0) config->training.shards = stored.training.shards;
  Status status = run_config_same_identity(&stored, config);
  run_config_release(&stored);
  if (status == OK) return OK;
  return fail(status, "%s: is of another sweep: %s", path, status_message());
}

static Status look_at(SweepRun *run, RunConfig *config) {
  Checkpoint *checkpoint;
  TRY(run_folder_newest(run->folder, &checkpoint));
  if (!checkpoint) return OK;
  Status status = check_identity(checkpoint, config);
  if (status == OK) {
    metric_table_release(&run->epochs);
    metric_table_copy(&checkpoint_history(checkpoint)->epochs, &run->epochs);
    const Progress *progress = checkpoint_progress(checkpoint);
    bool has_steps = has_all_steps(config, progress), is_between = progress->epoch_step == 0;
    run->is_at_end = has_steps || has_all_epochs(config, progress);
    /* Out of steps within an epoch, a stopped run may have yet to record that epoch. */
    if (run->is_at_end && (is_between || !has_steps)) run->state = SWEEP_RUN_FINISHED;
  }
  checkpoint_close(checkpoint);
  return status;
}

Status sweep_run_update(const Sweep *sweep, SweepRun *run) {
  RunConfig config;
  TRY(read_config(sweep, run, &config));
  Status status = look_at(run, &config);
  run_config_release(&config);
  return status;
}

static char *path_in(const SweepSettings *settings, const char *name, const char *ending) {
  Text text = {0};
  text_append(&text, "%s/%s%s", settings->folder, name, ending);
  return text_take(&text);
}

static Status find_first_seed(const SweepSettings *settings, int64_t *seed) {
  for (size_t i = 0; i < settings->grid.n_axes; i++) {
    bool is_swept = strcmp(settings->grid.axes[i].key, "seed") == 0;
    if (is_swept) return fail(ERR_USAGE, "--over seed: expected --seeds N");
  }
  RunConfig config;
  TRY(run_config_read(settings->config, &settings->changes, &config));
  *seed = config.seed;
  run_config_release(&config);
  return OK;
}

static void create_runs(Sweep *sweep, int64_t first_seed) {
  const SweepSettings *settings = sweep->settings;
  size_t n_points = sweep_grid_points(&settings->grid);
  char **names = NEW_ARRAY(char *, n_points);
  sweep_grid_folders(&settings->grid, names);
  sweep->n_runs = n_points * settings->n_seeds;
  sweep->runs = NEW_ARRAY(SweepRun, sweep->n_runs);
  for (size_t i = 0; i < sweep->n_runs; i++) {
    SweepRun *run = &sweep->runs[i];
    run->point = i / settings->n_seeds;
    run->seed = first_seed + (int64_t)(i % settings->n_seeds);
    Text name = {0};
    text_append(&name, "%s_seed=%lld", names[run->point], (long long)run->seed);
    run->name = text_take(&name);
    run->folder = path_in(settings, run->name, "");
    run->log = path_in(settings, run->name, ".log");
  }
  for (size_t i = 0; i < n_points; i++) memory_release(names[i]);
  memory_release(names);
}

/* Results that are not those of these runs would tell lies until the end. */
static void remove_results(const SweepSettings *settings) {
  static const char *const results[] = {"sweep.csv", "sweep.h5", "curves.svg", "result.svg"};
  for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
    char *path = path_in(settings, results[i], "");
    unlink(path);
    memory_release(path);
  }
}

static Status check_configs(const Sweep *sweep) {
  for (size_t i = 0; i < sweep->n_runs; i++) {
    RunConfig config;
    TRY(read_config(sweep, &sweep->runs[i], &config));
    run_config_release(&config);
  }
  return OK;
}

/* A run of a sweep that was killed may still be saving. */
static Status clear_run(const SweepRun *run) {
  if (!folder_exists(run->folder)) return OK;
  FolderLock lock;
  TRY(folder_lock_take(run->folder, "a sweep", FOLDER_LOCK_PATIENCE_S, &lock));
  run_folder_clear(run->folder);
  folder_lock_release(&lock);
  return OK;
}

/* What an earlier sweep has left goes, or is looked at. */
static Status prepare_runs(Sweep *sweep) {
  TRY(check_configs(sweep));
  if (sweep->settings->force) remove_results(sweep->settings);
  for (size_t i = 0; i < sweep->n_runs; i++) {
    SweepRun *run = &sweep->runs[i];
    if (sweep->settings->force) TRY(clear_run(run));
    TRY(sweep_run_update(sweep, run));
  }
  return OK;
}

static Status set_up(Sweep *sweep) {
  const SweepSettings *settings = sweep->settings;
  int64_t first_seed;
  TRY(find_first_seed(settings, &first_seed));
  TRY(work_folder_enter(settings->folder, WORK_SWEEP, settings->resume, settings->force,
                        &sweep->lock));
  create_runs(sweep, first_seed);
  return prepare_runs(sweep);
}

Status sweep_create(const SweepSettings *settings, Sweep **out) {
  *out = NULL;
  Sweep *sweep = NEW(Sweep);
  sweep->settings = settings;
  Status status = set_up(sweep);
  if (status == OK) *out = sweep;
  if (status != OK) sweep_destroy(sweep);
  return status;
}

void sweep_destroy(Sweep *sweep) {
  if (!sweep) return;
  for (size_t i = 0; i < sweep->n_runs; i++) {
    SweepRun *run = &sweep->runs[i];
    memory_release(run->name);
    memory_release(run->folder);
    memory_release(run->log);
    metric_table_release(&run->epochs);
  }
  memory_release(sweep->runs);
  folder_lock_release(&sweep->lock);
  memory_release(sweep);
}

const SweepRun *sweep_point_runs(const Sweep *sweep, size_t point) {
  return &sweep->runs[point * sweep->settings->n_seeds];
}

size_t sweep_count(const Sweep *sweep, size_t point, SweepRunState state) {
  const SweepRun *runs = sweep_point_runs(sweep, point);
  size_t count = 0;
  for (size_t i = 0; i < sweep->settings->n_seeds; i++) count += runs[i].state == state;
  return count;
}
