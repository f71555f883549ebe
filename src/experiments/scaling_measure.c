/* The half of experiments/scaling.h that starts programs and reads what they measured. */

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "experiments/job_queue.h"
#include "experiments/launcher.h"
#include "experiments/scaling.h"
#include "experiments/scaling_files.h"
#include "io/file.h"
#include "io/json.h"

typedef struct ScalingJobs {
  Scaling *scaling;
  size_t n_jobs;
  Job *jobs; /* repeat after repeat, point after point */
  char **outputs, **errors;
} ScalingJobs;

static void add_words(const Scaling *scaling, const ScalingPoint *point, TextList *words) {
  const ScalingSettings *settings = scaling->settings;
  text_list_add(words, "bench");
  text_list_add(words, "step");
  text_list_add(words, settings->config);
  text_list_add(words, "--json");
  Text text = {0};
  text_append(&text, "--rounds=%zu", settings->n_rounds);
  text_list_take(words, text_take(&text));
  for (size_t i = 0; i < settings->changes.count; i++) {
    text_append(&text, "--set=%s", settings->changes.values[i]);
    text_list_take(words, text_take(&text));
  }
  text_append(&text, "--set=training.batch_size=%zu", point->batch_size);
  text_list_take(words, text_take(&text));
  text_append(&text, "--set=training.shards=%zu", point->shards);
  text_list_take(words, text_take(&text));
}

static Status create_jobs(ScalingJobs *queue) {
  const Scaling *scaling = queue->scaling;
  size_t n_jobs = scaling->n_points * scaling->settings->n_repeats;
  Launcher launcher;
  TRY(launcher_find(scaling->settings->launcher, &launcher));
  queue->jobs = NEW_ARRAY(Job, n_jobs);
  queue->outputs = NEW_ARRAY(char *, n_jobs);
  queue->errors = NEW_ARRAY(char *, n_jobs);
  for (size_t i = 0; i < n_jobs; i++) {
    const ScalingPoint *point = &scaling->points[i % scaling->n_points];
    TextList words = {0};
    add_words(scaling, point, &words);
    queue->outputs[i] = scaling_output_path(scaling, point, i / scaling->n_points, "json");
    queue->errors[i] = scaling_output_path(scaling, point, i / scaling->n_points, "log");
    unlink(queue->outputs[i]);
    unlink(queue->errors[i]);
    queue->jobs[i] = (Job){.output = queue->outputs[i], .errors = queue->errors[i]};
    launcher_add_words(&launcher, (int)point->ranks, &words, &queue->jobs[i].words);
    text_list_release(&words);
  }
  queue->n_jobs = n_jobs;
  launcher_release(&launcher);
  return OK;
}

static void release_jobs(ScalingJobs *queue) {
  for (size_t i = 0; i < queue->n_jobs; i++) {
    text_list_release(&queue->jobs[i].words);
    memory_release(queue->outputs[i]);
    memory_release(queue->errors[i]);
  }
  memory_release(queue->jobs);
  memory_release(queue->outputs);
  memory_release(queue->errors);
}

/* The median of a part of the step; NaN if the document lacks it. */
static double part_seconds(const Json *document, const char *part) {
  const Json *rows = json_member(document, "rows");
  for (size_t i = 0; i < json_count(rows); i++) {
    const Json *row = json_item(rows, i);
    const char *name = json_as_text(json_member(row, "part"));
    size_t length = strlen(part);
    if (!name || strncmp(name, part, length) != 0 || (name[length] && name[length] != ' ')) {
      continue;
    }
    return json_as_real(json_member(json_member(row, "seconds"), "median"));
  }
  return NAN;
}

static void take_text(const Json *object, const char *key, char *out, size_t bytes) {
  const char *text = json_as_text(json_member(object, key));
  snprintf(out, bytes, "%s", text ? text : "");
}

static Status read_measurement(const char *path, ScalingMeasurement *out) {
  char *bytes;
  size_t count;
  Json *document;
  TRY(file_read(path, &bytes, &count));
  Status status = json_parse(bytes, count, path, &document);
  memory_release(bytes);
  TRY(status);
  const Json *run = json_member(document, "run");
  int64_t rank = 0;
  *out = (ScalingMeasurement){.step_s = part_seconds(document, "step"),
                              .waiting_s = part_seconds(document, "waiting"),
                              .bytes_sent = json_as_real(json_member(run, "bytes_sent")),
                              .slowest_s = json_as_real(json_member(run, "slowest_seconds")),
                              .mean_s = json_as_real(json_member(run, "mean_seconds"))};
  for (size_t p = 0; p < STEP_PHASES; p++) {
    out->phases_s[p] = part_seconds(document, step_phase_names[p]);
  }
  json_as_whole(json_member(run, "batch_size"), &out->batch_size);
  json_as_whole(json_member(run, "slowest_rank"), &rank);
  out->slowest_rank = (int)rank;
  take_text(run, "slowest_host", out->slowest_host, sizeof out->slowest_host);
  take_text(run, "parameter_hash", out->hash, sizeof out->hash);
  json_release(document);
  if (out->step_s > 0 && out->hash[0]) return OK;
  return fail(ERR_DATA, "%s: found no times of steps, expected those of bench step --json", path);
}

/* A measurement that failed has said why. */
static Status fail_as(const Job *job) {
  static const Status known[] = {ERR_CONFIG,   ERR_DATA,   ERR_NO_INPUT,
                                 ERR_DIVERGED, ERR_OUTPUT, ERR_STOPPED};
  Status status = ERR_INTERNAL;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (job->code == status_exit_code(known[i])) status = known[i];
  }
  char *words = job_last_words(job);
  fail(status, "bench step ended with code %d: %s (%s)", job->code, words, job->errors);
  memory_release(words);
  return status;
}

/* A run takes no more samples at a time than there are. */
static Status check_batch(const ScalingPoint *point, const ScalingMeasurement *found) {
  if (found->batch_size == (int64_t)point->batch_size) return OK;
  return fail(ERR_CONFIG,
              "training.batch_size: found %lld samples for a batch of %zu on %zu ranks; choose a "
              "smaller batch, or fewer ranks",
              (long long)found->batch_size, point->batch_size, point->ranks);
}

static Status take_job(void *context, size_t index) {
  ScalingJobs *queue = context;
  Scaling *scaling = queue->scaling;
  const Job *job = &queue->jobs[index];
  if (job->code != 0) return fail_as(job);
  ScalingPoint *point = &scaling->points[index % scaling->n_points];
  ScalingMeasurement *found = &point->measurements[point->n];
  TRY(read_measurement(job->output, found));
  TRY(check_batch(point, found));
  point->n++;
  log_note("[%zu/%zu] %s, %zu rank%s: %.4f ms a step", index + 1, queue->n_jobs,
           point->is_weak ? "weak" : "strong", point->ranks, point->ranks == 1 ? "" : "s",
           1e3 * found->step_s);
  return OK;
}

/* The promise of strong scaling: whatever the ranks, the same parameters. */
static Status compare_hashes(const Scaling *scaling) {
  const ScalingPoint *first = &scaling->points[0];
  for (size_t i = 0; i < scaling->n_points; i++) {
    const ScalingPoint *point = &scaling->points[i];
    for (size_t r = 0; r < point->n && !point->is_weak; r++) {
      if (strcmp(point->measurements[r].hash, first->measurements[0].hash) == 0) continue;
      return fail(ERR_INTERNAL, "%zu ranks gave the parameters xxh3:%s, %zu ranks xxh3:%s",
                  first->ranks, first->measurements[0].hash, point->ranks,
                  point->measurements[r].hash);
    }
  }
  return OK;
}

Status scaling_measure(Scaling *scaling) {
  ScalingJobs queue = {.scaling = scaling};
  TRY(create_jobs(&queue));
  Status status = job_queue_run(queue.jobs, queue.n_jobs, 1, take_job, &queue);
  release_jobs(&queue);
  return status == OK ? compare_hashes(scaling) : status;
}
