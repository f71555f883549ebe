#include "experiments/sweep.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/file.h"
#include "storage/run_folder.h"
#include "training/run_config.h"

static const char SUMMARY[] = "sweep.csv";

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

static bool is_finished(const RunConfig *config, const Progress *progress) {
  const TrainingSettings *training = &config->training;
  return progress->epoch >= (uint64_t)training->epochs ||
         (training->steps > 0 && progress->step >= (uint64_t)training->steps);
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
  char message[STATUS_MESSAGE_BYTES];
  snprintf(message, sizeof message, "%s", status_message());
  return fail(status, "%s: is of another sweep: %s", path, message);
}

static Status look_at(SweepRun *run, RunConfig *config) {
  Checkpoint *checkpoint;
  TRY(run_folder_newest(run->folder, &checkpoint));
  if (!checkpoint) return OK;
  Status status = check_identity(checkpoint, config);
  if (status == OK) {
    metric_table_release(&run->epochs);
    metric_table_copy(&checkpoint_history(checkpoint)->epochs, &run->epochs);
    if (is_finished(config, checkpoint_progress(checkpoint))) run->state = SWEEP_RUN_FINISHED;
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

static Status check_folder(const Sweep *sweep) {
  const SweepSettings *settings = sweep->settings;
  char *summary = path_in(settings, SUMMARY, "");
  bool is_used = file_exists(summary);
  memory_release(summary);
  if (!is_used || settings->resume || settings->force) return OK;
  return fail(
      ERR_OUTPUT,
      "%s: there is a sweep already; continue it with --resume, replace it with --force, or "
      "choose another folder with --out",
      settings->folder);
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
  sweep->n_runs = sweep_grid_points(&settings->grid) * settings->n_seeds;
  sweep->runs = NEW_ARRAY(SweepRun, sweep->n_runs);
  for (size_t i = 0; i < sweep->n_runs; i++) {
    SweepRun *run = &sweep->runs[i];
    run->point = i / settings->n_seeds;
    run->seed = first_seed + (int64_t)(i % settings->n_seeds);
    run->name = sweep_run_name(&settings->grid, run->point, run->seed);
    run->folder = path_in(settings, run->name, "");
    run->log = path_in(settings, run->name, ".log");
  }
}

/* What an earlier sweep has left goes, or is looked at. */
static Status prepare_runs(Sweep *sweep) {
  for (size_t i = 0; i < sweep->n_runs; i++) {
    SweepRun *run = &sweep->runs[i];
    RunConfig config;
    TRY(read_config(sweep, run, &config));
    run_config_release(&config);
  }
  for (size_t i = 0; i < sweep->n_runs; i++) {
    SweepRun *run = &sweep->runs[i];
    if (sweep->settings->force) run_folder_clear(run->folder);
    TRY(sweep_run_update(sweep, run));
  }
  return OK;
}

static Status set_up(Sweep *sweep) {
  int64_t first_seed;
  TRY(find_first_seed(sweep->settings, &first_seed));
  TRY(check_folder(sweep));
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
  memory_release(sweep);
}

size_t sweep_count(const Sweep *sweep, size_t point, SweepRunState state) {
  size_t count = 0;
  for (size_t i = 0; i < sweep->n_runs; i++) {
    count += sweep->runs[i].point == point && sweep->runs[i].state == state;
  }
  return count;
}
