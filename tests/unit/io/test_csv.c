/* io/csv: quoting, line ends, the header, the text column, and what is refused. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "io/csv.h"
#include "support/temp_files.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static const CsvOptions with_header = {.header = true, .delimiter = ','};
static const CsvOptions without_header = {.header = false, .delimiter = ','};
static const CsvOptions with_label = {.header = true, .delimiter = ',', .text_column = "label"};

/* Reads a file of this text, which has to succeed. */
static CsvTable read_text(const char *text, const CsvOptions *options) {
  CsvTable table;
  Status status = csv_read(temp_write_text("table.csv", text), options, &table);
  if (status != OK) fail_msg("%s", status_message());
  return table;
}

/* Reads a file of this text, which has to fail with `words` behind the path of the file. */
static void assert_refused(const char *text, const CsvOptions *options, const char *words) {
  const char *path = temp_write_text("refused.csv", text);
  char expected[512];
  snprintf(expected, sizeof expected, "%s:%s", path, words);
  CsvTable table;
  assert_int_equal(csv_read(path, options, &table), ERR_DATA);
  assert_string_equal(status_message(), expected);
  assert_int_equal(table.n_rows, 0);
  assert_null(table.blocks);
}

/* Compares all cells, row after row, and releases the table. */
static void assert_numbers(CsvTable *table, size_t n_rows, size_t n_columns,
                           const double *expected) {
  assert_int_equal(table->n_rows, n_rows);
  assert_int_equal(table->n_columns, n_columns);
  for (size_t i = 0; i < n_rows * n_columns; i++) {
    assert_true(csv_number(table, i / n_columns, i % n_columns) == expected[i]);
  }
  csv_release(table);
}

/* ---- reading ---- */

static void csv_with_a_header_has_names(void **state) {
  (void)state;
  CsvTable table = read_text("a,b\n1,2\n3,4\n", &with_header);
  assert_string_equal(table.names[0], "a");
  assert_string_equal(table.names[1], "b");
  assert_numbers(&table, 2, 2, (double[]){1, 2, 3, 4});
}

static void csv_without_a_header_has_no_names(void **state) {
  (void)state;
  CsvTable table = read_text("1,2\n3,4\n", &without_header);
  assert_null(table.names);
  assert_numbers(&table, 2, 2, (double[]){1, 2, 3, 4});
}

static void csv_gzipped_is_read(void **state) {
  (void)state;
  CsvTable table;
  assert_int_equal(csv_read(temp_write_gzip("t.csv.gz", "1,2\n3,4\n", 8), &without_header, &table),
                   OK);
  assert_numbers(&table, 2, 2, (double[]){1, 2, 3, 4});
}

static void csv_lines_may_end_in_crlf(void **state) {
  (void)state;
  CsvTable table = read_text("a,b\r\n1,2\r\n3,4\r\n", &with_header);
  assert_string_equal(table.names[1], "b");
  assert_numbers(&table, 2, 2, (double[]){1, 2, 3, 4});
}

static void csv_last_line_may_lack_its_end(void **state) {
  (void)state;
  CsvTable table = read_text("1,2\r\n3,4", &without_header);
  assert_numbers(&table, 2, 2, (double[]){1, 2, 3, 4});
}

static void csv_blank_last_lines_are_ignored(void **state) {
  (void)state;
  CsvTable table = read_text("1,2\n3,4\n\n\r\n\n", &without_header);
  assert_numbers(&table, 2, 2, (double[]){1, 2, 3, 4});
}

static void csv_byte_order_mark_is_skipped(void **state) {
  (void)state;
  CsvTable table = read_text("\xEF\xBB\xBFlabel,x\n1,2\n", &with_label);
  assert_string_equal(table.names[0], "label");
  assert_numbers(&table, 1, 2, (double[]){1, 2});
}

static void csv_delimiter_may_be_any_character(void **state) {
  (void)state;
  CsvOptions options = {.header = true, .delimiter = ';'};
  CsvTable table = read_text("a,b;c\n1;2\n", &options);
  assert_string_equal(table.names[0], "a,b");
  assert_numbers(&table, 1, 2, (double[]){1, 2});
}

static void csv_quoted_fields_keep_delimiters_quotes_and_newlines(void **state) {
  (void)state;
  CsvTable table =
      read_text("\"a,b\",\"say \"\"c\"\"\",\"two\nlines\"\n\"1\",2,\"3\"\n", &with_header);
  assert_string_equal(table.names[0], "a,b");
  assert_string_equal(table.names[1], "say \"c\"");
  assert_string_equal(table.names[2], "two\nlines");
  assert_numbers(&table, 1, 3, (double[]){1, 2, 3});
}

static void csv_numbers_are_read_in_all_their_forms(void **state) {
  (void)state;
  CsvTable table = read_text("-1.5,+2,.5,1e3\n 7 ,0.1,1E-2,-0\n", &without_header);
  assert_numbers(&table, 2, 4, (double[]){-1.5, 2, 0.5, 1000, 7, 0.1, 0.01, 0});
}

static void csv_larger_than_its_blocks_is_read(void **state) {
  (void)state;
  enum { N_ROWS = 200000 };
  const char *path = temp_path("large.csv");
  FILE *file = fopen(path, "w");
  for (int row = 0; row < N_ROWS; row++) fprintf(file, "%d,%d\n", row, -row);
  fclose(file);

  CsvTable table;
  assert_int_equal(csv_read(path, &without_header, &table), OK);
  assert_int_equal(table.n_rows, N_ROWS);
  for (size_t row = 0; row < N_ROWS; row++) {
    assert_true(csv_number(&table, row, 0) == (double)row);
    assert_true(csv_number(&table, row, 1) == -(double)row);
  }
  csv_release(&table);
}

/* ---- the text column ---- */

static void csv_text_column_is_kept_as_text(void **state) {
  (void)state;
  CsvTable table = read_text("x,label\n1,cat\n2,\"dog, big\"\n3,7\n", &with_label);
  assert_int_equal(table.text_column, 1);
  assert_string_equal(table.texts[0], "cat");
  assert_string_equal(table.texts[1], "dog, big");
  assert_string_equal(table.texts[2], "7");
  assert_true(csv_number(&table, 2, 0) == 3);
  csv_release(&table);
}

static void csv_text_column_of_numbers_has_no_texts(void **state) {
  (void)state;
  CsvTable table = read_text("x,label\n1,5\n2,6.5\n", &with_label);
  assert_null(table.texts);
  assert_numbers(&table, 2, 2, (double[]){1, 5, 2, 6.5});
}

static void csv_text_column_is_found_by_index(void **state) {
  (void)state;
  static const struct {
    const char *index;
    size_t column;
  } cases[] = {{"0", 0}, {"2", 2}, {"-1", 2}, {"-3", 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    CsvOptions options = {.header = i % 2, .delimiter = ',', .text_column = cases[i].index};
    CsvTable table = read_text("10,20,30\n4,5,6\n", &options);
    assert_int_equal(table.text_column, cases[i].column);
    csv_release(&table);
  }
}

static void csv_text_column_is_found_by_name_before_index(void **state) {
  (void)state;
  CsvOptions options = {.header = true, .delimiter = ',', .text_column = "0"};
  CsvTable table = read_text("2,1,0\n4,5,6\n", &options);
  assert_int_equal(table.text_column, 2);
  csv_release(&table);
}

static void csv_without_a_text_column_says_so(void **state) {
  (void)state;
  CsvTable table = read_text("1,2\n", &without_header);
  assert_int_equal(table.text_column, table.n_columns);
  csv_release(&table);
}

static void csv_column_text_names_the_column(void **state) {
  (void)state;
  char text[CSV_COLUMN_BYTES];
  CsvTable named = read_text("a,b\n1,2\n", &with_header);
  assert_string_equal(csv_column_text(&named, 1, text), "column 'b'");
  csv_release(&named);
  CsvTable nameless = read_text("1,2\n", &without_header);
  assert_string_equal(csv_column_text(&nameless, 1, text), "column 1 (from 0)");
  csv_release(&nameless);
}

/* ---- what is refused ---- */

static void csv_that_is_missing_is_refused_by_name(void **state) {
  (void)state;
  CsvTable table;
  assert_int_equal(csv_read("/no/such.csv", &with_header, &table), ERR_NO_INPUT);
  assert_string_equal(status_message(), "/no/such.csv: No such file or directory");
}

static void csv_that_is_a_folder_is_refused_by_name(void **state) {
  (void)state;
  CsvTable table;
  assert_int_equal(csv_read(temp_folder(), &with_header, &table), ERR_NO_INPUT);
  assert_non_null(strstr(status_message(), temp_folder()));
}

static void csv_that_is_empty_is_refused(void **state) {
  (void)state;
  assert_refused("", &with_header, " found an empty file, expected rows of numbers");
  assert_refused("\n\n", &without_header, " found an empty file, expected rows of numbers");
}

static void csv_of_a_header_alone_is_refused(void **state) {
  (void)state;
  assert_refused("a,b\n", &with_header, " found a header alone, expected rows below it");
}

static void csv_row_with_too_few_fields_is_refused(void **state) {
  (void)state;
  assert_refused("a,b\n1,2\n3\n", &with_header, "3: found 1 fields, expected 2");
}

static void csv_row_with_too_many_fields_is_refused(void **state) {
  (void)state;
  assert_refused("1,2\n3,4,\n", &without_header, "2: found 3 fields, expected 2");
}

static void csv_blank_line_between_rows_is_refused(void **state) {
  (void)state;
  assert_refused("1,2\n\n\n3,4\n", &without_header, "2: found a blank line");
}

static void csv_text_among_numbers_is_refused(void **state) {
  (void)state;
  assert_refused("a,b\n1,2\n3,x4\n", &with_header,
                 "3: found 'x4' in column 'b', expected a finite number");
  assert_refused("1,2\n3,4 5\n", &without_header,
                 "2: found '4 5' in column 1 (from 0), expected a finite number");
  assert_refused("0x10\n", &without_header,
                 "1: found '0x10' in column 0 (from 0), expected a finite number");
  assert_refused("1,\n", &without_header,
                 "1: found '' in column 1 (from 0), expected a finite number");
}

static void csv_numbers_that_are_not_finite_are_refused(void **state) {
  (void)state;
  static const char *const numbers[] = {"nan", "-NaN", "inf", "-Infinity", "1e999", "-1e999"};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    char text[64], words[128];
    snprintf(text, sizeof text, "x,label\n1,2\n3,%s\n", numbers[i]);
    snprintf(words, sizeof words, "3: found '%s' in column 'label', expected a finite number",
             numbers[i]);
    assert_refused(text, &with_header, words);

    /* The text column takes names; this is not one. */
    strcat(words, " or a name");
    assert_refused(text, &with_label, words);
  }
}

static void csv_empty_cell_in_the_text_column_is_refused(void **state) {
  (void)state;
  assert_refused("x,label\n1,cat\n2,\n", &with_label,
                 "3: found '' in column 'label', expected a finite number or a name");
  assert_refused("x,label\n1,cat\n2, \n", &with_label,
                 "3: found ' ' in column 'label', expected a finite number or a name");
}

static void csv_quote_that_is_never_closed_is_refused_where_it_opens(void **state) {
  (void)state;
  assert_refused("a,b\n1,\"2\n3,4\n", &with_header, "2: found a quote that is never closed");
}

static void csv_text_after_a_closing_quote_is_refused(void **state) {
  (void)state;
  assert_refused("1,\"2\"3\n", &without_header, "1: found text after a closing quote");
}

static void csv_lines_within_quotes_count(void **state) {
  (void)state;
  assert_refused("\"a\n\n\",b\n1,2\n3,?\n", &with_header,
                 "5: found '?' in column 'b', expected a finite number");
}

static void csv_message_stays_short_and_on_one_line(void **state) {
  (void)state;
  assert_refused("\"one\ntwo\"\n\"three\nfour\"\n", &with_header,
                 "3: found 'three?four' in column 'one?two', expected a finite number");
  assert_refused("1234567890123456789012345678901234567890xyz\n", &without_header,
                 "1: found '1234567890123456789012345678901234567890...' in column 0 (from 0), "
                 "expected a finite number");
}

static void csv_name_that_is_not_utf8_is_refused(void **state) {
  (void)state;
  CsvOptions last = {.delimiter = ',', .text_column = "-1"};
  assert_refused("1,gr\u00f6\u00dfer\n2,gr\xf6\xdf"
                 "er\n",
                 &last, "2: found the name 'gr??er', which is not UTF-8");
}

static void csv_with_a_zero_byte_is_refused(void **state) {
  (void)state;
  CsvTable table;
  const char *path = temp_write("zero.csv", "1,2\n3,\0\n", 8);
  assert_int_equal(csv_read(path, &without_header, &table), ERR_DATA);
  assert_non_null(strstr(status_message(), "zero.csv:2: found a zero byte"));
}

static void csv_unknown_text_column_is_refused_with_the_nearest_name(void **state) {
  (void)state;
  CsvOptions options = {.header = true, .delimiter = ',', .text_column = "lable"};
  assert_refused("x,label\n1,2\n", &options, "1: no column 'lable'; did you mean label?");
  options.text_column = "price";
  assert_refused("x,label\n1,2\n", &options, "1: no column 'price' among the 2 of the header");
}

static void csv_text_column_by_name_without_a_header_is_refused(void **state) {
  (void)state;
  CsvOptions options = {.header = false, .delimiter = ',', .text_column = "label"};
  assert_refused("1,2\n", &options, "1: no column label, expected -2 to 1");
}

static void csv_text_column_index_out_of_range_is_refused(void **state) {
  (void)state;
  CsvOptions options = {.header = true, .delimiter = ',', .text_column = "2"};
  assert_refused("a,b\n1,2\n", &options, "1: no column 2, expected a name or -2 to 1");
  options.text_column = "-3";
  assert_refused("a,b\n1,2\n", &options, "1: no column -3, expected a name or -2 to 1");
}

static void csv_text_column_name_that_stands_twice_is_refused(void **state) {
  (void)state;
  assert_refused("label,x,label\n1,2,3\n", &with_label,
                 "1: found two columns 'label', expected one");
}

/* ---- damaged gzip data ---- */

static void csv_with_a_wrong_gzip_checksum_is_refused(void **state) {
  (void)state;
  enum { CHECKSUM_FROM_END = 8 };
  CsvTable table;
  const char *path = temp_write_gzip("checksum.csv.gz", "1,2\n3,4\n", 8);
  temp_flip(path, CHECKSUM_FROM_END);
  assert_int_equal(csv_read(path, &without_header, &table), ERR_DATA);
  assert_non_null(strstr(status_message(), "incorrect data check: the gzip data are corrupt"));
}

static void csv_with_gzip_data_cut_off_is_refused(void **state) {
  (void)state;
  CsvTable table;
  const char *path = temp_write_gzip("cut.csv.gz", "1,2\n3,4\n\"5\n", 11);
  for (int cut = 0; cut < 12; cut++) {
    temp_cut(path, 1);
    assert_int_equal(csv_read(path, &without_header, &table), ERR_DATA);
    assert_non_null(strstr(status_message(), "unexpected end of file"));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(csv_with_a_header_has_names),
      cmocka_unit_test(csv_without_a_header_has_no_names),
      cmocka_unit_test(csv_gzipped_is_read),
      cmocka_unit_test(csv_lines_may_end_in_crlf),
      cmocka_unit_test(csv_last_line_may_lack_its_end),
      cmocka_unit_test(csv_blank_last_lines_are_ignored),
      cmocka_unit_test(csv_byte_order_mark_is_skipped),
      cmocka_unit_test(csv_delimiter_may_be_any_character),
      cmocka_unit_test(csv_quoted_fields_keep_delimiters_quotes_and_newlines),
      cmocka_unit_test(csv_numbers_are_read_in_all_their_forms),
      cmocka_unit_test(csv_larger_than_its_blocks_is_read),
      cmocka_unit_test(csv_text_column_is_kept_as_text),
      cmocka_unit_test(csv_text_column_of_numbers_has_no_texts),
      cmocka_unit_test(csv_text_column_is_found_by_index),
      cmocka_unit_test(csv_text_column_is_found_by_name_before_index),
      cmocka_unit_test(csv_without_a_text_column_says_so),
      cmocka_unit_test(csv_column_text_names_the_column),
      cmocka_unit_test(csv_that_is_missing_is_refused_by_name),
      cmocka_unit_test(csv_that_is_a_folder_is_refused_by_name),
      cmocka_unit_test(csv_that_is_empty_is_refused),
      cmocka_unit_test(csv_of_a_header_alone_is_refused),
      cmocka_unit_test(csv_row_with_too_few_fields_is_refused),
      cmocka_unit_test(csv_row_with_too_many_fields_is_refused),
      cmocka_unit_test(csv_blank_line_between_rows_is_refused),
      cmocka_unit_test(csv_text_among_numbers_is_refused),
      cmocka_unit_test(csv_numbers_that_are_not_finite_are_refused),
      cmocka_unit_test(csv_empty_cell_in_the_text_column_is_refused),
      cmocka_unit_test(csv_quote_that_is_never_closed_is_refused_where_it_opens),
      cmocka_unit_test(csv_text_after_a_closing_quote_is_refused),
      cmocka_unit_test(csv_lines_within_quotes_count),
      cmocka_unit_test(csv_message_stays_short_and_on_one_line),
      cmocka_unit_test(csv_name_that_is_not_utf8_is_refused),
      cmocka_unit_test(csv_with_a_zero_byte_is_refused),
      cmocka_unit_test(csv_unknown_text_column_is_refused_with_the_nearest_name),
      cmocka_unit_test(csv_text_column_by_name_without_a_header_is_refused),
      cmocka_unit_test(csv_text_column_index_out_of_range_is_refused),
      cmocka_unit_test(csv_text_column_name_that_stands_twice_is_refused),
      cmocka_unit_test(csv_with_a_wrong_gzip_checksum_is_refused),
      cmocka_unit_test(csv_with_gzip_data_cut_off_is_refused),
  };
  return cmocka_run_group_tests(tests, temp_folder_create, temp_folder_remove);
}
