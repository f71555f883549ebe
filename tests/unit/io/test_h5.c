/* io/h5: what is written is read back in every type, the same content gives the same bytes, and
 * what a file does not hold is refused. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/h5.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

enum { USER_BLOCK = 512 };

typedef struct Image {
  char *bytes;
  size_t count;
} Image;

static Image image_of(H5File *file) {
  Image image;
  h5_finish(file, &image.bytes, &image.count);
  return image;
}

static H5File *open_good(const Image *image) {
  H5File *file;
  if (h5_open(image->bytes, image->count, "test.h5", &file) != OK) fail_msg("%s", status_message());
  return file;
}

static void close_image(H5File *file, Image *image) {
  h5_close(file);
  memory_release(image->bytes);
}

/* ---- arrays ---- */

static void arrays_of_every_type_are_read_back(void **state) {
  (void)state;
  static const uint8_t u8[] = {0, 1, 254, 255};
  static const int8_t i8[] = {-128, -1, 0, 127};
  static const int16_t i16[] = {INT16_MIN, -1, 0, INT16_MAX};
  static const int32_t i32[] = {INT32_MIN, -1, 0, INT32_MAX};
  static const float f32[] = {-0.0f, 0.1f, 3e38f, 1e-45f};
  static const double f64[] = {-0.0, 0.1, 1e308, 5e-324};
  static const int64_t i64[] = {INT64_MIN, -1, 0, INT64_MAX};
  static const void *const values[] = {
      [DTYPE_U8] = u8,   [DTYPE_I8] = i8,   [DTYPE_I16] = i16, [DTYPE_I32] = i32,
      [DTYPE_F32] = f32, [DTYPE_F64] = f64, [DTYPE_I64] = i64};
  H5File *file = h5_begin(USER_BLOCK);
  for (size_t type = 0; type < sizeof values / sizeof *values; type++) {
    char path[] = {'/', (char)('a' + type), '\0'};
    h5_add_array(file, path, (Dtype)type, &(Shape){2, {2, 2}}, values[type]);
  }
  Image image = image_of(file);
  file = open_good(&image);
  for (size_t type = 0; type < sizeof values / sizeof *values; type++) {
    char path[] = {'/', (char)('a' + type), '\0'};
    Array array;
    assert_int_equal(h5_read_array(file, path, (Dtype)type, &array), OK);
    assert_int_equal(array.shape.n_dims, 2);
    assert_int_equal(array.shape.dims[1], 2);
    assert_memory_equal(array.values, values[type], 4 * dtype_bytes((Dtype)type));
    array_release(&array);
  }
  close_image(file, &image);
}

static void arrays_of_every_shape_are_read_back(void **state) {
  (void)state;
  static const Shape shapes[] = {
      {0}, {1, {0}}, {1, {1}}, {3, {2, 3, 4}}, {2, {0, 5}}, {8, {1, 2, 1, 2, 1, 2, 1, 2}}};
  float values[24];
  for (int i = 0; i < 24; i++) values[i] = (float)i;
  H5File *file = h5_begin(USER_BLOCK);
  for (size_t i = 0; i < 6; i++) {
    char path[] = {'/', (char)('a' + i), '\0'};
    h5_add_array(file, path, DTYPE_F32, &shapes[i], values);
  }
  Image image = image_of(file);
  file = open_good(&image);
  for (size_t i = 0; i < 6; i++) {
    char path[] = {'/', (char)('a' + i), '\0'};
    Array array;
    assert_int_equal(h5_read_array(file, path, DTYPE_F32, &array), OK);
    assert_int_equal(array.shape.n_dims, shapes[i].n_dims);
    assert_int_equal(shape_count(&array.shape), shape_count(&shapes[i]));
    assert_memory_equal(array.values, values, shape_count(&shapes[i]) * sizeof(float));
    array_release(&array);
  }
  close_image(file, &image);
}

static void array_is_converted_to_the_type_that_is_wanted(void **state) {
  (void)state;
  static const int64_t stored[] = {-3, 7};
  H5File *file = h5_begin(USER_BLOCK);
  h5_add_array(file, "/a", DTYPE_I64, &(Shape){1, {2}}, stored);
  Image image = image_of(file);
  file = open_good(&image);
  Array array;
  assert_int_equal(h5_read_array(file, "/a", DTYPE_F64, &array), OK);
  assert_true(array_at(&array, 0) == -3 && array_at(&array, 1) == 7);
  array_release(&array);
  close_image(file, &image);
}

/* ---- texts, attributes, tables ---- */

static void texts_and_numbers_of_attributes_are_read_back(void **state) {
  (void)state;
  H5File *file = h5_begin(USER_BLOCK);
  h5_add_group(file, "/g");
  h5_add_array(file, "/g/a", DTYPE_U8, &(Shape){0}, "x");
  h5_set_text(file, "/", "root", "of the root");
  h5_set_text(file, "/g", "text", "caf\xc3\xa9\n\"quoted\"");
  h5_set_text(file, "/g", "empty", "");
  h5_set_whole(file, "/g/a", "whole", INT64_MIN);
  h5_set_real(file, "/g/a", "real", 0.1);
  Image image = image_of(file);
  file = open_good(&image);
  char *text;
  int64_t whole;
  double real;
  assert_int_equal(h5_get_text(file, "/", "root", &text), OK);
  assert_string_equal(text, "of the root");
  memory_release(text);
  assert_int_equal(h5_get_text(file, "/g", "text", &text), OK);
  assert_string_equal(text, "caf\xc3\xa9\n\"quoted\"");
  memory_release(text);
  assert_int_equal(h5_get_text(file, "/g", "empty", &text), OK);
  assert_string_equal(text, "");
  memory_release(text);
  assert_int_equal(h5_get_whole(file, "/g/a", "whole", &whole), OK);
  assert_true(whole == INT64_MIN);
  assert_int_equal(h5_get_real(file, "/g/a", "real", &real), OK);
  assert_true(real == 0.1);
  close_image(file, &image);
}

static void long_texts_are_read_back(void **state) {
  (void)state;
  enum { LENGTH = 300000 };
  char *text = memory_allocate(LENGTH + 1), *found;
  memset(text, 'y', LENGTH);
  H5File *file = h5_begin(USER_BLOCK);
  h5_add_text(file, "/dataset", text);
  h5_set_text(file, "/", "attribute", text);
  Image image = image_of(file);
  file = open_good(&image);
  assert_int_equal(h5_read_text(file, "/dataset", &found), OK);
  assert_string_equal(found, text);
  memory_release(found);
  assert_int_equal(h5_get_text(file, "/", "attribute", &found), OK);
  assert_string_equal(found, text);
  memory_release(found);
  memory_release(text);
  close_image(file, &image);
}

/* Writes and reads `count` texts of up to `length` bytes; true if they had to be cut into parts. */
static bool texts_round_trip(size_t count, size_t length) {
  char **texts = NEW_ARRAY(char *, count), **found;
  for (size_t i = 0; i < count; i++) {
    texts[i] = memory_allocate(length + 24);
    snprintf(texts[i], length + 24, "%0*zu", (int)(length - i % 2), i);
  }
  H5File *file = h5_begin(USER_BLOCK);
  h5_set_texts(file, "/", "names", count, (const char *const *)texts);
  Image image = image_of(file);
  file = open_good(&image);
  size_t n_found;
  assert_int_equal(h5_get_texts(file, "/", "names", &found, &n_found), OK);
  assert_int_equal(n_found, count);
  for (size_t i = 0; i < count; i++) {
    assert_string_equal(found[i], texts[i]);
    memory_release(found[i]), memory_release(texts[i]);
  }
  memory_release(found), memory_release(texts);
  char *part; /* not a text but an array of them: enough to know that there is one */
  h5_get_text(file, "/", "names0", &part);
  bool cut = !strstr(status_message(), "can't locate attribute");
  close_image(file, &image);
  return cut;
}

static void arrays_of_texts_are_read_back_in_parts_where_they_are_too_large(void **state) {
  (void)state;
  texts_round_trip(0, 1);
  texts_round_trip(1, 5);
  texts_round_trip(3, 63);
  texts_round_trip(1008, 64); /* 64,512 bytes: the most that fits one attribute */
  texts_round_trip(1009, 64);
  texts_round_trip(5000, 100);
}

static void array_of_texts_above_64_kib_is_cut_as_keras_cuts_it(void **state) {
  (void)state;
  assert_false(texts_round_trip(1008, 64));
  assert_true(texts_round_trip(1009, 64));
}

typedef struct Record {
  char name[8];
  int64_t count;
} Record;

static void table_is_there_and_not_an_array_of_numbers(void **state) {
  (void)state;
  static const H5Column columns[] = {{"name", offsetof(Record, name), 8},
                                     {"count", offsetof(Record, count), 0}};
  static const Record records[] = {{"kernel", 12}, {"bias", 4}};
  H5File *file = h5_begin(USER_BLOCK);
  h5_add_table(file, "/table", columns, 2, records, 2, sizeof *records);
  Image image = image_of(file);
  file = open_good(&image);
  Array array;
  assert_true(h5_has(file, "/table"));
  assert_int_equal(h5_read_array(file, "/table", DTYPE_F64, &array), ERR_DATA);
  assert_string_equal(status_message(), "test.h5: /table: not a dataset of numbers");
  close_image(file, &image);
}

static void members_of_a_group_are_listed_by_their_bytes(void **state) {
  (void)state;
  H5File *file = h5_begin(0);
  h5_add_group(file, "/g");
  h5_add_group(file, "/g/dense_2");
  h5_add_group(file, "/g/dense_10");
  h5_add_array(file, "/g/a", DTYPE_F32, &(Shape){1, {1}}, &(float){1});
  Image image = image_of(file);
  file = open_good(&image);
  char **names;
  size_t count;
  assert_int_equal(h5_list(file, "/g", &names, &count), OK);
  assert_int_equal(count, 3);
  assert_string_equal(names[0], "a");
  assert_string_equal(names[1], "dense_10");
  assert_string_equal(names[2], "dense_2");
  h5_release_texts(names, count);
  assert_int_equal(h5_list(file, "/none", &names, &count), ERR_DATA);
  assert_null(names);
  close_image(file, &image);
}

/* ---- bytes ---- */

static Image some_content(void) {
  static const float values[] = {1, 2, 3};
  static const char *const names[] = {"dense", "dropout"};
  H5File *file = h5_begin(USER_BLOCK);
  h5_add_group(file, "/g");
  h5_add_group(file, "/g/inner");
  h5_add_array(file, "/g/a", DTYPE_F32, &(Shape){1, {3}}, values);
  h5_add_text(file, "/g/text", "some text");
  h5_set_texts(file, "/g", "names", 2, names);
  h5_set_text(file, "/", "version", "1");
  h5_set_real(file, "/g", "number", 0.5);
  return image_of(file);
}

static void same_content_gives_the_same_bytes(void **state) {
  (void)state;
  Image once = some_content();
  for (time_t second = time(NULL); time(NULL) == second;)
    usleep(10000); /* time stamps have seconds */
  Image twice = some_content();
  assert_int_equal(once.count, twice.count);
  assert_memory_equal(once.bytes, twice.bytes, once.count);
  memory_release(once.bytes), memory_release(twice.bytes);
}

static void file_begins_with_an_empty_user_block(void **state) {
  (void)state;
  static const char zeros[USER_BLOCK];
  Image image = some_content();
  assert_memory_equal(image.bytes, zeros, USER_BLOCK);
  assert_memory_equal(image.bytes + USER_BLOCK, "\x89HDF\r\n\x1a\n", 8);
  assert_int_equal(image.bytes[USER_BLOCK + 8], 0); /* the earliest superblock version */
  memory_release(image.bytes);
}

static void file_is_readable_with_any_user_block(void **state) {
  (void)state;
  Image image = some_content();
  memset(image.bytes, '#', USER_BLOCK);
  H5File *file = open_good(&image);
  assert_true(h5_has(file, "/g/a"));
  close_image(file, &image);
}

/* ---- what is refused ---- */

static void bytes_that_are_no_hdf5_file_are_refused(void **state) {
  (void)state;
  static const char text[2000] = "not an HDF5 file";
  H5File *file;
  assert_int_equal(h5_open(text, sizeof text, "x.h5", &file), ERR_DATA);
  assert_int_equal(
      strncmp(status_message(), "x.h5: /: not an HDF5 file that this program can read", 52), 0);
  assert_null(file);
}

static void what_is_missing_is_refused_by_name(void **state) {
  (void)state;
  Image image = some_content();
  H5File *file = open_good(&image);
  Array array;
  char *text, **texts;
  int64_t whole;
  size_t count;
  assert_false(h5_has(file, "/none"));
  assert_false(h5_has(file, "/none/deeper"));
  assert_int_equal(h5_read_array(file, "/none", DTYPE_F32, &array), ERR_DATA);
  assert_non_null(strstr(status_message(), "test.h5: /none: no such dataset"));
  assert_null(array.values);
  assert_int_equal(h5_read_text(file, "/none", &text), ERR_DATA);
  assert_null(text);
  assert_int_equal(h5_get_text(file, "/g", "none", &text), ERR_DATA);
  assert_non_null(strstr(status_message(), "test.h5: /g: none"));
  assert_null(text);
  assert_int_equal(h5_get_whole(file, "/none", "none", &whole), ERR_DATA);
  assert_int_equal(h5_get_texts(file, "/g", "none", &texts, &count), ERR_DATA);
  assert_null(texts);
  close_image(file, &image);
}

static void value_of_another_type_is_refused(void **state) {
  (void)state;
  Image image = some_content();
  H5File *file = open_good(&image);
  Array array;
  char *text, **texts;
  int64_t whole;
  double real;
  size_t count;
  assert_int_equal(h5_read_array(file, "/g/text", DTYPE_F32, &array), ERR_DATA);
  assert_int_equal(h5_read_array(file, "/g", DTYPE_F32, &array), ERR_DATA);
  assert_int_equal(h5_read_text(file, "/g/a", &text), ERR_DATA);
  assert_int_equal(h5_get_text(file, "/g", "number", &text), ERR_DATA);
  assert_int_equal(h5_get_text(file, "/g", "names", &text), ERR_DATA);
  assert_int_equal(h5_get_whole(file, "/", "version", &whole), ERR_DATA);
  assert_int_equal(h5_get_real(file, "/", "version", &real), ERR_DATA);
  assert_int_equal(h5_get_texts(file, "/", "version", &texts, &count), ERR_DATA);
  close_image(file, &image);
}

/* ---- the walk ---- */

static void append_item(void *context, const H5Item *item) {
  Text *text = context;
  text_append(text, "%zu %s %s", item->depth, item->path, item->name);
  if (item->type) text_append(text, " %s", item->type);
  if (item->shape) text_append(text, " %s", item->shape);
  if (item->value) text_append(text, " = %s", item->value);
  text_append(text, "\n");
}

static void walk_visits_everything_in_order(void **state) {
  (void)state;
  H5File *file = h5_begin(USER_BLOCK);
  h5_add_group(file, "/b");
  h5_add_array(file, "/b/matrix", DTYPE_F32, &(Shape){2, {2, 3}}, (float[6]){0});
  h5_add_text(file, "/a", "hello");
  h5_add_table(file, "/b/table", &(H5Column){"n", 0, 0}, 1, &(int64_t){7}, 1, sizeof(int64_t));
  h5_set_whole(file, "/b", "step", 45);
  h5_set_real(file, "/b", "rate", 0.1);
  h5_set_text(file, "/", "title", "a file");
  h5_set_texts(file, "/b/matrix", "names", 2, (const char *const[]){"x", "yy"});
  h5_set_texts(file, "/b/matrix", "none", 0, NULL);
  Image image = image_of(file);
  H5File *read = open_good(&image);

  Text text = {0};
  assert_int_equal(h5_walk(read, append_item, &text), OK);
  assert_string_equal(text.bytes, "0 / /\n"
                                  "1 / title text = a file\n"
                                  "1 /a a text\n"
                                  "1 /b b\n"
                                  "2 /b rate float64 = 0.1\n"
                                  "2 /b step int64 = 45\n"
                                  "2 /b/matrix matrix float32 2x3\n"
                                  "3 /b/matrix names text[2] 2 = [x, yy]\n"
                                  "3 /b/matrix none text[1] 0 = []\n"
                                  "2 /b/table table {n int64} 1\n");
  text_release(&text);
  close_image(read, &image);
}

static void two_files_are_open_at_once(void **state) {
  (void)state;
  Image images[2];
  H5File *files[2];
  for (int64_t i = 0; i < 2; i++) {
    H5File *file = h5_begin(USER_BLOCK);
    h5_set_whole(file, "/", "number", i);
    images[i] = image_of(file);
  }
  for (int i = 0; i < 2; i++) files[i] = open_good(&images[i]);
  for (int i = 0; i < 2; i++) {
    int64_t number = -1;
    assert_int_equal(h5_get_whole(files[i], "/", "number", &number), OK);
    assert_int_equal(number, i);
  }
  for (int i = 0; i < 2; i++) close_image(files[i], &images[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(arrays_of_every_type_are_read_back),
      cmocka_unit_test(arrays_of_every_shape_are_read_back),
      cmocka_unit_test(array_is_converted_to_the_type_that_is_wanted),
      cmocka_unit_test(texts_and_numbers_of_attributes_are_read_back),
      cmocka_unit_test(long_texts_are_read_back),
      cmocka_unit_test(arrays_of_texts_are_read_back_in_parts_where_they_are_too_large),
      cmocka_unit_test(array_of_texts_above_64_kib_is_cut_as_keras_cuts_it),
      cmocka_unit_test(table_is_there_and_not_an_array_of_numbers),
      cmocka_unit_test(members_of_a_group_are_listed_by_their_bytes),
      cmocka_unit_test(same_content_gives_the_same_bytes),
      cmocka_unit_test(file_begins_with_an_empty_user_block),
      cmocka_unit_test(file_is_readable_with_any_user_block),
      cmocka_unit_test(bytes_that_are_no_hdf5_file_are_refused),
      cmocka_unit_test(what_is_missing_is_refused_by_name),
      cmocka_unit_test(value_of_another_type_is_refused),
      cmocka_unit_test(walk_visits_everything_in_order),
      cmocka_unit_test(two_files_are_open_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
