/* base/status: codes, the message of the latest failure, and the ways up. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/status.h"

/* Before cmocka.h, whose macro `fail` would hide ours. */
static Status refuse(Status code, const char *words) {
  return fail(code, "%s", words);
}

static Status add_place(Status status) {
  return fail(status, "data.csv:3: %s", status_message());
}

static Status refuse_long(size_t count) {
  char words[4 * STATUS_MESSAGE_BYTES];
  memset(words, 'x', sizeof words);
  words[count] = '\0';
  return fail(ERR_DATA, "%s", words);
}

static Status go_up(Status inner, int *steps) {
  TRY(inner);
  ++*steps;
  return OK;
}

static Status clean_up(Status inner, int *steps) {
  Status status = OK;
  TRY_TO(failed, inner);
  ++*steps;
failed:
  *steps += 10;
  return status;
}

#include <cmocka.h>

static void failure_returns_its_code_and_keeps_its_message(void **state) {
  (void)state;
  assert_int_equal(refuse(ERR_DATA, "found 3, expected 4"), ERR_DATA);
  assert_string_equal(status_message(), "found 3, expected 4");
  refuse(ERR_IO, "later");
  assert_string_equal(status_message(), "later");
}

static void failure_may_add_words_to_the_message_before(void **state) {
  (void)state;
  assert_int_equal(add_place(refuse(ERR_CONFIG, "no target")), ERR_CONFIG);
  assert_string_equal(status_message(), "data.csv:3: no target");
}

static void message_that_is_too_long_is_cut(void **state) {
  (void)state;
  refuse_long(STATUS_MESSAGE_BYTES - 1);
  assert_int_equal(strlen(status_message()), STATUS_MESSAGE_BYTES - 1);
  refuse_long(3 * STATUS_MESSAGE_BYTES);
  assert_int_equal(strlen(status_message()), STATUS_MESSAGE_BYTES - 1);
}

static void message_is_one_line_whatever_the_names_in_it_are(void **state) {
  (void)state;
  add_place(refuse(ERR_DATA, "found 'a\nb\x1b[31m', expected 'caf\xc3\xa9'"));
  assert_string_equal(status_message(),
                      "data.csv:3: found 'a\\nb\\x1b[31m', expected 'caf\xc3\xa9'");
}

static void try_returns_at_the_first_failure(void **state) {
  (void)state;
  int steps = 0;
  assert_int_equal(go_up(OK, &steps), OK);
  assert_int_equal(steps, 1);
  assert_int_equal(go_up(ERR_OUTPUT, &steps), ERR_OUTPUT);
  assert_int_equal(steps, 1);
}

static void try_to_passes_the_cleanup(void **state) {
  (void)state;
  int steps = 0;
  assert_int_equal(clean_up(OK, &steps), OK);
  assert_int_equal(steps, 11);
  assert_int_equal(clean_up(ERR_IO, &steps), ERR_IO);
  assert_int_equal(steps, 21);
}

static void exit_codes_are_those_of_the_design(void **state) {
  (void)state;
  static const int codes[] = {
      [OK] = 0,          [DIFFERENT] = 1,     [ERR_USAGE] = 64,    [ERR_CONFIG] = 64,
      [ERR_DATA] = 65,   [ERR_NO_INPUT] = 66, [ERR_DIVERGED] = 71, [ERR_INTERNAL] = 70,
      [ERR_OUTPUT] = 73, [ERR_IO] = 74,       [ERR_STOPPED] = 75,
  };
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    assert_int_equal(status_exit_code((Status)i), codes[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(failure_returns_its_code_and_keeps_its_message),
      cmocka_unit_test(failure_may_add_words_to_the_message_before),
      cmocka_unit_test(message_that_is_too_long_is_cut),
      cmocka_unit_test(message_is_one_line_whatever_the_names_in_it_are),
      cmocka_unit_test(try_returns_at_the_first_failure),
      cmocka_unit_test(try_to_passes_the_cleanup),
      cmocka_unit_test(exit_codes_are_those_of_the_design),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
