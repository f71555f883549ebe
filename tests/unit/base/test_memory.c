/* base/memory: aligned, zeroed, never NULL; and base/fatal, which ends the program when there is
 * none. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/fatal.h"
#include "base/memory.h"

#include <cmocka.h>

static void blocks_are_zeroed_and_begin_on_a_cache_line(void **state) {
  (void)state;
  for (size_t bytes = 0; bytes < 300; bytes += 7) {
    unsigned char *block = memory_allocate(bytes);
    assert_int_equal((uintptr_t)block % CACHE_LINE_BYTES, 0);
    for (size_t i = 0; i < bytes; i++) assert_int_equal(block[i], 0);
    memset(block, 0xff, bytes); /* the next block is zeroed all the same */
    memory_release(block);
  }
}

static void grown_block_keeps_the_old_bytes_and_adds_zeros(void **state) {
  (void)state;
  char *block = memory_grow(NULL, 0, 4);
  memcpy(block, "abcd", 4);
  block = memory_grow(block, 4, 200);
  assert_memory_equal(block, "abcd\0\0\0\0", 8);
  assert_int_equal(block[199], 0);
  block = memory_grow(block, 200, 2);
  assert_memory_equal(block, "ab", 2);
  memory_release(block);
}

static void copied_text_is_another_text(void **state) {
  (void)state;
  const char *text = "some words";
  char *copy = memory_copy_text(text);
  assert_string_equal(copy, text);
  assert_ptr_not_equal(copy, text);
  memory_release(copy);
  assert_null(memory_copy_text(NULL));
  memory_release(NULL);
}

/* ---- the end of the program ---- */

static jmp_buf way_out;
static char last_words[1024];

static void leave(const char *message) {
  snprintf(last_words, sizeof last_words, "%s", message);
  longjmp(way_out, 1);
}

/* Runs `end`, which has to be fatal, without its words on standard error. */
static void assert_fatal(void (*end)(void), const char *words) {
  FILE *standard_error = stderr;
  stderr = fopen("/dev/null", "w");
  fatal_set_hook(leave);
  last_words[0] = '\0';
  if (setjmp(way_out) == 0) end();
  fatal_set_hook(NULL);
  fclose(stderr);
  stderr = standard_error;
  assert_string_equal(last_words, words);
}

static void want_too_much(void) {
  memory_release(memory_allocate(SIZE_MAX));
}

static void want_too_many(void) {
  memory_release(memory_allocate_array(SIZE_MAX / 2, 4));
}

static void break_a_promise(void) {
  CHECK(1 + 1 == 3, "found %d, expected %d", 2, 3);
}

static void fatal_errors_say_their_words_and_run_the_hook(void **state) {
  (void)state;
  assert_fatal(break_a_promise, "found 2, expected 3");
  assert_fatal(want_too_much, "no memory: 18446744073709551615 bytes wanted");
  assert_fatal(want_too_many, "no memory: 9223372036854775807 elements of 4 bytes wanted");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(blocks_are_zeroed_and_begin_on_a_cache_line),
      cmocka_unit_test(grown_block_keeps_the_old_bytes_and_adds_zeros),
      cmocka_unit_test(copied_text_is_another_text),
      cmocka_unit_test(fatal_errors_say_their_words_and_run_the_hook),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
