/* storage/user_block: every flipped bit of the 512 bytes, and of what follows them, is seen. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "storage/user_block.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

enum { REST_BYTES = 1000, FILE_BYTES = USER_BLOCK_BYTES + REST_BYTES };

/* A small file with its block. */
static void make_file(char bytes[FILE_BYTES]) {
  UserBlock block = {.step = 2345, .epoch = 5, .rest_bytes = REST_BYTES};
  for (size_t i = 0; i < REST_BYTES; i++) bytes[USER_BLOCK_BYTES + i] = (char)(i * i >> 2);
  hash_bytes(block.rest_hash, bytes + USER_BLOCK_BYTES, REST_BYTES);
  user_block_write(&block, bytes);
}

static Status verify(const char *bytes, size_t count) {
  UserBlock block;
  return user_block_verify(bytes, count, "test.h5", &block);
}

static void assert_refused(const char *bytes, size_t count, const char *message) {
  assert_int_equal(verify(bytes, count), ERR_DATA);
  assert_string_equal(status_message(), message);
}

static void block_is_readable_text(void **state) {
  (void)state;
  char bytes[FILE_BYTES];
  make_file(bytes);
  const char *expected = "Lockstep checkpoint, format 1\nstep 2345\nepoch 5\nbytes 1000\nxxh3 ";
  assert_memory_equal(bytes, expected, strlen(expected));
  assert_int_equal(bytes[USER_BLOCK_BYTES - 1], '\n');
  for (size_t i = 0; i < USER_BLOCK_BYTES; i++) {
    assert_true(bytes[i] == '\n' || (bytes[i] >= ' ' && bytes[i] <= '~'));
  }
}

static void block_that_was_written_is_verified_and_read(void **state) {
  (void)state;
  char bytes[FILE_BYTES], hash[HASH_TEXT_BYTES];
  UserBlock block;
  make_file(bytes);
  assert_int_equal(user_block_verify(bytes, FILE_BYTES, "test.h5", &block), OK);
  assert_int_equal(block.step, 2345);
  assert_int_equal(block.epoch, 5);
  assert_int_equal(block.rest_bytes, REST_BYTES);
  assert_string_equal(block.rest_hash, hash_bytes(hash, bytes + USER_BLOCK_BYTES, REST_BYTES));
}

static void block_takes_the_largest_numbers(void **state) {
  (void)state;
  UserBlock block = {UINT64_MAX, UINT64_MAX, UINT64_MAX, "ffffffffffffffffffffffffffffffff"}, found;
  char bytes[USER_BLOCK_BYTES];
  user_block_write(&block, bytes);
  /* The block itself is whole; only the rest is not there. */
  assert_int_equal(user_block_verify(bytes, sizeof bytes, "test.h5", &found), ERR_DATA);
  assert_non_null(strstr(status_message(), "cut short"));
  assert_true(found.step == UINT64_MAX && found.rest_bytes == UINT64_MAX);
}

static void every_flipped_bit_of_the_block_is_seen(void **state) {
  (void)state;
  char bytes[FILE_BYTES];
  make_file(bytes);
  for (size_t bit = 0; bit < 8 * USER_BLOCK_BYTES; bit++) {
    bytes[bit / 8] ^= (char)(1 << bit % 8);
    if (verify(bytes, FILE_BYTES) != ERR_DATA) fail_msg("bit %zu can flip unseen", bit);
    bytes[bit / 8] ^= (char)(1 << bit % 8);
  }
  assert_int_equal(verify(bytes, FILE_BYTES), OK);
}

static void every_flipped_bit_of_the_rest_is_seen(void **state) {
  (void)state;
  char bytes[FILE_BYTES];
  make_file(bytes);
  for (size_t bit = 8 * USER_BLOCK_BYTES; bit < 8 * FILE_BYTES; bit++) {
    bytes[bit / 8] ^= (char)(1 << bit % 8);
    if (verify(bytes, FILE_BYTES) != ERR_DATA) fail_msg("bit %zu can flip unseen", bit);
    assert_non_null(strstr(status_message(), "test.h5: damaged: found the checksum "));
    bytes[bit / 8] ^= (char)(1 << bit % 8);
  }
}

static void every_length_but_the_right_one_is_refused(void **state) {
  (void)state;
  char bytes[FILE_BYTES + 10] = {0};
  make_file(bytes);
  for (size_t count = 0; count <= FILE_BYTES + 10; count++) {
    assert_int_equal(verify(bytes, count), count == FILE_BYTES ? OK : ERR_DATA);
  }
  assert_refused(bytes, FILE_BYTES - 1,
                 "test.h5: found 1511 bytes, expected 1512; the file is cut short");
  assert_refused(bytes, USER_BLOCK_BYTES - 1, "test.h5: not a Lockstep checkpoint");
}

static void file_that_goes_on_is_not_called_cut_short(void **state) {
  (void)state;
  char bytes[FILE_BYTES + 1] = {0};
  make_file(bytes);
  assert_int_equal(verify(bytes, FILE_BYTES + 1), ERR_DATA);
  assert_non_null(strstr(status_message(), "test.h5: found 1513 bytes, expected 1512"));
  assert_null(strstr(status_message(), "cut short"));
}

static void other_file_is_refused(void **state) {
  (void)state;
  static const char hdf5[FILE_BYTES] = "\x89HDF\r\n\x1a\n";
  assert_refused(hdf5, FILE_BYTES, "test.h5: not a Lockstep checkpoint");
  assert_refused("", 0, "test.h5: not a Lockstep checkpoint");
}

static void newer_format_is_refused_by_its_number(void **state) {
  (void)state;
  char bytes[FILE_BYTES];
  make_file(bytes);
  char *digit = strstr(bytes, "format 1") + 7;
  *digit = '2';
  assert_refused(bytes, FILE_BYTES,
                 "test.h5: found checkpoint format 2, expected 1; use a newer Lockstep");
  memcpy(digit, "10", 2);
  assert_refused(bytes, FILE_BYTES,
                 "test.h5: found checkpoint format 10, expected 1; use a newer Lockstep");
}

/* Two halves of different files, each whole by itself. */
static void block_of_another_file_is_refused(void **state) {
  (void)state;
  char bytes[FILE_BYTES], other[FILE_BYTES];
  make_file(bytes), make_file(other);
  UserBlock block = {.step = 1, .epoch = 1, .rest_bytes = REST_BYTES};
  hash_bytes(block.rest_hash, "another", 7);
  user_block_write(&block, bytes);
  assert_int_equal(verify(bytes, FILE_BYTES), ERR_DATA);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(block_is_readable_text),
      cmocka_unit_test(block_that_was_written_is_verified_and_read),
      cmocka_unit_test(block_takes_the_largest_numbers),
      cmocka_unit_test(every_flipped_bit_of_the_block_is_seen),
      cmocka_unit_test(every_flipped_bit_of_the_rest_is_seen),
      cmocka_unit_test(every_length_but_the_right_one_is_refused),
      cmocka_unit_test(file_that_goes_on_is_not_called_cut_short),
      cmocka_unit_test(other_file_is_refused),
      cmocka_unit_test(newer_format_is_refused_by_its_number),
      cmocka_unit_test(block_of_another_file_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
