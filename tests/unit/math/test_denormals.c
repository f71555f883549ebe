/* math/denormals: what is too small becomes 0, and nothing else changes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "math/denormals.h"

#include <cmocka.h>

/* The compiler must leave the arithmetic to the processor. */
static float product(volatile float a, volatile float b) {
  return a * b;
}

static void denormals_become_zero(void **state) {
  (void)state;
#ifdef __x86_64__
  assert_true(product(0x1p-126f, 0.5f) == 0x1p-127f); /* this thread still has them */
  denormals_flush();
  assert_true(product(0x1p-126f, 0.5f) == 0); /* as a result */
  assert_true(product(0x1p-127f, 4.0f) == 0); /* and as an operand */
#else
  skip();
#endif
}

static void numbers_of_full_precision_stay(void **state) {
  (void)state;
  denormals_flush();
  assert_true(product(0x1p-125f, 0.5f) == 0x1p-126f);
  assert_true(product(0x1.fffffep127f, 1.0f) == 0x1.fffffep127f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(denormals_become_zero),
      cmocka_unit_test(numbers_of_full_precision_stay),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
