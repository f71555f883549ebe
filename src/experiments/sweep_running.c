/* The half of experiments/sweep.h that starts the runs and takes what comes of them. */

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "experiments/job_queue.h"
#include "experiments/launcher.h"
#include "experiments/sweep.h"
#include "experiments/sweep_files.h"
#include "io/file.h"

typedef struct SweepJobs {
  Sweep *sweep;
  size_t n_jobs, n_ended;
  Job *jobs;
  size_t *run_of_job;
  double written_s;                   /* when sweep.csv was written last */
  char failure[STATUS_MESSAGE_BYTES]; /* of the first run that failed; empty: none */
} SweepJobs;

static void add_job(SweepJobs *queue, const Launcher *launcher, size_t index) {
  const Sweep *sweep = queue->sweep;
  const SweepRun *run = &sweep->runs[index];
  TextList changes = {0}, arguments = {0};
  text_list_add(&arguments, "train");
  text_list_add(&arguments, sweep->settings->config);
  sweep_run_changes(sweep, run, &changes);
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

static Status create_jobs(SweepJobs *queue) {
  const Sweep *sweep = queue->sweep;
  Launcher launcher;
  TRY(launcher_find(sweep->settings->launcher, &launcher));
  queue->jobs = NEW_ARRAY(Job, sweep->n_runs);
  queue->run_of_job = NEW_ARRAY(size_t, sweep->n_runs);
  for (size_t i = 0; i < sweep->n_runs; i++) {
    if (sweep->runs[i].state == SWEEP_RUN_FINISHED) continue;
    unlink(sweep->runs[i].log); /* what was said before a resume */
    add_job(queue, &launcher, i);
  }
  launcher_release(&launcher);
  return OK;
}

static void release_jobs(SweepJobs *queue) {
  for (size_t i = 0; i < queue->n_jobs; i++) text_list_release(&queue->jobs[i].words);
  memory_release(queue->jobs);
  memory_release(queue->run_of_job);
}

static void keep_failure(SweepJobs *queue, const Job *job, const SweepRun *run) {
  if (queue->failure[0]) return;
  char *words = job_last_words(job);
  snprintf(queue->failure, sizeof queue->failure, "%s ended with code %d: %s (%s)", run->name,
           job->code, words, run->log);
  memory_release(words);
}

/* What a run's exit code means for the sweep. A loss that is no longer finite is a result; a run
 * that was stopped is still open; a wrong configuration or a missing file would end all other runs
 * too; the rest is this run's alone. */
static Status take_exit_code(SweepJobs *queue, const Job *job, SweepRun *run) {
  if (job->code == status_exit_code(ERR_STOPPED)) return OK;
  if (job->code == 0 && run->is_at_end) {
    run->state = SWEEP_RUN_FINISHED;
    return OK;
  }
  bool diverged = job->code == status_exit_code(ERR_DIVERGED);
  run->state = diverged ? SWEEP_RUN_DIVERGED : SWEEP_RUN_FAILED;
  if (diverged) return OK;
  keep_failure(queue, job, run);
  static const Status common[] = {ERR_CONFIG, ERR_DATA, ERR_NO_INPUT};
  for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
    if (job->code == status_exit_code(common[i])) return fail(common[i], "%s", queue->failure);
  }
  return OK;
}

static void say_run(const SweepJobs *queue, const SweepRun *run) {
  SweepGoal goal = sweep_goal(queue->sweep);
  Text text = {0};
  bool is_open = run->state == SWEEP_RUN_OPEN;
  text_append(&text, "[%zu/%zu] %s: %s", queue->n_ended, queue->n_jobs, run->name,
              is_open ? "stopped" : sweep_run_state_names[run->state]);
  double value = sweep_run_final(run, goal.name);
  if (run->state == SWEEP_RUN_FINISHED && !isnan(value)) {
    text_append(&text, ", %s %.4f", goal.name, value);
  }
  log_note("%s", text.bytes);
  text_release(&text);
}

/* A log that says nothing is in nobody's interest. */
static void remove_empty(const char *path) {
  if (file_exists(path) && file_size(path) == 0) unlink(path);
}

static Status write_csv(const Sweep *sweep) {
  SweepGoal goal = sweep_goal(sweep);
  return sweep_write_csv(sweep, &goal);
}

/* Thousands of short runs have better to do than write the table after each. */
static Status write_now_and_then(SweepJobs *queue) {
  double now_s = clock_monotonic_s();
  if (now_s - queue->written_s < 1) return OK;
  queue->written_s = now_s;
  return write_csv(queue->sweep);
}

static Status take_job(void *context, size_t index) {
  SweepJobs *queue = context;
  const Job *job = &queue->jobs[index];
  SweepRun *run = &queue->sweep->runs[queue->run_of_job[index]];
  queue->n_ended++;
  TRY(sweep_run_update(queue->sweep, run));
  TRY(take_exit_code(queue, job, run));
  remove_empty(run->log);
  say_run(queue, run);
  return write_now_and_then(queue);
}

Status sweep_run(Sweep *sweep) {
  SweepJobs queue = {.sweep = sweep};
  TRY(create_jobs(&queue));
  TRY(write_csv(sweep));
  if (queue.n_jobs < sweep->n_runs) {
    log_note("%zu of %zu runs are finished already", sweep->n_runs - queue.n_jobs, sweep->n_runs);
  }
  Status status =
      job_queue_run(queue.jobs, queue.n_jobs, sweep->settings->n_jobs, take_job, &queue);
  release_jobs(&queue);
  if (status == OK) status = write_csv(sweep);
  if (status == ERR_STOPPED) fail(status, "stopped on request; continue with --resume");
  if (status == OK && queue.failure[0]) status = fail(ERR_INTERNAL, "%s", queue.failure);
  return status;
}
