/* base/trial: what crashes or does not end does so in the child alone. */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/trial.h"

#include <cmocka.h>

static int value = 1;

static void change(void *context) {
  value = 2;
  *(int *)context = 2;
}

static void crash(void *context) {
  (void)context;
  signal(SIGSEGV, SIG_DFL); /* the test framework has a handler */
  raise(SIGSEGV);
}

static void end_fatally(void *context) {
  fatal(__FILE__, __LINE__, "%s", (const char *)context);
}

static void end_early(void *context) {
  (void)context;
  _exit(3);
}

static void hang(void *context) {
  (void)context;
  for (;;) pause();
}

static void trial_that_ends_is_survived_and_changes_nothing(void **state) {
  (void)state;
  int other = 1;
  assert_true(trial_survived(change, &other, 10));
  assert_int_equal(value + other, 2);
}

static void trial_that_crashes_is_not(void **state) {
  (void)state;
  char words[] = "words that nobody sees";
  assert_false(trial_survived(crash, NULL, 10));
  assert_false(trial_survived(end_fatally, words, 10));
  assert_false(trial_survived(end_early, NULL, 10));
}

static void trial_that_does_not_end_is_ended(void **state) {
  (void)state;
  assert_false(trial_survived(hang, NULL, 1));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(trial_that_ends_is_survived_and_changes_nothing),
      cmocka_unit_test(trial_that_crashes_is_not),
      cmocka_unit_test(trial_that_does_not_end_is_ended),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
