/* io/records: the same rows as CSV and as JSON. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/records.h"

#include <cmocka.h>

static void assert_csv(const Records *records, const char *expected) {
  char *text = records_csv(records);
  assert_string_equal(text, expected);
  memory_release(text);
}

static void assert_json(const Records *records, const char *expected) {
  Json *rows = records_json(records);
  char *text = json_text(rows, false);
  assert_string_equal(text, expected);
  memory_release(text);
  json_release(rows);
}

static void rows_are_the_same_in_both_forms(void **state) {
  (void)state;
  Records *records = records_create();
  records_column(records, "sample");
  records_column(records, "name_%d", 1);
  records_column(records, "probability");
  records_whole(records, 0), records_text(records, "cat"), records_real(records, .5);
  records_whole(records, 1), records_text(records, "dog"), records_real(records, (double).1f);
  assert_csv(records, "sample,name_1,probability\n0,cat,0.5\n1,dog,0.100000001\n");
  assert_json(records, "[{\"sample\":0,\"name_1\":\"cat\",\"probability\":0.5},"
                       "{\"sample\":1,\"name_1\":\"dog\",\"probability\":0.100000001}]");
  records_destroy(records);
}

static void no_rows_are_a_header_and_an_empty_array(void **state) {
  (void)state;
  Records *records = records_create();
  records_column(records, "sample");
  records_column(records, "class");
  assert_csv(records, "sample,class\n");
  assert_json(records, "[]");
  records_destroy(records);
  records_destroy(NULL);
}

static void texts_with_delimiters_and_quotes_are_quoted(void **state) {
  (void)state;
  Records *records = records_create();
  records_column(records, "a,b");
  records_column(records, "c");
  records_text(records, "say \"%s\""), records_text(records, "two\nlines");
  records_text(records, "plain text"), records_text(records, "");
  assert_csv(records, "\"a,b\",c\n\"say \"\"%s\"\"\",\"two\nlines\"\nplain text,\n");
  records_destroy(records);
}

static void number_that_is_not_finite_is_empty_or_null(void **state) {
  (void)state;
  Records *records = records_create();
  records_column(records, "x");
  records_column(records, "y");
  records_real(records, NAN), records_real(records, -INFINITY);
  assert_csv(records, "x,y\n,\n");
  assert_json(records, "[{\"x\":null,\"y\":null}]");
  records_destroy(records);
}

static void many_rows_keep_their_order(void **state) {
  (void)state;
  Records *records = records_create();
  records_column(records, "i");
  for (size_t i = 0; i < 5000; i++) records_whole(records, i);
  char *text = records_csv(records);
  size_t row = 0;
  for (char *line = strtok(text, "\n"); (line = strtok(NULL, "\n")); row++) {
    char expected[16];
    snprintf(expected, sizeof expected, "%zu", row);
    assert_string_equal(line, expected);
  }
  assert_int_equal(row, 5000);
  memory_release(text);
  records_destroy(records);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_are_the_same_in_both_forms),
      cmocka_unit_test(no_rows_are_a_header_and_an_empty_array),
      cmocka_unit_test(texts_with_delimiters_and_quotes_are_quoted),
      cmocka_unit_test(number_that_is_not_finite_is_empty_or_null),
      cmocka_unit_test(many_rows_keep_their_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
