/* report/progress and report/terminal: the line that is drawn over itself, and where it may be. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "report/progress.h"
#include "report/terminal.h"

#include <cmocka.h>

static void bar_grows_with_what_is_done(void **state) {
  (void)state;
  char line[PROGRESS_LINE_BYTES];
  assert_string_equal(progress_line(line, 80, 0, "x"), "[>                   ] x");
  assert_string_equal(progress_line(line, 80, 0.5, "x"), "[==========>         ] x");
  assert_string_equal(progress_line(line, 80, 0.99, "x"), "[===================>] x");
  assert_string_equal(progress_line(line, 80, 1, "x"), "[====================] x");
}

static void line_leaves_the_last_column_of_the_terminal_free(void **state) {
  (void)state;
  char line[PROGRESS_LINE_BYTES];
  for (int columns = 2; columns < 40; columns++) {
    progress_line(line, columns, 0.3, "epoch 1/5");
    size_t whole = strlen("[======>             ] epoch 1/5");
    size_t room = (size_t)columns - 1;
    assert_int_equal(strlen(line), whole < room ? whole : room);
  }
}

static void line_that_is_very_long_is_cut(void **state) {
  (void)state;
  char line[PROGRESS_LINE_BYTES], text[4 * PROGRESS_LINE_BYTES];
  memset(text, 'x', sizeof text);
  text[sizeof text - 1] = '\0';
  progress_line(line, 100000, 0.3, text);
  assert_int_equal(strlen(line), PROGRESS_LINE_BYTES - 1);
}

static void terminal_is_as_wide_as_the_launcher_says(void **state) {
  (void)state;
  setenv("LOCKSTEP_TERMINAL_COLUMNS", "91", 1);
  assert_int_equal(terminal_columns(), 91);
  unsetenv("LOCKSTEP_TERMINAL_COLUMNS");
}

static void terminal_behind_mpirun_is_none_unless_the_launcher_says_so(void **state) {
  (void)state;
  setenv("OMPI_COMM_WORLD_RANK", "0", 1);
  static const char *const nonsense[] = {"0", "-5", "wide", ""};
  for (size_t i = 0; i < 4; i++) {
    setenv("LOCKSTEP_TERMINAL_COLUMNS", nonsense[i], 1);
    assert_int_equal(terminal_columns(), 0);
  }
  unsetenv("LOCKSTEP_TERMINAL_COLUMNS");
  assert_int_equal(terminal_columns(), 0);
  unsetenv("OMPI_COMM_WORLD_RANK");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bar_grows_with_what_is_done),
      cmocka_unit_test(line_leaves_the_last_column_of_the_terminal_free),
      cmocka_unit_test(line_that_is_very_long_is_cut),
      cmocka_unit_test(terminal_is_as_wide_as_the_launcher_says),
      cmocka_unit_test(terminal_behind_mpirun_is_none_unless_the_launcher_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
