/* io/idx: headers, element types, damage to plain and gzipped files, and the public data sets. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "io/idx.h"
#include "support/temp_files.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

enum { HEADER_BYTES = 16, N_ELEMENTS = 12, CHECKSUM_FROM_END = 8 };

/* 2 x 2 x 3 bytes with the values 1 to 12. */
static const unsigned char cube[HEADER_BYTES + N_ELEMENTS] = {
    0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
};

static void assert_failure(Status found, Status expected, const char *words) {
  assert_int_equal(found, expected);
  if (!strstr(status_message(), words)) fail_msg("'%s' lacks '%s'", status_message(), words);
}

/* Opens a file of these bytes, which has to fail. */
static void assert_refused(const void *bytes, size_t n_bytes, const char *words) {
  const char *path = temp_write("refused.idx", bytes, n_bytes);
  IdxFile *file;
  Status status = idx_open(path, &file);
  assert_failure(status, ERR_DATA, words);
  assert_non_null(strstr(status_message(), path));
  assert_null(file);
}

/* Opens a file and reads all its elements; zlib may notice damage in either. */
static Status read_all(const char *path) {
  IdxFile *file;
  unsigned char values[N_ELEMENTS];
  Status status = idx_open(path, &file);
  if (status == OK) status = idx_read(file, 0, N_ELEMENTS, values);
  idx_close(file);
  return status;
}

/* ---- reading ---- */

static void assert_reads_cube(const char *path) {
  IdxFile *file;
  assert_int_equal(idx_open(path, &file), OK);
  assert_int_equal(idx_dtype(file), DTYPE_U8);
  assert_string_equal(idx_path(file), path);
  char shape[SHAPE_TEXT_BYTES];
  assert_string_equal(shape_text(idx_shape(file), shape), "2x2x3");

  unsigned char values[N_ELEMENTS];
  assert_int_equal(idx_read(file, 0, N_ELEMENTS, values), OK);
  assert_memory_equal(values, cube + HEADER_BYTES, N_ELEMENTS);
  idx_close(file);
}

static void idx_plain_is_read_whole(void **state) {
  (void)state;
  assert_reads_cube(temp_write("cube.idx", cube, sizeof cube));
}

static void idx_gzipped_is_read_whole(void **state) {
  (void)state;
  assert_reads_cube(temp_write_gzip("cube.gz", cube, sizeof cube));
}

static void assert_reads_in_any_order(const char *path) {
  static const struct {
    size_t first, count;
  } reads[] = {{0, 3}, {3, 4}, {9, 3}, {2, 1}, {0, 0}, {7, 5}, {0, 12}};
  IdxFile *file;
  assert_int_equal(idx_open(path, &file), OK);
  for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
    unsigned char values[N_ELEMENTS];
    assert_int_equal(idx_read(file, reads[i].first, reads[i].count, values), OK);
    assert_memory_equal(values, cube + HEADER_BYTES + reads[i].first, reads[i].count);
  }
  idx_close(file);
}

static void idx_plain_is_read_in_any_order(void **state) {
  (void)state;
  assert_reads_in_any_order(temp_write("cube.idx", cube, sizeof cube));
}

static void idx_gzipped_is_read_in_any_order(void **state) {
  (void)state;
  assert_reads_in_any_order(temp_write_gzip("cube.gz", cube, sizeof cube));
}

static void idx_of_every_type_is_decoded_to_host_order(void **state) {
  (void)state;
  static const struct {
    unsigned char code, bytes[8];
    Dtype dtype;
    double value;
  } types[] = {
      {0x08, {0xC8}, DTYPE_U8, 200},
      {0x09, {0xFE}, DTYPE_I8, -2},
      {0x0B, {0xFE, 0xD4}, DTYPE_I16, -300},
      {0x0C, {0xFF, 0xFE, 0xEE, 0x90}, DTYPE_I32, -70000},
      {0x0D, {0x3F, 0xC0, 0x00, 0x00}, DTYPE_F32, 1.5},
      {0x0E, {0xBF, 0xB9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9A}, DTYPE_F64, -0.1},
  };
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    /* Two equal elements, so that the second one's place is tested as well. */
    size_t element_bytes = dtype_bytes(types[i].dtype);
    unsigned char bytes[8 + 2 * 8] = {0, 0, types[i].code, 1, 0, 0, 0, 2};
    memcpy(bytes + 8, types[i].bytes, element_bytes);
    memcpy(bytes + 8 + element_bytes, types[i].bytes, element_bytes);
    IdxFile *file;
    assert_int_equal(idx_open(temp_write("type.idx", bytes, 8 + 2 * element_bytes), &file), OK);
    assert_int_equal(idx_dtype(file), types[i].dtype);

    Array array = array_create(idx_dtype(file), *idx_shape(file));
    assert_int_equal(idx_read(file, 0, 2, array.values), OK);
    assert_true(array_at(&array, 0) == types[i].value);
    assert_true(array_at(&array, 1) == types[i].value);
    array_release(&array);
    idx_close(file);
  }
}

static void idx_of_eight_dimensions_is_read(void **state) {
  (void)state;
  unsigned char bytes[4 + 8 * 4 + 1] = {0, 0, 8, 8};
  for (size_t i = 0; i < 8; i++) bytes[7 + 4 * i] = 1;
  IdxFile *file;
  assert_int_equal(idx_open(temp_write("eight.idx", bytes, sizeof bytes), &file), OK);
  assert_int_equal(idx_shape(file)->n_dims, 8);
  idx_close(file);
}

static void idx_close_accepts_null(void **state) {
  (void)state;
  idx_close(NULL);
}

/* ---- files that cannot be read ---- */

static void idx_that_is_missing_is_refused_by_name(void **state) {
  (void)state;
  IdxFile *file;
  Status status = idx_open("/no/such/images.idx", &file);
  assert_failure(status, ERR_NO_INPUT, "/no/such/images.idx: No such file or directory");
  assert_null(file);
}

static void idx_that_is_a_folder_is_refused_by_name(void **state) {
  (void)state;
  IdxFile *file;
  Status status = idx_open(temp_folder(), &file);
  assert_failure(status, ERR_NO_INPUT, temp_folder());
  assert_failure(status, ERR_NO_INPUT, "Is a directory");
}

/* ---- headers ---- */

static void idx_that_is_empty_is_refused(void **state) {
  (void)state;
  assert_refused(cube, 0, "cut short: found 0 bytes, expected 4");
}

static void idx_with_a_wrong_magic_is_refused_by_name(void **state) {
  (void)state;
  assert_refused("PK\x03\x04 more", 9, "not an IDX file: found 50 4b as its first bytes");
}

static void idx_with_an_unknown_type_is_refused(void **state) {
  (void)state;
  assert_refused("\0\0\x0A\x01\0\0\0\x01?", 9, "found the element type 0x0a, expected 0x08");
}

static void idx_without_dimensions_is_refused(void **state) {
  (void)state;
  assert_refused("\0\0\x08\0?", 5, "found 0 dimensions, expected 1 to 8");
}

static void idx_with_nine_dimensions_is_refused(void **state) {
  (void)state;
  assert_refused("\0\0\x08\x09?", 5, "found 9 dimensions, expected 1 to 8");
}

static void idx_with_a_dimension_of_zero_is_refused(void **state) {
  (void)state;
  assert_refused("\0\0\x08\x02\0\0\0\x05\0\0\0\0", 12, "found the shape 5x0");
}

static void idx_whose_size_overflows_is_refused(void **state) {
  (void)state;
  unsigned char bytes[4 + 3 * 4];
  memset(bytes, 0xFF, sizeof bytes);
  memcpy(bytes, "\0\0\x0E\x03", 4);
  assert_refused(bytes, sizeof bytes, "found the shape 4294967295x4294967295x4294967295");
}

static void idx_cut_within_its_header_is_refused(void **state) {
  (void)state;
  assert_refused(cube, 10, "cut short: found 10 bytes, expected 16");
}

/* ---- sizes that differ from the header ---- */

static void idx_cut_short_is_refused_when_opened(void **state) {
  (void)state;
  assert_refused(cube, sizeof cube - 1, "found 27 bytes, expected 28 for 2x2x3 uint8 elements");
}

static void idx_with_trailing_bytes_is_refused_when_opened(void **state) {
  (void)state;
  unsigned char longer[sizeof cube + 1] = {0};
  memcpy(longer, cube, sizeof cube);
  assert_refused(longer, sizeof longer, "found 29 bytes, expected 28");
}

static void idx_cut_short_after_it_was_opened_is_noticed(void **state) {
  (void)state;
  const char *path = temp_write("shrinking.idx", cube, sizeof cube);
  IdxFile *file;
  assert_int_equal(idx_open(path, &file), OK);
  temp_cut(path, 2);

  /* Not from the first element on: that would come out of zlib's buffer. */
  unsigned char values[N_ELEMENTS];
  Status status = idx_read(file, 1, N_ELEMENTS - 1, values);
  assert_failure(status, ERR_DATA, "cut short: found 26 bytes, expected 28");
  idx_close(file);
}

static void idx_gzipped_cut_short_is_noticed_at_reading(void **state) {
  (void)state;
  const char *path = temp_write_gzip("short.gz", cube, sizeof cube - 1);
  assert_failure(read_all(path), ERR_DATA, "cut short: found 27 bytes, expected 28");
}

static void idx_gzipped_with_trailing_bytes_is_noticed_at_reading(void **state) {
  (void)state;
  unsigned char longer[sizeof cube + 1] = {0};
  memcpy(longer, cube, sizeof cube);
  const char *path = temp_write_gzip("long.gz", longer, sizeof longer);
  assert_failure(read_all(path), ERR_DATA, "more bytes after its 2x2x3 uint8 elements");
}

static void idx_gzipped_that_promises_too_much_is_refused_when_opened(void **state) {
  (void)state;
  unsigned char bytes[4 + 2 * 4 + 1] = {0, 0, 8, 2, 0x40, 0, 0, 0, 0, 1, 0, 0};
  IdxFile *file;
  Status status = idx_open(temp_write_gzip("huge.gz", bytes, sizeof bytes), &file);
  assert_failure(status, ERR_DATA, "bytes of gzip data, expected 70368744177676");
}

/* ---- damaged gzip data ---- */

static void idx_with_a_wrong_gzip_checksum_is_noticed(void **state) {
  (void)state;
  const char *path = temp_write_gzip("checksum.gz", cube, sizeof cube);
  temp_flip(path, CHECKSUM_FROM_END);
  assert_failure(read_all(path), ERR_DATA, "the gzip data are corrupt");
  assert_non_null(strstr(status_message(), path));
}

static void idx_with_a_wrong_gzip_checksum_fails_at_its_last_element(void **state) {
  (void)state;
  enum { N_MANY = 1 << 21 }; /* more than zlib reads ahead */
  unsigned char *bytes = memory_allocate(8 + N_MANY);
  memcpy(bytes, "\0\0\x08\x01\0\x20\0\0", 8);
  const char *path = temp_write_gzip("many.gz", bytes, 8 + N_MANY);
  temp_flip(path, CHECKSUM_FROM_END);

  IdxFile *file;
  assert_int_equal(idx_open(path, &file), OK);
  assert_int_equal(idx_read(file, 0, N_MANY - 1, bytes), OK);
  assert_failure(idx_read(file, N_MANY - 1, 1, bytes), ERR_DATA, "incorrect data check");
  idx_close(file);
  memory_release(bytes);
}

static void idx_with_a_gzip_trailer_cut_off_is_noticed(void **state) {
  (void)state;
  const char *path = temp_write_gzip("trailer.gz", cube, sizeof cube);
  temp_cut(path, 3);
  assert_failure(read_all(path), ERR_DATA, "the gzip data are corrupt");
}

static void idx_with_gzip_data_cut_off_is_noticed(void **state) {
  (void)state;
  const char *path = temp_write_gzip("cut.gz", cube, sizeof cube);
  temp_cut(path, 20);
  assert_failure(read_all(path), ERR_DATA, "unexpected end of file");
}

static void idx_with_any_byte_of_its_gzip_data_flipped_is_noticed(void **state) {
  (void)state;
  const char *path = temp_write_gzip("flipped.gz", cube, sizeof cube);
  for (size_t from_end = CHECKSUM_FROM_END; from_end <= CHECKSUM_FROM_END + 20; from_end++) {
    temp_flip(path, from_end);
    assert_int_equal(read_all(path), ERR_DATA);
    temp_flip(path, from_end);
  }
  assert_int_equal(read_all(path), OK);
}

/* ---- public data sets ---- */

/* Reads a whole file of bytes in pieces; the caller releases the result. */
static unsigned char *read_public(const char *folder, const char *name,
                                  const char *shape_expected) {
  char path[512], shape[SHAPE_TEXT_BYTES];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  IdxFile *file;
  assert_int_equal(idx_open(path, &file), OK);
  assert_string_equal(shape_text(idx_shape(file), shape), shape_expected);

  size_t count = shape_count(idx_shape(file)), half = count / 2;
  unsigned char *values = memory_allocate(count);
  assert_int_equal(idx_read(file, 0, half, values), OK);
  assert_int_equal(idx_read(file, half, count - half, values + half), OK);
  idx_close(file);
  return values;
}

/* Compares the first labels, and the mean of the pixels as the literature gives it. */
static void assert_public(const char *folder, const unsigned char first_labels[5], double mean) {
  enum { N_PIXELS = 60000 * 28 * 28 };
  unsigned char *labels = read_public(folder, "train-labels-idx1-ubyte.gz", "60000");
  assert_memory_equal(labels, first_labels, 5);
  memory_release(labels);

  unsigned char *images = read_public(folder, "train-images-idx3-ubyte.gz", "60000x28x28");
  double sum = 0;
  for (size_t i = 0; i < N_PIXELS; i++) sum += images[i];
  assert_float_equal(sum / N_PIXELS / 255, mean, 0.5e-4);
  memory_release(images);
}

static void idx_of_mnist_is_read(void **state) {
  (void)state;
  const char *folder = getenv("MNIST");
  if (!folder) skip();
  assert_public(folder, (const unsigned char[]){5, 0, 4, 1, 9}, 0.1307);
}

static void idx_of_fashion_mnist_is_read(void **state) {
  (void)state;
  const char *folder = "/usr/share/datasets/fashion-mnist";
  FILE *there = fopen("/usr/share/datasets/fashion-mnist/train-labels-idx1-ubyte.gz", "rb");
  if (!there) skip();
  fclose(there);
  assert_public(folder, (const unsigned char[]){9, 0, 0, 3, 0}, 0.2860);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(idx_plain_is_read_whole),
      cmocka_unit_test(idx_gzipped_is_read_whole),
      cmocka_unit_test(idx_plain_is_read_in_any_order),
      cmocka_unit_test(idx_gzipped_is_read_in_any_order),
      cmocka_unit_test(idx_of_every_type_is_decoded_to_host_order),
      cmocka_unit_test(idx_of_eight_dimensions_is_read),
      cmocka_unit_test(idx_close_accepts_null),
      cmocka_unit_test(idx_that_is_missing_is_refused_by_name),
      cmocka_unit_test(idx_that_is_a_folder_is_refused_by_name),
      cmocka_unit_test(idx_that_is_empty_is_refused),
      cmocka_unit_test(idx_with_a_wrong_magic_is_refused_by_name),
      cmocka_unit_test(idx_with_an_unknown_type_is_refused),
      cmocka_unit_test(idx_without_dimensions_is_refused),
      cmocka_unit_test(idx_with_nine_dimensions_is_refused),
      cmocka_unit_test(idx_with_a_dimension_of_zero_is_refused),
      cmocka_unit_test(idx_whose_size_overflows_is_refused),
      cmocka_unit_test(idx_cut_within_its_header_is_refused),
      cmocka_unit_test(idx_cut_short_is_refused_when_opened),
      cmocka_unit_test(idx_with_trailing_bytes_is_refused_when_opened),
      cmocka_unit_test(idx_cut_short_after_it_was_opened_is_noticed),
      cmocka_unit_test(idx_gzipped_cut_short_is_noticed_at_reading),
      cmocka_unit_test(idx_gzipped_with_trailing_bytes_is_noticed_at_reading),
      cmocka_unit_test(idx_gzipped_that_promises_too_much_is_refused_when_opened),
      cmocka_unit_test(idx_with_a_wrong_gzip_checksum_is_noticed),
      cmocka_unit_test(idx_with_a_wrong_gzip_checksum_fails_at_its_last_element),
      cmocka_unit_test(idx_with_a_gzip_trailer_cut_off_is_noticed),
      cmocka_unit_test(idx_with_gzip_data_cut_off_is_noticed),
      cmocka_unit_test(idx_with_any_byte_of_its_gzip_data_flipped_is_noticed),
      cmocka_unit_test(idx_of_mnist_is_read),
      cmocka_unit_test(idx_of_fashion_mnist_is_read),
  };
  return cmocka_run_group_tests(tests, temp_folder_create, temp_folder_remove);
}
