/* base/base64: the test vectors of RFC 4648, and every digit. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/base64.h"

#include <cmocka.h>

static void assert_base64(const void *bytes, size_t count, const char *expected) {
  Text text = {0};
  base64_append(&text, bytes, count);
  assert_string_equal(text.length ? text.bytes : "", expected);
  text_release(&text);
}

static void test_vectors_of_the_standard_are_met(void **state) {
  (void)state;
  assert_base64("", 0, "");
  assert_base64("f", 1, "Zg==");
  assert_base64("fo", 2, "Zm8=");
  assert_base64("foo", 3, "Zm9v");
  assert_base64("foob", 4, "Zm9vYg==");
  assert_base64("fooba", 5, "Zm9vYmE=");
  assert_base64("foobar", 6, "Zm9vYmFy");
}

/* 48 bytes whose groups of six bits count from 0 to 63. */
static void every_digit_has_its_place(void **state) {
  (void)state;
  uint8_t bytes[48];
  for (size_t i = 0; i < 16; i++) {
    uint32_t bits = 0;
    for (size_t j = 0; j < 4; j++) bits = bits << 6 | (uint32_t)(4 * i + j);
    bytes[3 * i] = (uint8_t)(bits >> 16);
    bytes[3 * i + 1] = (uint8_t)(bits >> 8);
    bytes[3 * i + 2] = (uint8_t)bits;
  }
  assert_base64(bytes, sizeof bytes,
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
}

static void bytes_are_appended_to_what_is_there(void **state) {
  (void)state;
  Text text = {0};
  text_append(&text, "data:");
  base64_append(&text, "\0\xFF", 2);
  assert_string_equal(text.bytes, "data:AP8=");
  text_release(&text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_vectors_of_the_standard_are_met),
      cmocka_unit_test(every_digit_has_its_place),
      cmocka_unit_test(bytes_are_appended_to_what_is_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
