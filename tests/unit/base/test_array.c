/* base/array: element types, shapes, and elements as doubles. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/array.h"

#include <cmocka.h>

static void shape_counts_the_product_of_its_dimensions(void **state) {
  (void)state;
  assert_int_equal(shape_count(&(Shape){0}), 1);
  assert_int_equal(shape_count(&(Shape){3, {28, 28, 2}}), 1568);
  assert_int_equal(shape_count(&(Shape){2, {5, 0}}), 0);
}

static void shape_is_written_with_a_cross_between(void **state) {
  (void)state;
  char out[SHAPE_TEXT_BYTES];
  assert_string_equal(shape_text(&(Shape){3, {28, 28, 1}}, out), "28x28x1");
  assert_string_equal(shape_text(&(Shape){1, {784}}, out), "784");
  assert_string_equal(shape_text(&(Shape){0}, out), "");
}

static void shapes_are_the_same_in_every_dimension_or_not_at_all(void **state) {
  (void)state;
  assert_true(shape_is_same(&(Shape){2, {3, 4}}, &(Shape){2, {3, 4}}));
  assert_true(shape_is_same(&(Shape){0}, &(Shape){0}));
  assert_false(shape_is_same(&(Shape){2, {3, 4}}, &(Shape){2, {4, 3}}));
  assert_false(shape_is_same(&(Shape){2, {3, 4}}, &(Shape){1, {3}}));
}

static void shape_that_is_too_long_to_write_is_cut(void **state) {
  (void)state;
  Shape shape = {.n_dims = SHAPE_MOST_DIMS};
  for (size_t i = 0; i < SHAPE_MOST_DIMS; i++) shape.dims[i] = SIZE_MAX;
  char out[SHAPE_TEXT_BYTES];
  shape_text(&shape, out);
  assert_int_equal(strlen(out), SHAPE_TEXT_BYTES - 1);
}

static void array_elements_are_read_in_every_type(void **state) {
  (void)state;
  static const struct {
    Dtype dtype;
    const char *name;
    size_t bytes;
    double lowest;
  } types[] = {{DTYPE_U8, "uint8", 1, 200},
               {DTYPE_I8, "int8", 1, -128},
               {DTYPE_I16, "int16", 2, -32768},
               {DTYPE_I32, "int32", 4, -2147483648.0},
               {DTYPE_F32, "float32", 4, -0.25},
               {DTYPE_F64, "float64", 8, -0.1},
               {DTYPE_I64, "int64", 8, -9007199254740991.0}};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    Array array = array_create(types[i].dtype, (Shape){2, {2, 3}});
    double lowest = types[i].lowest;
    switch (types[i].dtype) {
    case DTYPE_U8: ((uint8_t *)array.values)[5] = (uint8_t)lowest; break;
    case DTYPE_I8: ((int8_t *)array.values)[5] = (int8_t)lowest; break;
    case DTYPE_I16: ((int16_t *)array.values)[5] = (int16_t)lowest; break;
    case DTYPE_I32: ((int32_t *)array.values)[5] = (int32_t)lowest; break;
    case DTYPE_F32: ((float *)array.values)[5] = (float)lowest; break;
    case DTYPE_F64: ((double *)array.values)[5] = lowest; break;
    case DTYPE_I64: ((int64_t *)array.values)[5] = (int64_t)lowest; break;
    }
    assert_true(array_at(&array, 5) == lowest);
    assert_true(array_at(&array, 4) == 0);
    assert_int_equal(dtype_bytes(types[i].dtype), types[i].bytes);
    assert_string_equal(dtype_name(types[i].dtype), types[i].name);
    array_release(&array);
    assert_null(array.values);
  }
}

static void bytes_of_every_element_are_reversed(void **state) {
  (void)state;
  Array wide = array_create(DTYPE_I32, (Shape){1, {2}}),
        narrow = array_create(DTYPE_U8, (Shape){1, {2}});
  memcpy(wide.values, "abcdefgh", 8);
  memcpy(narrow.values, "ab", 2);
  array_reverse_bytes(&wide);
  array_reverse_bytes(&narrow);
  assert_memory_equal(wide.values, "dcbahgfe", 8);
  assert_memory_equal(narrow.values, "ab", 2);
  array_release(&wide);
  array_release(&narrow);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shape_counts_the_product_of_its_dimensions),
      cmocka_unit_test(shape_is_written_with_a_cross_between),
      cmocka_unit_test(shapes_are_the_same_in_every_dimension_or_not_at_all),
      cmocka_unit_test(shape_that_is_too_long_to_write_is_cut),
      cmocka_unit_test(array_elements_are_read_in_every_type),
      cmocka_unit_test(bytes_of_every_element_are_reversed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
