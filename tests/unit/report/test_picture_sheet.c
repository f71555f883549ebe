/* report/picture_sheet and report/glyphs: pictures keep their pixels, captions stay in their place,
 * and every character has a shape of its own.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "report/glyphs.h"
#include "report/picture_sheet.h"

#include <cmocka.h>

/* ---- glyphs ---- */

static void characters_are_counted_not_their_bytes(void **state) {
  (void)state;
  assert_int_equal(glyph_count(""), 0);
  assert_int_equal(glyph_count("3 → 5"), 5);
  assert_int_equal(glyph_count("Bär…"), 4);
}

static void printable_characters_have_shapes_of_their_own(void **state) {
  (void)state;
  const uint8_t *shapes[128];
  for (int c = ' '; c <= '~'; c++) {
    const char *text = (const char[]){(char)c, '\0'};
    shapes[c] = glyph_next(&text);
    assert_int_equal(*text, '\0');
    for (int other = ' '; other < c; other++) {
      bool same = memcmp(shapes[c], shapes[other], GLYPH_HEIGHT) == 0;
      if (same != (c == 'O' && other == '0')) fail_msg("%c looks like %c", c, other);
    }
    for (size_t row = 0; row < GLYPH_HEIGHT; row++) assert_in_range(shapes[c][row], 0, 31);
  }
}

static void character_without_a_shape_is_a_box(void **state) {
  (void)state;
  const char *text = "äß\x01";
  const uint8_t *shape = glyph_next(&text);
  assert_ptr_equal(glyph_next(&text), shape);
  assert_ptr_equal(glyph_next(&text), shape);
  assert_null(glyph_next(&text));
}

/* ---- sheets ---- */

static size_t count_colour(const Array *sheet, uint8_t red, uint8_t green, uint8_t blue) {
  size_t n = sheet->shape.dims[0] * sheet->shape.dims[1], count = 0;
  const uint8_t *pixels = sheet->values;
  for (size_t i = 0; i < n; i++, pixels += 3) {
    count += pixels[0] == red && pixels[1] == green && pixels[2] == blue;
  }
  return count;
}

/* A sheet of `n` black pictures of 8 x 8 pixels with the same caption. */
static Array draw_same(size_t n, const char *caption) {
  static const uint8_t pixels[64];
  PictureSheet *sheet = picture_sheet_create("T", 8, 8, 1);
  for (size_t i = 0; i < n; i++) picture_sheet_add(sheet, pixels, caption);
  Array drawn = picture_sheet_draw(sheet);
  picture_sheet_destroy(sheet);
  return drawn;
}

static bool same_pixels(const Array *a, const Array *b) {
  size_t count = shape_count(&a->shape);
  return count == shape_count(&b->shape) && memcmp(a->values, b->values, count) == 0;
}

static void small_pictures_grow_by_whole_multiples(void **state) {
  (void)state;
  static const uint8_t pixels[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 0, 255};
  PictureSheet *sheet = picture_sheet_create("", 2, 2, 3);
  picture_sheet_add(sheet, pixels, "");
  Array drawn = picture_sheet_draw(sheet);
  assert_int_equal(drawn.shape.n_dims, 3);
  assert_int_equal(count_colour(&drawn, 255, 0, 0), 56 * 56);
  assert_int_equal(count_colour(&drawn, 0, 255, 0), 56 * 56);
  assert_int_equal(count_colour(&drawn, 0, 0, 255), 56 * 56);
  assert_int_equal(count_colour(&drawn, 255, 0, 255), 56 * 56);
  array_release(&drawn);
  picture_sheet_destroy(sheet);
}

static void large_pictures_shrink(void **state) {
  (void)state;
  uint8_t *pixels = memory_allocate(600 * 300);
  memset(pixels, 123, 600 * 300);
  PictureSheet *sheet = picture_sheet_create("", 300, 600, 1);
  picture_sheet_add(sheet, pixels, "");
  memory_release(pixels);
  Array drawn = picture_sheet_draw(sheet);
  assert_int_equal(count_colour(&drawn, 123, 123, 123), 200 * 100);
  array_release(&drawn);
  picture_sheet_destroy(sheet);
}

static void eleventh_picture_begins_a_row(void **state) {
  (void)state;
  Array one = draw_same(1, "a"), ten = draw_same(10, "a"), eleven = draw_same(11, "a");
  assert_int_equal(one.shape.dims[0], ten.shape.dims[0]);
  assert_true(one.shape.dims[1] < ten.shape.dims[1]);
  assert_true(ten.shape.dims[0] < eleven.shape.dims[0]);
  assert_int_equal(ten.shape.dims[1], eleven.shape.dims[1]);
  assert_int_equal(count_colour(&eleven, 0, 0, 0), 11 * count_colour(&one, 0, 0, 0));
  array_release(&one), array_release(&ten), array_release(&eleven);
}

static void captions_differ_and_take_room_for_their_lines(void **state) {
  (void)state;
  Array a = draw_same(1, "3 → 5"), b = draw_same(1, "3 → 6"), two = draw_same(1, "3\n→ 5");
  assert_false(same_pixels(&a, &b));
  assert_int_equal(a.shape.dims[0], b.shape.dims[0]);
  assert_true(two.shape.dims[0] > a.shape.dims[0]);
  array_release(&a), array_release(&b), array_release(&two);
}

static void caption_that_is_too_long_is_cut(void **state) {
  (void)state;
  Array whole = draw_same(3, "abcdefghijklmn"), longer = draw_same(3, "abcdefghijklmno"),
        longest = draw_same(3, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz");
  assert_int_equal(whole.shape.dims[1], longer.shape.dims[1]);
  assert_false(same_pixels(&whole, &longer));
  assert_true(same_pixels(&longer, &longest));
  array_release(&whole), array_release(&longer), array_release(&longest);
}

static void sheet_without_pictures_is_its_title(void **state) {
  (void)state;
  Array drawn = draw_same(0, "");
  assert_true(count_colour(&drawn, 32, 32, 32) > 0);
  assert_int_equal(count_colour(&drawn, 0, 0, 0), 0);
  array_release(&drawn);
  picture_sheet_destroy(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(characters_are_counted_not_their_bytes),
      cmocka_unit_test(printable_characters_have_shapes_of_their_own),
      cmocka_unit_test(character_without_a_shape_is_a_box),
      cmocka_unit_test(small_pictures_grow_by_whole_multiples),
      cmocka_unit_test(large_pictures_shrink),
      cmocka_unit_test(eleventh_picture_begins_a_row),
      cmocka_unit_test(captions_differ_and_take_room_for_their_lines),
      cmocka_unit_test(caption_that_is_too_long_is_cut),
      cmocka_unit_test(sheet_without_pictures_is_its_title),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
