/* analysis/sample_picture: which samples are pictures, and how light their points are. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "analysis/sample_picture.h"

#include <cmocka.h>

/* Finds the shape of samples of `data` for a model with the input `input`. */
static bool find(Shape data, Shape input, Shape *out) {
  DatasetDescription description = {.input_shape = data};
  Model model = {.input = input};
  return sample_picture_shape(&description, &model, out);
}

static void assert_shape(const Shape *shape, size_t height, size_t width, size_t channels) {
  assert_int_equal(shape->n_dims, 3);
  assert_int_equal(shape->dims[0], height);
  assert_int_equal(shape->dims[1], width);
  assert_int_equal(shape->dims[2], channels);
}

static void shape_of_the_data_comes_first(void **state) {
  (void)state;
  Shape shape;
  assert_true(find((Shape){2, {2, 32}}, (Shape){1, {64}}, &shape));
  assert_shape(&shape, 2, 32, 1);
  assert_true(find((Shape){3, {4, 5, 3}}, (Shape){1, {60}}, &shape));
  assert_shape(&shape, 4, 5, 3);
}

static void shape_of_the_model_comes_next_and_then_a_square(void **state) {
  (void)state;
  Shape shape;
  assert_true(find((Shape){1, {64}}, (Shape){3, {2, 32, 1}}, &shape));
  assert_shape(&shape, 2, 32, 1);
  assert_true(find((Shape){1, {64}}, (Shape){1, {64}}, &shape));
  assert_shape(&shape, 8, 8, 1);
}

static void other_samples_are_no_pictures(void **state) {
  (void)state;
  Shape shape;
  assert_false(find((Shape){1, {63}}, (Shape){1, {63}}, &shape));
  assert_false(find((Shape){1, {1}}, (Shape){1, {1}}, &shape));
  assert_false(find((Shape){3, {5, 2, 2}}, (Shape){1, {20}}, &shape));
}

static void without_data_the_model_tells(void **state) {
  (void)state;
  Shape shape;
  Model model = {.input = {2, {3, 7}}};
  assert_true(sample_picture_shape(NULL, &model, &shape));
  assert_shape(&shape, 3, 7, 1);
}

/* Samples of two numbers; those that are wanted have numbers from -1 to 3. */
static void least_number_is_black_and_the_largest_white(void **state) {
  (void)state;
  float inputs[] = {-1, 0, 50, 99, 3, 1, NAN, 2};
  Dataset dataset = {
      .description = {.n_samples = 4, .input_dtype = DTYPE_F32, .input_shape = {1, {2}}},
      .inputs = {DTYPE_F32, {2, {4, 2}}, inputs}};
  Samples samples = {.dataset = &dataset, .scale = 1};
  uint8_t *pixels = sample_picture_pixels(&samples, (const size_t[]){3, 0, 2}, 3);
  static const uint8_t expected[] = {0, 191, 0, 64, 255, 128};
  assert_memory_equal(pixels, expected, sizeof expected);
  memory_release(pixels);
}

static void samples_of_one_number_are_black(void **state) {
  (void)state;
  uint8_t inputs[] = {7, 7, 7};
  Dataset dataset = {.description = {.n_samples = 1, .input_shape = {1, {3}}},
                     .inputs = {DTYPE_U8, {2, {1, 3}}, inputs}};
  Samples samples = {.dataset = &dataset, .scale = 255};
  uint8_t *pixels = sample_picture_pixels(&samples, (const size_t[]){0}, 1);
  assert_true(pixels[0] == 0 && pixels[1] == 0 && pixels[2] == 0);
  memory_release(pixels);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shape_of_the_data_comes_first),
      cmocka_unit_test(shape_of_the_model_comes_next_and_then_a_square),
      cmocka_unit_test(other_samples_are_no_pictures),
      cmocka_unit_test(without_data_the_model_tells),
      cmocka_unit_test(least_number_is_black_and_the_largest_white),
      cmocka_unit_test(samples_of_one_number_are_black),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
