/* base/text: the string that grows, numbers as people read them, and the nearest name. */

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#include <cmocka.h>

/* ---- the string ---- */

static void text_grows_with_what_is_appended(void **state) {
  (void)state;
  Text text = {0};
  for (int i = 0; i < 1000; i++) text_append(&text, "%d,", i % 10);
  assert_int_equal(text.length, 2000);
  assert_int_equal(strlen(text.bytes), 2000);
  for (size_t i = 0; i < 2000; i += 2) assert_int_equal(text.bytes[i], '0' + (int)(i / 2 % 10));
  text_release(&text);
  assert_null(text.bytes);
}

static void text_takes_an_append_longer_than_its_memory(void **state) {
  (void)state;
  char *long_text = memory_allocate(5001);
  memset(long_text, 'x', 5000);
  Text text = {0};
  text_append(&text, "<%s>", long_text);
  assert_int_equal(text.length, 5002);
  assert_int_equal(text.bytes[5001], '>');
  text_release(&text);
  memory_release(long_text);
}

static void text_keeps_zero_bytes_and_ends_with_one(void **state) {
  (void)state;
  Text text = {0};
  text_append_bytes(&text, "a\0b", 3);
  text_append_bytes(&text, NULL, 0);
  assert_int_equal(text.length, 3);
  assert_memory_equal(text.bytes, "a\0b", 4);
  text_release(&text);
}

static void text_that_is_taken_is_empty_again(void **state) {
  (void)state;
  Text text = {0};
  text_append(&text, "abc");
  char *taken = text_take(&text);
  assert_string_equal(taken, "abc");
  assert_int_equal(text.length, 0);
  memory_release(taken);
  taken = text_take(&text);
  assert_string_equal(taken, "");
  memory_release(taken);
}

/* ---- numbers ---- */

static void counts_have_commas_between_groups_of_three(void **state) {
  (void)state;
  char out[NUMBER_TEXT_BYTES];
  assert_string_equal(text_count(out, 0), "0");
  assert_string_equal(text_count(out, 999), "999");
  assert_string_equal(text_count(out, 1000), "1,000");
  assert_string_equal(text_count(out, 407050), "407,050");
  assert_string_equal(text_count(out, 1234567), "1,234,567");
  assert_string_equal(text_count(out, UINT64_MAX), "18,446,744,073,709,551,615");
}

static void bytes_have_a_binary_unit_and_three_digits(void **state) {
  (void)state;
  char out[NUMBER_TEXT_BYTES];
  assert_string_equal(text_bytes(out, 0), "0 B");
  assert_string_equal(text_bytes(out, 1023), "1023 B");
  assert_string_equal(text_bytes(out, 1024), "1.00 KiB");
  assert_string_equal(text_bytes(out, 1628200), "1.55 MiB");
  assert_string_equal(text_bytes(out, 47040016), "44.9 MiB");
  assert_string_equal(text_bytes(out, 300e9), "279 GiB");
  assert_string_equal(text_bytes(out, 5e15), "4547 TiB");
}

static void seconds_are_written_as_people_say_them(void **state) {
  (void)state;
  char out[NUMBER_TEXT_BYTES];
  assert_string_equal(text_seconds(out, 0), "0 ms");
  assert_string_equal(text_seconds(out, 0.85), "850 ms");
  assert_string_equal(text_seconds(out, 1), "1.0 s");
  assert_string_equal(text_seconds(out, 12.34), "12.3 s");
  assert_string_equal(text_seconds(out, 60), "1:00");
  assert_string_equal(text_seconds(out, 245.4), "4:05");
  assert_string_equal(text_seconds(out, 3599.9), "1:00:00");
  assert_string_equal(text_seconds(out, 3723), "1:02:03");
}

static void reals_are_the_shortest_text_that_reads_back(void **state) {
  (void)state;
  static const double values[] = {0.1,     1.0 / 3, 255,    1e-7,       9007199254740991.0, DBL_MIN,
                                  DBL_MAX, -0.5,    5e-324, 123456.789, 0.87962566103423978};
  char out[NUMBER_TEXT_BYTES];
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    assert_true(strtod(text_real(out, values[i]), NULL) == values[i]);
  }
  assert_string_equal(text_real(out, 0.1), "0.1");
  assert_string_equal(text_real(out, 255), "255");
  assert_string_equal(text_real(out, 0.001), "0.001");
  assert_string_equal(text_real(out, 1e-7), "1e-07");
  assert_string_equal(text_real(out, 0), "0");
}

/* ---- names ---- */

static const char *nearest(const char *name) {
  static const char *const names[] = {"batch_size", "epochs", "shuffle", "tanh",
                                      "relu",       "elu",    NULL};
  return text_nearest(name, names);
}

static void nearest_name_survives_a_slip_of_every_kind(void **state) {
  (void)state;
  assert_string_equal(nearest("epochs"), "epochs");
  assert_string_equal(nearest("epoch"), "epochs"); /* one too few */
  assert_string_equal(nearest("bach_size"), "batch_size");
  assert_string_equal(nearest("epochss"), "epochs");        /* one too many */
  assert_string_equal(nearest("shuffel"), "shuffle");       /* neighbours swapped */
  assert_string_equal(nearest("batch-size"), "batch_size"); /* another one */
  assert_string_equal(nearest("tahn"), "tanh");
}

static void nearest_name_is_the_one_with_fewest_slips(void **state) {
  (void)state;
  assert_string_equal(nearest("rely"), "relu");
  assert_string_equal(nearest("elo"), "elu");
}

static void name_that_is_far_from_all_has_no_nearest(void **state) {
  (void)state;
  assert_null(nearest("learning_rate"));
  assert_null(nearest("x"));
  assert_null(nearest(""));
}

static void nearest_of_no_names_is_none(void **state) {
  (void)state;
  static const char *const none[] = {NULL};
  assert_null(text_nearest("epochs", none));
}

static void names_that_are_very_long_are_compared(void **state) {
  (void)state;
  char name[500];
  memset(name, 'a', sizeof name);
  name[sizeof name - 1] = '\0';
  assert_null(nearest(name));
}

static void numbers_within_texts_are_sorted_by_value(void **state) {
  (void)state;
  static const char *const sorted[] = {"",         "0.bias",   "0.weight", "2.bias",
                                       "10.bias",  "dense",    "dense_1",  "dense_2",
                                       "dense_10", "dense_11", "densely"};
  for (size_t i = 0; i < sizeof sorted / sizeof *sorted; i++) {
    for (size_t j = 0; j < sizeof sorted / sizeof *sorted; j++) {
      int order = text_compare_naturally(sorted[i], sorted[j]);
      assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
    }
  }
}

static void leading_zeros_do_not_make_a_number_larger(void **state) {
  (void)state;
  assert_true(text_compare_naturally("a007", "a10") < 0);
  assert_true(text_compare_naturally("a0", "a00b") < 0);
  assert_true(text_compare_naturally("99999999999999999999998", "99999999999999999999999") < 0);
}

static void control_characters_are_written_out(void **state) {
  (void)state;
  char out[64], small[5];
  assert_string_equal(text_printable(out, sizeof out, "a\a\tb\r\n\x1b[0m\x7f \\"),
                      "a\\a\\tb\\r\\n\\x1b[0m\\x7f \\");
  assert_string_equal(text_printable(small, sizeof small,
                                     "ab\x1b"
                                     "c"),
                      "ab");
  assert_string_equal(text_printable(small, sizeof small, "abcdef"), "abcd");
}

static void text_is_shortened_between_two_characters(void **state) {
  (void)state;
  char out[SHORT_TEXT_BYTES];
  assert_string_equal(text_shorten(out, ""), "");
  assert_string_equal(text_shorten(out, "0123456789012345678901234567890123456789"),
                      "0123456789012345678901234567890123456789");
  assert_string_equal(text_shorten(out, "\u00e9123456789012345678901234567890123456789\u00e9"),
                      "\u00e9123456789012345678901234567890123456789...");
}

static void text_that_is_not_utf8_is_shown_as_such(void **state) {
  (void)state;
  char out[SHORT_TEXT_BYTES];
  assert_string_equal(text_shorten(out, "gr\xf6\xdf\xc3"), "gr???");
}

static void text_that_is_utf8_is_told_from_other_bytes(void **state) {
  (void)state;
  static const char *const good[] = {"", "abc", "gr\u00f6\u00dfe", "\u20ac", "\U0001F600"};
  static const char *const bad[] = {"gr\xf6\xdf"
                                    "e",
                                    "a\x80",
                                    "\xc3",
                                    "\xc0\x80",
                                    "\xed\xa0\x80",
                                    "\xf5\x80\x80\x80"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) assert_true(text_is_utf8(good[i]));
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(text_is_utf8(bad[i]));
}

static void word_of_a_shell_is_quoted_where_it_must_be(void **state) {
  (void)state;
  static const char *const words[][2] = {{"runs/a-1.yaml", "runs/a-1.yaml"},
                                         {"", "''"},
                                         {"my #1", "'my #1'"},
                                         {"it's", "'it'\\''s'"},
                                         {"$HOME", "'$HOME'"}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    char *word = text_shell_word(words[i][0]);
    assert_string_equal(word, words[i][1]);
    memory_release(word);
  }
}

static void one_thing_has_no_plural(void **state) {
  (void)state;
  assert_string_equal(text_plural(0), "s");
  assert_string_equal(text_plural(1), "");
  assert_string_equal(text_plural(2), "s");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(text_grows_with_what_is_appended),
      cmocka_unit_test(text_takes_an_append_longer_than_its_memory),
      cmocka_unit_test(text_keeps_zero_bytes_and_ends_with_one),
      cmocka_unit_test(text_that_is_taken_is_empty_again),
      cmocka_unit_test(counts_have_commas_between_groups_of_three),
      cmocka_unit_test(bytes_have_a_binary_unit_and_three_digits),
      cmocka_unit_test(seconds_are_written_as_people_say_them),
      cmocka_unit_test(reals_are_the_shortest_text_that_reads_back),
      cmocka_unit_test(nearest_name_survives_a_slip_of_every_kind),
      cmocka_unit_test(nearest_name_is_the_one_with_fewest_slips),
      cmocka_unit_test(name_that_is_far_from_all_has_no_nearest),
      cmocka_unit_test(nearest_of_no_names_is_none),
      cmocka_unit_test(names_that_are_very_long_are_compared),
      cmocka_unit_test(numbers_within_texts_are_sorted_by_value),
      cmocka_unit_test(leading_zeros_do_not_make_a_number_larger),
      cmocka_unit_test(control_characters_are_written_out),
      cmocka_unit_test(text_is_shortened_between_two_characters),
      cmocka_unit_test(text_that_is_not_utf8_is_shown_as_such),
      cmocka_unit_test(text_that_is_utf8_is_told_from_other_bytes),
      cmocka_unit_test(word_of_a_shell_is_quoted_where_it_must_be),
      cmocka_unit_test(one_thing_has_no_plural),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
