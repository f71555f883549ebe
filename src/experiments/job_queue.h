#pragma once
/* Jobs: programs that run one after the other, or several at a time.
 *
 * Ranks       local, before MPI
 */

#include <stddef.h>

#include "base/status.h"
#include "base/text_list.h"

typedef struct Job {
  TextList words;     /* the program and its arguments */
  const char *output; /* what it prints goes to this file; borrowed */
  const char *errors; /* what it complains of; NULL: to the same file; borrowed */
  int process;
  int code; /* exit code, once it has ended */
} Job;

/* Who is told when a job has ended; a failure ends the queue. */
typedef Status (*JobObserver)(void *context, size_t job);

/* Runs all jobs in their order, `parallel` at a time. When this process is asked to stop, or a job
 * cannot be started, or the observer fails, the jobs that run are asked to stop, and waited for.
 *
 * Errors      ERR_STOPPED; as process_start; as the observer
 */
Status job_queue_run(Job *jobs, size_t n_jobs, size_t parallel, JobObserver ended, void *context);

/* The last line of a job's complaints, for messages: of Lockstep's own if there is any, else the
 * last that says something. Ownership: memory_release. */
char *job_last_words(const Job *job);
