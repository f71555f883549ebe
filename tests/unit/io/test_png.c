/* io/png: what was encoded is read back by the PNG library, pixel by pixel. */

#include <png.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "io/png.h"

#include <cmocka.h>

static Array pixels_create(Shape shape) {
  Array pixels = array_create(DTYPE_U8, shape);
  uint8_t *values = pixels.values;
  for (size_t i = 0; i < shape_count(&shape); i++) values[i] = (uint8_t)(i * i * 37 + i / 7);
  return pixels;
}

/* Encodes pixels and asserts that the library finds the same ones. */
static void assert_read_back(Shape shape, png_uint_32 format) {
  Array pixels = pixels_create(shape);
  size_t count;
  char *file = png_encode(&pixels, &count);

  png_image image = {.version = PNG_IMAGE_VERSION};
  assert_true(png_image_begin_read_from_memory(&image, file, count));
  assert_int_equal(image.height, shape.dims[0]);
  assert_int_equal(image.width, shape.dims[1]);
  assert_int_equal(image.format, format);
  assert_int_equal(PNG_IMAGE_SIZE(image), shape_count(&shape));
  void *found = memory_allocate(PNG_IMAGE_SIZE(image));
  assert_true(png_image_finish_read(&image, NULL, found, 0, NULL));
  assert_memory_equal(found, pixels.values, shape_count(&shape));

  memory_release(found), memory_release(file);
  array_release(&pixels);
}

static void grey_pixels_are_read_back(void **state) {
  (void)state;
  assert_read_back((Shape){.n_dims = 2, .dims = {19, 31}}, PNG_FORMAT_GRAY);
}

static void coloured_pixels_are_read_back(void **state) {
  (void)state;
  assert_read_back((Shape){.n_dims = 3, .dims = {31, 19, 3}}, PNG_FORMAT_RGB);
}

static void smallest_picture_is_one_pixel(void **state) {
  (void)state;
  assert_read_back((Shape){.n_dims = 2, .dims = {1, 1}}, PNG_FORMAT_GRAY);
}

static void equal_pixels_give_equal_bytes_and_others_do_not(void **state) {
  (void)state;
  Array pixels = pixels_create((Shape){.n_dims = 2, .dims = {64, 64}});
  size_t counts[3];
  char *files[3];
  files[0] = png_encode(&pixels, &counts[0]);
  files[1] = png_encode(&pixels, &counts[1]);
  ((uint8_t *)pixels.values)[4095] ^= 1;
  files[2] = png_encode(&pixels, &counts[2]);
  assert_int_equal(counts[0], counts[1]);
  assert_memory_equal(files[0], files[1], counts[0]);
  assert_true(counts[2] != counts[0] || memcmp(files[0], files[2], counts[0]) != 0);
  for (size_t i = 0; i < 3; i++) memory_release(files[i]);
  array_release(&pixels);
}

static void file_begins_as_every_png_does(void **state) {
  (void)state;
  Array pixels = pixels_create((Shape){.n_dims = 2, .dims = {5, 300}});
  size_t count;
  char *file = png_encode(&pixels, &count);
  static const uint8_t begin[] = {0x89, 'P',  'N', 'G', '\r', '\n', 0x1a,         '\n', 0,
                                  0,    0,    13,  'I', 'H',  'D',  'R',          0,    0,
                                  1,    0x2c, 0,   0,   0,    5,    8 /* bits */, 0 /* grey */};
  assert_memory_equal(file, begin, sizeof begin);
  memory_release(file);
  array_release(&pixels);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(grey_pixels_are_read_back),
      cmocka_unit_test(coloured_pixels_are_read_back),
      cmocka_unit_test(smallest_picture_is_one_pixel),
      cmocka_unit_test(equal_pixels_give_equal_bytes_and_others_do_not),
      cmocka_unit_test(file_begins_as_every_png_does),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
