/* io/json: what is built is valid JSON with the values that were put in, and what is read has the
 * values of the text. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "io/json.h"

#include <cmocka.h>

/* Compares the text of a document on one line, and releases the document. */
static void assert_text(Json *value, const char *expected) {
  char *text = json_text(value, false);
  assert_string_equal(text, expected);
  memory_release(text);
  json_release(value);
}

static void object_keeps_its_members_in_order(void **state) {
  (void)state;
  Json *object = json_new_object();
  json_put_text(object, "name", "dense");
  json_put_whole(object, "units", 512);
  json_put_bool(object, "trainable", true);
  json_put_bool(object, "ragged", false);
  json_put_text(object, "nothing", NULL);
  assert_text(object, "{\"name\":\"dense\",\"units\":512,\"trainable\":true,\"ragged\":false,"
                      "\"nothing\":null}");
}

static void member_that_is_put_again_is_replaced(void **state) {
  (void)state;
  Json *object = json_new_object();
  json_put_whole(object, "a", 1);
  json_put_text(object, "a", "two");
  assert_text(object, "{\"a\":\"two\"}");
}

static void array_holds_values_of_every_sort(void **state) {
  (void)state;
  Json *array = json_new_array();
  json_add_null(array);
  json_add_whole(array, -28);
  json_add_text(array, "x");
  json_add_real(array, 0.5);
  json_add(array, json_new_object());
  json_add(array, json_new_array());
  assert_text(array, "[null,-28,\"x\",0.5,{},[]]");
}

static void whole_numbers_keep_all_their_digits(void **state) {
  (void)state;
  Json *array = json_new_array();
  json_add_whole(array, INT64_MAX);
  json_add_whole(array, INT64_MIN);
  assert_text(array, "[9223372036854775807,-9223372036854775808]");
}

static void reals_of_fifteen_digits_read_back_as_the_same_number(void **state) {
  (void)state;
  static const double values[] = {0.1, 0.3, 1e-7, 123456789.012345, 1e300, -2.5};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    Json *array = json_new_array();
    json_add_real(array, values[i]);
    char *text = json_text(array, false);
    assert_true(strtod(text + 1, NULL) == values[i]);
    memory_release(text);
    json_release(array);
  }
}

static void reals_are_written_as_people_write_them(void **state) {
  (void)state;
  Json *array = json_new_array();
  json_add_real(array, 0.1);
  json_add_real(array, 0.2);
  json_add_real(array, 5);
  assert_text(array, "[0.1,0.2,5.0]");
}

static void number_that_is_not_finite_is_null(void **state) {
  (void)state;
  Json *object = json_new_object();
  json_put_real(object, "a", NAN);
  json_put_real(object, "b", INFINITY);
  json_put_real(object, "c", -INFINITY);
  assert_text(object, "{\"a\":null,\"b\":null,\"c\":null}");
}

static void texts_are_escaped(void **state) {
  (void)state;
  Json *array = json_new_array();
  json_add_text(array, "say \"a\\b\"\n\t\x01");
  json_add_text(array, "\xc3\xa9");
  assert_text(array, "[\"say \\\"a\\\\b\\\"\\n\\t\\u0001\",\"\xc3\xa9\"]");
}

static void text_that_is_not_utf8_is_shown_as_such(void **state) {
  (void)state;
  Json *array = json_new_array();
  json_add_text(array, "\xff\xfe");
  json_add_text(array, "cut \xc3");
  assert_text(array, "[\"(not UTF-8)\",\"(not UTF-8)\"]");
}

static void document_may_be_indented(void **state) {
  (void)state;
  Json *object = json_new_object(), *list = json_new_array();
  json_add_whole(list, 1);
  json_put(object, "a", list);
  char *text = json_text(object, true);
  assert_string_equal(text, "{\n  \"a\": [\n    1\n  ]\n}");
  memory_release(text);
  json_release(object);
  json_release(NULL);
}

static Json *parse_good(const char *text) {
  Json *document;
  if (json_parse(text, strlen(text), "test", &document) != OK) fail_msg("%s", status_message());
  return document;
}

static void members_are_read_in_the_order_of_the_text(void **state) {
  (void)state;
  static const char *const keys[] = {"b", "a", "10", "9"};
  Json *document = parse_good("{\"b\": 1, \"a\": 2, \"10\": 3, \"9\": 4}");
  JsonCursor cursor = {0};
  const char *key;
  const Json *value;
  for (int64_t i = 0; i < 4; i++) {
    int64_t whole;
    assert_true(json_next(document, &cursor, &key, &value));
    assert_string_equal(key, keys[i]);
    assert_true(json_as_whole(value, &whole));
    assert_int_equal(whole, i + 1);
  }
  assert_false(json_next(document, &cursor, &key, &value));
  json_release(document);
}

static void what_a_document_does_not_hold_is_nothing(void **state) {
  (void)state;
  int64_t whole;
  Json *document = parse_good("{\"list\": [\"x\", 0.5]}");
  const Json *list = json_member(document, "list");
  assert_int_equal(json_count(list), 2);
  assert_string_equal(json_as_text(json_item(list, 0)), "x");
  assert_null(json_as_text(json_item(list, 1)));
  assert_true(json_as_real(json_item(list, 1)) == 0.5);
  assert_true(isnan(json_as_real(json_item(list, 0))));
  assert_false(json_as_whole(json_item(list, 1), &whole));
  assert_null(json_item(list, 2));
  assert_null(json_member(document, "none"));
  assert_null(json_member(list, "list"));
  assert_int_equal(json_count(document), 0);
  assert_null(json_as_text(NULL));
  assert_false(json_as_whole(NULL, &whole));
  json_release(document);
}

static void text_that_is_not_json_is_refused_with_its_place(void **state) {
  (void)state;
  static const char *const bad[] = {"", "{", "[1,\n 2,]", "{\"a\": 1, \"a\": 2}", "{} {}"};
  Json *document;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_int_equal(json_parse(bad[i], strlen(bad[i]), "test", &document), ERR_DATA);
    assert_null(document);
    assert_non_null(strstr(status_message(), "test: not JSON: line "));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(object_keeps_its_members_in_order),
      cmocka_unit_test(member_that_is_put_again_is_replaced),
      cmocka_unit_test(array_holds_values_of_every_sort),
      cmocka_unit_test(whole_numbers_keep_all_their_digits),
      cmocka_unit_test(reals_of_fifteen_digits_read_back_as_the_same_number),
      cmocka_unit_test(reals_are_written_as_people_write_them),
      cmocka_unit_test(number_that_is_not_finite_is_null),
      cmocka_unit_test(texts_are_escaped),
      cmocka_unit_test(text_that_is_not_utf8_is_shown_as_such),
      cmocka_unit_test(document_may_be_indented),
      cmocka_unit_test(members_are_read_in_the_order_of_the_text),
      cmocka_unit_test(what_a_document_does_not_hold_is_nothing),
      cmocka_unit_test(text_that_is_not_json_is_refused_with_its_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
