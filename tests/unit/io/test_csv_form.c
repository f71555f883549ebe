/* io/csv_form: delimiter, header and columns of text, guessed from the first rows. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "io/csv_form.h"
#include "support/temp_files.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static CsvForm guess(const char *text) {
  CsvForm form;
  if (csv_form_guess(temp_write_text("form.csv", text), &form) != OK) {
    fail_msg("%s", status_message());
  }
  return form;
}

static void assert_form(const char *text, char delimiter, bool header, size_t n_columns,
                        size_t n_text_columns) {
  CsvForm form = guess(text);
  assert_int_equal(form.delimiter, delimiter);
  assert_int_equal(form.header, header);
  assert_int_equal(form.n_columns, n_columns);
  assert_int_equal(form.n_text_columns, n_text_columns);
}

static void every_delimiter_is_found(void **state) {
  (void)state;
  assert_form("1,2,3\n4,5,6\n", ',', false, 3, 0);
  assert_form("1;2;3\r\n4;5;6\r\n", ';', false, 3, 0);
  assert_form("1\t2\n4\t5\n", '\t', false, 2, 0);
  assert_form("1|2\n4|5\n", '|', false, 2, 0);
  assert_form("1 2\n4 5\n", ' ', false, 2, 0);
}

static void delimiter_inside_quotes_is_none(void **state) {
  (void)state;
  assert_form("\"a;b\",c\n\"1;;2\",3\n", ',', true, 2, 1);
  assert_form("\"a\nb\",c\n1,2\n", ',', true, 2, 0);
}

static void delimiter_gives_every_row_as_many_fields(void **state) {
  (void)state;
  assert_form("1,5;2;3\n4;5,25;6,5\n", ';', false, 3, 3);
  assert_form("a b,c\n1,2\n", ',', true, 2, 0);
}

static void one_column_is_one(void **state) {
  (void)state;
  assert_form("x\n1\n2\n", ',', true, 1, 0);
}

static void header_is_a_row_with_more_text_than_the_next(void **state) {
  (void)state;
  assert_form("x,y,class\n1,2,a\n3,4,b\n", ',', true, 3, 1);
  assert_form("1,2,a\n3,4,b\n", ',', false, 3, 1);
  assert_form("0,1,2\n3,4,5\n", ',', false, 3, 0);
  assert_form("x,y\n", ',', false, 2, 2);
}

static void column_with_text_in_any_row_is_named(void **state) {
  (void)state;
  CsvForm form = guess("x,y,z\n1,2,3\n4,red,6\n");
  assert_int_equal(form.n_text_columns, 1);
  assert_int_equal(form.text_column, 1);
  assert_int_equal(guess("1,2\n3,4\n").text_column, 2);
}

static void blank_lines_and_missing_ends_do_no_harm(void **state) {
  (void)state;
  assert_form("\xEF\xBB\xBFx,y\n1,2\n3,4", ',', true, 2, 0);
  assert_form("x,y\n1,2\n\n", ',', true, 2, 0);
  assert_form("x,y\n1,\n,4\n", ',', true, 2, 0);
}

static void gzipped_file_is_read(void **state) {
  (void)state;
  CsvForm form;
  const char text[] = "a;b\n1;2\n";
  assert_int_equal(csv_form_guess(temp_write_gzip("form.csv.gz", text, strlen(text)), &form), OK);
  assert_int_equal(form.delimiter, ';');
}

static void long_file_is_judged_by_its_whole_rows(void **state) {
  (void)state;
  Text text = {0};
  for (int i = 0; i < 400000; i++) text_append(&text, "%d,%d\n", i, i);
  assert_form(text.bytes, ',', false, 2, 0);
  text_release(&text);
}

static void row_of_another_length_is_refused_by_its_line(void **state) {
  (void)state;
  static const struct {
    const char *text, *words;
  } files[] = {{"a,b,c\n1,2,3\n1,2\n", ":3: found 2 fields, expected 3 as in the first row"},
               {"a;b;c\n1;2;3;4\n", ":2: found 4 fields, expected 3 as in the first row"},
               {"a,\"b\n\"\n1,2\n\n5\n", ":5: found 1 field, expected 2 as in the first row"}};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    CsvForm form;
    assert_int_equal(csv_form_guess(temp_write_text("uneven.csv", files[i].text), &form), ERR_DATA);
    assert_non_null(strstr(status_message(), files[i].words));
  }
}

static void what_is_no_text_is_refused(void **state) {
  (void)state;
  CsvForm form;
  assert_int_equal(csv_form_guess(temp_write("bytes", "\0\0\10\1", 4), &form), ERR_DATA);
  assert_int_equal(csv_form_guess(temp_write("nothing", "", 0), &form), ERR_DATA);
  assert_int_equal(csv_form_guess(temp_path("missing"), &form), ERR_NO_INPUT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_delimiter_is_found),
      cmocka_unit_test(delimiter_inside_quotes_is_none),
      cmocka_unit_test(delimiter_gives_every_row_as_many_fields),
      cmocka_unit_test(one_column_is_one),
      cmocka_unit_test(header_is_a_row_with_more_text_than_the_next),
      cmocka_unit_test(column_with_text_in_any_row_is_named),
      cmocka_unit_test(blank_lines_and_missing_ends_do_no_harm),
      cmocka_unit_test(gzipped_file_is_read),
      cmocka_unit_test(long_file_is_judged_by_its_whole_rows),
      cmocka_unit_test(row_of_another_length_is_refused_by_its_line),
      cmocka_unit_test(what_is_no_text_is_refused),
  };
  return cmocka_run_group_tests(tests, temp_folder_create, temp_folder_remove);
}
