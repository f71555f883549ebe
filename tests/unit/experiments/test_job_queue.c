/* experiments/job_queue and io/process: real programs, their codes, their words, their end. */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "experiments/job_queue.h"
#include "io/file.h"
#include "support/temp_files.h"
#include "training/stop_request.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

/* A job that lets the shell run a script. */
static Job make_job(const char *output, const char *script) {
  Job job = {.output = temp_path(output)};
  text_list_add(&job.words, "sh");
  text_list_add(&job.words, "-c");
  text_list_add(&job.words, script);
  return job;
}

typedef struct Ends {
  size_t count;
  size_t order[8];
  Status answer;
} Ends;

static Status take_end(void *context, size_t job) {
  Ends *ends = context;
  ends->order[ends->count++] = job;
  return ends->answer;
}

static void release_jobs(Job *jobs, size_t count) {
  for (size_t i = 0; i < count; i++) text_list_release(&jobs[i].words);
}

static void jobs_give_their_codes_and_words(void **state) {
  (void)state;
  Job jobs[] = {make_job("a", "echo one; echo two; echo"),
                make_job("b", "echo lockstep: bad >&2; echo more; exit 66"),
                make_job("c", "kill -TERM $$")};
  Ends ends = {0};
  assert_int_equal(job_queue_run(jobs, 3, 1, take_end, &ends), OK);
  assert_int_equal(ends.count, 3);
  for (size_t i = 0; i < 3; i++) assert_int_equal(ends.order[i], i);
  assert_int_equal(jobs[0].code, 0);
  assert_int_equal(jobs[1].code, 66);
  assert_int_equal(jobs[2].code, 128 + SIGTERM);
  static const char *const words[] = {"two", "lockstep: bad", "it said nothing"};
  for (size_t i = 0; i < 3; i++) {
    char *found = job_last_words(&jobs[i]);
    assert_string_equal(found, words[i]);
    memory_release(found);
  }
  release_jobs(jobs, 3);
}

static void jobs_run_at_the_same_time(void **state) {
  (void)state;
  /* Each waits for a file that the other makes. */
  char meet[2][256];
  for (int i = 0; i < 2; i++) {
    snprintf(meet[i], sizeof meet[i],
             "cd %s; touch here_%d; for i in $(seq 200); do [ -e here_%d ] && exit 0; sleep 0.05; "
             "done; exit 1",
             temp_folder(), i, 1 - i);
  }
  Job jobs[] = {make_job("d", meet[0]), make_job("e", meet[1])};
  Ends ends = {0};
  assert_int_equal(job_queue_run(jobs, 2, 2, take_end, &ends), OK);
  assert_int_equal(jobs[0].code + jobs[1].code, 0);
  release_jobs(jobs, 2);
}

static void a_program_that_is_not_there_gives_127(void **state) {
  (void)state;
  Job job = {.output = temp_path("f")};
  text_list_add(&job.words, "/no/such/program");
  Ends ends = {0};
  assert_int_equal(job_queue_run(&job, 1, 1, take_end, &ends), OK);
  assert_int_equal(job.code, 127);
  char *found = job_last_words(&job);
  assert_non_null(strstr(found, "cannot start: No such file"));
  memory_release(found);
  release_jobs(&job, 1);
}

static void a_failing_observer_stops_the_others(void **state) {
  (void)state;
  Job jobs[] = {make_job("g", "exit 3"), make_job("h", "exec sleep 60"), make_job("i", "exit 0")};
  Ends ends = {.answer = ERR_DATA};
  double begin = clock_monotonic_s();
  assert_int_equal(job_queue_run(jobs, 3, 2, take_end, &ends), ERR_DATA);
  assert_true(clock_monotonic_s() - begin < 30);
  assert_int_equal(jobs[1].code, 128 + SIGTERM);
  assert_int_equal(jobs[2].process, 0);
  release_jobs(jobs, 3);
}

static void an_output_that_cannot_be_is_refused(void **state) {
  (void)state;
  Job job = make_job("none/j", "exit 0");
  Ends ends = {0};
  assert_int_equal(job_queue_run(&job, 1, 1, take_end, &ends), ERR_OUTPUT);
  release_jobs(&job, 1);
}

/* The last test: nothing takes the request back. */
static void a_request_to_stop_reaches_all_jobs(void **state) {
  (void)state;
  stop_request_listen();
  Job jobs[] = {make_job("k", "trap 'exit 75' TERM; kill -USR1 $PPID; sleep 60 & wait"),
                make_job("l", "exit 0")};
  Ends ends = {0};
  assert_int_equal(job_queue_run(jobs, 2, 1, take_end, &ends), ERR_STOPPED);
  assert_int_equal(jobs[0].code, 75);
  assert_int_equal(ends.count, 1);
  release_jobs(jobs, 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(jobs_give_their_codes_and_words),
      cmocka_unit_test(jobs_run_at_the_same_time),
      cmocka_unit_test(a_program_that_is_not_there_gives_127),
      cmocka_unit_test(a_failing_observer_stops_the_others),
      cmocka_unit_test(an_output_that_cannot_be_is_refused),
      cmocka_unit_test(a_request_to_stop_reaches_all_jobs),
  };
  return cmocka_run_group_tests_name("experiments/job_queue", tests, temp_folder_create,
                                     temp_folder_remove);
}
