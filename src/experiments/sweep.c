#include "experiments/sweep.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "experiments/job_queue.h"
#include "experiments/launcher.h"
#include "experiments/sweep_files.h"
#include "io/file.h"
#include "storage/run_folder.h"
#include "training/run_config.h"

static const char SUMMARY[] = "sweep.csv";

/* ---- the runs ---- */

/* The words that make the configuration that of one run. */
static void add_changes(const Sweep *sweep, const SweepRun *run, TextList *changes) {
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
  add_changes(sweep, run, &changes);
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

/* Finds out what a run's newest checkpoint says. */
static Status update_run(const Sweep *sweep, SweepRun *run) {
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
    TRY(update_run(sweep, run));
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

/* ---- running them ---- */

typedef struct SweepJobs {
  Sweep *sweep;
  size_t n_jobs, n_ended;
  Job *jobs;
  size_t *run_of_job;
  char failure[STATUS_MESSAGE_BYTES]; /* of the first run that failed; empty: none */
} SweepJobs;

static void add_job(SweepJobs *queue, const Launcher *launcher, size_t index) {
  const Sweep *sweep = queue->sweep;
  const SweepRun *run = &sweep->runs[index];
  TextList changes = {0}, arguments = {0};
  text_list_add(&arguments, "train");
  text_list_add(&arguments, sweep->settings->config);
  add_changes(sweep, run, &changes);
  for (size_t i = 0; i < changes.count; i++) {
    text_list_add(&arguments, "--set");
    text_list_add(&arguments, changes.values[i]);
  }
  static const char *const rest[] = {"--quiet", "--resume", "--out"};
  for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) text_list_add(&arguments, rest[i]);
  text_list_add(&arguments, run->folder);

  Job *job = &queue->jobs[queue->n_jobs];
  job->output = run->log;
  launcher_add_words(launcher, (int)sweep->settings->n_ranks, &arguments, &job->words);
  queue->run_of_job[queue->n_jobs++] = index;
  text_list_release(&changes);
  text_list_release(&arguments);
}

static void create_jobs(SweepJobs *queue) {
  const Sweep *sweep = queue->sweep;
  Launcher launcher;
  launcher_find(sweep->settings->launcher, &launcher);
  queue->jobs = NEW_ARRAY(Job, sweep->n_runs);
  queue->run_of_job = NEW_ARRAY(size_t, sweep->n_runs);
  for (size_t i = 0; i < sweep->n_runs; i++) {
    if (sweep->runs[i].state == SWEEP_RUN_FINISHED) continue;
    unlink(sweep->runs[i].log); /* what was said before a resume */
    add_job(queue, &launcher, i);
  }
  launcher_release(&launcher);
}

static void release_jobs(SweepJobs *queue) {
  for (size_t i = 0; i < queue->n_jobs; i++) text_list_release(&queue->jobs[i].words);
  memory_release(queue->jobs);
  memory_release(queue->run_of_job);
}

/* What a run's exit code means for the sweep. A loss that is no longer finite is a result; a wrong
 * configuration or a missing file would end all other runs too; the rest is this run's alone. */
static Status take_exit_code(SweepJobs *queue, const Job *job, SweepRun *run) {
  if (job->code == 0) return OK;
  bool diverged = job->code == status_exit_code(ERR_DIVERGED);
  run->state = diverged ? SWEEP_RUN_DIVERGED : SWEEP_RUN_FAILED;
  if (diverged) return OK;
  char *words = job_last_words(job);
  if (!queue->failure[0]) {
    snprintf(queue->failure, sizeof queue->failure, "%s ended with code %d: %s (%s)", run->name,
             job->code, words, run->log);
  }
  memory_release(words);
  static const Status common[] = {ERR_CONFIG, ERR_DATA, ERR_NO_INPUT};
  for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
    if (job->code == status_exit_code(common[i])) return fail(common[i], "%s", queue->failure);
  }
  return OK;
}

static void say_run(const SweepJobs *queue, const SweepRun *run) {
  static const char *const states[] = {"open", "done", "diverged", "failed"};
  SweepGoal goal = sweep_goal(queue->sweep);
  Text text = {0};
  text_append(&text, "[%zu/%zu] %s: %s", queue->n_ended, queue->n_jobs, run->name,
              states[run->state]);
  double value = sweep_run_final(run, goal.name);
  if (run->state == SWEEP_RUN_FINISHED) text_append(&text, ", %s %.4f", goal.name, value);
  log_note("%s", text.bytes);
  text_release(&text);
}

/* A log that says nothing is in nobody's interest. */
static void remove_empty(const char *path) {
  char *bytes;
  size_t count;
  if (file_read(path, &bytes, &count) != OK) return;
  if (count == 0) unlink(path);
  memory_release(bytes);
}

static Status take_job(void *context, size_t index) {
  SweepJobs *queue = context;
  const Job *job = &queue->jobs[index];
  SweepRun *run = &queue->sweep->runs[queue->run_of_job[index]];
  queue->n_ended++;
  TRY(update_run(queue->sweep, run));
  TRY(take_exit_code(queue, job, run));
  remove_empty(run->log);
  say_run(queue, run);
  SweepGoal goal = sweep_goal(queue->sweep);
  return sweep_write_csv(queue->sweep, &goal);
}

Status sweep_run(Sweep *sweep) {
  SweepJobs queue = {.sweep = sweep};
  TRY(folder_create(sweep->settings->folder));
  SweepGoal goal = sweep_goal(sweep);
  TRY(sweep_write_csv(sweep, &goal));
  create_jobs(&queue);
  if (queue.n_jobs < sweep->n_runs) {
    log_note("%zu of %zu runs are finished already", sweep->n_runs - queue.n_jobs, sweep->n_runs);
  }
  Status status =
      job_queue_run(queue.jobs, queue.n_jobs, sweep->settings->n_jobs, take_job, &queue);
  release_jobs(&queue);
  if (status == ERR_STOPPED) fail(status, "stopped on request; continue with --resume");
  if (status == OK && queue.failure[0]) status = fail(ERR_INTERNAL, "%s", queue.failure);
  return status;
}
