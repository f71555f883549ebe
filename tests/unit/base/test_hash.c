/* base/hash: known digests, and pieces that give the digest of the whole. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/hash.h"

#include <cmocka.h>

/* Expected values: python3, xxhash.xxh3_128_hexdigest(...). */

static void hash_of_known_bytes_is_known(void **state) {
  (void)state;
  char out[HASH_TEXT_BYTES], repeated[800];
  for (size_t i = 0; i < 100; i++) memcpy(repeated + 8 * i, "lockstep", 8);
  assert_string_equal(hash_bytes(out, "", 0), "99aa06d3014798d86001c324468d497f");
  assert_string_equal(hash_bytes(out, "abc", 3), "06b05ab6733a618578af5f94892f3950");
  assert_string_equal(hash_bytes(out, repeated, 800), "6b3ddf8c7a88fc647ddecc2e746304d5");
}

static void hash_of_pieces_is_that_of_the_whole(void **state) {
  (void)state;
  unsigned char bytes[3000];
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i * i + 7 * i);
  char whole[HASH_TEXT_BYTES], pieces[HASH_TEXT_BYTES];
  hash_bytes(whole, bytes, sizeof bytes);
  for (size_t step = 1; step < 1200; step = 3 * step + 1) {
    Hash *hash = hash_begin();
    for (size_t at = 0; at < sizeof bytes; at += step) {
      size_t left = sizeof bytes - at;
      hash_add(hash, bytes + at, left < step ? left : step);
    }
    assert_string_equal(hash_end(hash, pieces), whole);
  }
}

static void hash_of_nothing_added_is_that_of_no_bytes(void **state) {
  (void)state;
  char out[HASH_TEXT_BYTES];
  assert_string_equal(hash_end(hash_begin(), out), "99aa06d3014798d86001c324468d497f");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hash_of_known_bytes_is_known),
      cmocka_unit_test(hash_of_pieces_is_that_of_the_whole),
      cmocka_unit_test(hash_of_nothing_added_is_that_of_no_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
