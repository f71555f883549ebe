#include "experiments/job_queue.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/file.h"
#include "io/process.h"
#include "training/stop_request.h"

typedef struct JobQueue {
  Job *jobs;
  size_t n_jobs, n_started, n_ended;
  size_t *running; /* (parallel): indices of jobs */
  size_t n_running;
  JobObserver ended;
  void *context;
} JobQueue;

static const char *errors_of(const Job *job) {
  return job->errors ? job->errors : job->output;
}

static Status start_next(JobQueue *queue) {
  Job *job = &queue->jobs[queue->n_started];
  TRY(process_start(&job->words, job->output, errors_of(job), &job->process));
  queue->running[queue->n_running++] = queue->n_started++;
  return OK;
}

/* Takes note of the jobs that have ended since it last looked. */
static Status collect(JobQueue *queue) {
  Status status = OK;
  for (size_t i = 0; i < queue->n_running;) {
    size_t index = queue->running[i];
    Job *job = &queue->jobs[index];
    if (!process_has_ended(job->process, &job->code)) {
      i++;
      continue;
    }
    queue->running[i] = queue->running[--queue->n_running];
    queue->n_ended++;
    if (status == OK) status = queue->ended(queue->context, index);
  }
  return status;
}

static void wait_a_little(void) {
  const struct timespec pause = {.tv_nsec = 5000000};
  nanosleep(&pause, NULL);
}

static void stop_all(JobQueue *queue) {
  for (size_t i = 0; i < queue->n_running; i++) {
    process_ask_to_stop(queue->jobs[queue->running[i]].process);
  }
  while (queue->n_running > 0) {
    collect(queue);
    wait_a_little();
  }
}

static Status run_all(JobQueue *queue, size_t parallel) {
  while (queue->n_ended < queue->n_jobs) {
    if (stop_requested()) return fail(ERR_STOPPED, "stopped on request");
    while (queue->n_running < parallel && queue->n_started < queue->n_jobs) TRY(start_next(queue));
    TRY(collect(queue));
    wait_a_little();
  }
  return OK;
}

Status job_queue_run(Job *jobs, size_t n_jobs, size_t parallel, JobObserver ended, void *context) {
  JobQueue queue = {.jobs = jobs, .n_jobs = n_jobs, .ended = ended, .context = context};
  queue.running = NEW_ARRAY(size_t, parallel);
  Status status = run_all(&queue, parallel);
  if (status != OK) {
    char message[STATUS_MESSAGE_BYTES];
    strcpy(message, status_message());
    stop_all(&queue);
    fail(status, "%s", message);
  }
  memory_release(queue.running);
  return status;
}

static bool says_something(const char *line, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (isalpha((unsigned char)line[i])) return true;
  }
  return false;
}

/* Launchers have much to say behind the program's one line, which begins with its name. */
char *job_last_words(const Job *job) {
  static const char own[] = "lockstep: ";
  char *bytes;
  size_t count, begin = 0;
  if (file_read(errors_of(job), &bytes, &count) != OK) return memory_copy_text("it said nothing");
  Text last = {0};
  bool is_own = false;
  while (begin < count) {
    const char *line = bytes + begin, *end = memchr(line, '\n', count - begin);
    size_t length = end ? (size_t)(end - line) : count - begin;
    bool is_ours = length >= strlen(own) && strncmp(line, own, strlen(own)) == 0;
    if (is_ours || (!is_own && says_something(line, length))) {
      last.length = 0;
      text_append_bytes(&last, line, length);
      is_own = is_ours;
    }
    begin += length + 1;
  }
  memory_release(bytes);
  return last.length > 0 ? text_take(&last) : memory_copy_text("it said nothing");
}
