/* io/npy and io/npz: what NumPy wrote is read in every form, what is written is what NumPy writes,
 * and what is damaged or of another sort is refused. The files are from tests/interop. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/archive.h"
#include "io/file.h"
#include "io/npy.h"
#include "io/npz.h"

#include <zip.h>

#include <cmocka.h> /* last: its macro `fail` would hide ours */

#define FIXTURES "tests/interop/fixtures/"

typedef struct Bytes {
  char *bytes;
  size_t count;
} Bytes;

static Bytes read_bytes(const char *path) {
  Bytes file;
  if (file_read(path, &file.bytes, &file.count) != OK) fail_msg("%s", status_message());
  return file;
}

static Array read_good(const char *path) {
  Bytes file = read_bytes(path);
  Array array;
  if (npy_read(file.bytes, file.count, path, &array) != OK) fail_msg("%s", status_message());
  memory_release(file.bytes);
  return array;
}

static void assert_refused(const void *bytes, size_t count, const char *words) {
  Array array;
  assert_int_equal(npy_read(bytes, count, "test.npy", &array), ERR_DATA);
  assert_null(array.values);
  if (!strstr(status_message(), words)) fail_msg("found '%s'", status_message());
}

/* ---- what NumPy wrote ---- */

static void every_type_in_every_order_is_read(void **state) {
  (void)state;
  Bytes file = read_bytes(FIXTURES "types.npz");
  TensorList list;
  if (npz_read(file.bytes, file.count, "types.npz", &list) != OK) fail_msg("%s", status_message());
  assert_int_equal(list.count, 2 * 13);
  for (size_t i = 0; i < list.count; i++) {
    const NamedArray *item = &list.items[i];
    assert_int_equal(item->array.shape.n_dims, 2);
    assert_int_equal(item->array.shape.dims[0] * 10 + item->array.shape.dims[1], 23);
    bool truth = strstr(item->name, " b1 ");
    for (size_t e = 0; e < 6; e++) {
      assert_true(array_at(&item->array, e) == (truth ? e > 2 : (double)e));
    }
  }
  tensor_list_release(&list);
  memory_release(file.bytes);
}

static void elements_keep_their_type(void **state) {
  (void)state;
  static const struct {
    const char *name;
    Dtype dtype;
  } expected[] = {{"rows u1 little", DTYPE_U8}, {"rows b1 little", DTYPE_U8},
                  {"rows i2 big", DTYPE_I16},   {"rows i4 little", DTYPE_I32},
                  {"rows i8 big", DTYPE_I64},   {"columns f4 big", DTYPE_F32},
                  {"rows f8 little", DTYPE_F64}};
  Bytes file = read_bytes(FIXTURES "types.npz");
  TensorList list;
  assert_int_equal(npz_read(file.bytes, file.count, "types.npz", &list), OK);
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    const NamedArray *item = tensor_list_find(&list, expected[i].name);
    assert_non_null(item);
    assert_int_equal(item->array.dtype, expected[i].dtype);
  }
  assert_null(tensor_list_find(&list, "rows u1 lit"));
  tensor_list_release(&list);
  memory_release(file.bytes);
}

static void every_version_is_read(void **state) {
  (void)state;
  for (int version = 1; version <= 3; version++) {
    char path[64];
    snprintf(path, sizeof path, FIXTURES "version_%d.npy", version);
    Array array = read_good(path);
    assert_int_equal(array.dtype, DTYPE_F32);
    for (size_t i = 0; i < 6; i++) assert_true(array_at(&array, i) == (double)i);
    array_release(&array);
  }
}

static void what_is_written_is_what_numpy_writes(void **state) {
  (void)state;
  Bytes numpy = read_bytes(FIXTURES "version_1.npy");
  Array array = read_good(FIXTURES "version_1.npy");
  Text written = {0};
  npy_write(&array, &written);
  assert_int_equal(written.length, numpy.count);
  assert_memory_equal(written.bytes, numpy.bytes, numpy.count);
  text_release(&written);
  array_release(&array);
  memory_release(numpy.bytes);
}

static void arrays_of_every_shape_are_read_back(void **state) {
  (void)state;
  static const Shape shapes[] = {{0}, {1, {7}}, {1, {0}}, {3, {2, 1, 3}}, {8, {1, 1, 1, 2}}};
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    Array array = array_create(DTYPE_F64, shapes[i]), found;
    for (size_t e = 0; e < shape_count(&shapes[i]); e++)
      ((double *)array.values)[e] = 0.5 + (double)e;
    Text written = {0};
    npy_write(&array, &written);
    assert_int_equal(npy_read(written.bytes, written.length, "test.npy", &found), OK);
    assert_true(shape_is_same(&found.shape, &shapes[i]));
    assert_memory_equal(found.values, array.values, shape_count(&shapes[i]) * sizeof(double));
    text_release(&written);
    array_release(&found);
    array_release(&array);
  }
}

/* ---- what is refused ---- */

static void elements_of_other_types_are_refused_by_name(void **state) {
  (void)state;
  Bytes objects = read_bytes(FIXTURES "objects.npy"), half = read_bytes(FIXTURES "half.npy");
  assert_refused(objects.bytes, objects.count, "test.npy: found an array of Python objects (|O)");
  assert_refused(half.bytes, half.count, "found elements of the type '<f2', expected u1, b1,");
  memory_release(objects.bytes), memory_release(half.bytes);
}

/* The bytes of a file with this header and `n_bytes` zeros behind it. */
static Text file_of(const char *header, size_t n_bytes) {
  Text file = {0};
  text_append_bytes(&file, "\x93NUMPY\x01\x00", 8);
  text_append_bytes(&file, (char[]){(char)strlen(header), 0}, 2);
  text_append(&file, "%s", header);
  for (size_t i = 0; i < n_bytes; i++) text_append_bytes(&file, "", 1);
  return file;
}

static void headers_that_are_not_numpys_are_refused(void **state) {
  (void)state;
  static const struct {
    const char *header, *words;
  } bad[] = {
      {"", "header: found '', expected '{'"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), ", "expected a text in quotes"},
      {"{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2,), }", "expected True or False"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': 2, }", "expected a tuple of dimensions"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", "expected a dimension"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2 2), }", "expected ',' or ')'"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1), }", "fewer dim"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999,), }",
       "expected a smaller dimension"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,4,), }",
       "found 8 bytes of elements"},
      {"{'descr': [('a', '<f4')], 'shape': (2,), }", "found a structured array"},
      {"{'descr': '<f4', 'order': False, 'shape': (2,), }", "found the key 'order'"},
      {"{'fortran_order': False, 'shape': (2,), }", "found no descr"},
      {"{'descr': '<f4', 'shape': (2,), }", "found no fortran_order"},
      {"{'descr': '<f4', 'fortran_order': False, }", "found no shape"},
      {"{'descr': '<f4', 'shape': (1,), 'shape': (2,), }", "found shape twice"},
      {"{'descr': '|f4', 'fortran_order': False, 'shape': (2,), }",
       "found elements of the type '|f4'"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
       "expected 12 for the shape 3 of float32"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    Text file = file_of(bad[i].header, 8);
    assert_refused(file.bytes, file.length, bad[i].words);
    text_release(&file);
  }
}

static void file_that_is_cut_anywhere_is_refused(void **state) {
  (void)state;
  Bytes file = read_bytes(FIXTURES "version_2.npy");
  for (size_t count = 0; count < file.count; count++)
    assert_refused(file.bytes, count, "test.npy: ");
  file.bytes[6] = 4;
  assert_refused(file.bytes, file.count, "found version 4.0 of .npy");
  memory_release(file.bytes);
}

/* ---- archives ---- */

static TensorList some_tensors(void) {
  TensorList list = {0};
  for (size_t i = 0; i < 3; i++) {
    Array array = array_create(DTYPE_F32, (Shape){2, {i + 1, 4}});
    for (size_t e = 0; e < 4 * (i + 1); e++) ((float *)array.values)[e] = (float)(e + i);
    tensor_list_add(&list, (const char *[]){"dense/kernel", "bias", "ä"}[i], array);
  }
  return list;
}

static void archive_is_read_back_in_order_and_has_the_same_bytes_again(void **state) {
  (void)state;
  TensorList list = some_tensors(), found;
  Bytes once, twice;
  npz_write(&list, &once.bytes, &once.count);
  npz_write(&list, &twice.bytes, &twice.count);
  assert_int_equal(once.count, twice.count);
  assert_memory_equal(once.bytes, twice.bytes, once.count);
  assert_int_equal(npz_read(once.bytes, once.count, "test.npz", &found), OK);
  assert_int_equal(found.count, 3);
  assert_int_equal(found.order, ORDER_OF_SAVING);
  for (size_t i = 0; i < 3; i++) {
    assert_string_equal(found.items[i].name, list.items[i].name);
    assert_true(shape_is_same(&found.items[i].array.shape, &list.items[i].array.shape));
    assert_memory_equal(found.items[i].array.values, list.items[i].array.values, 16 * (i + 1));
  }
  tensor_list_release(&list), tensor_list_release(&found);
  memory_release(once.bytes), memory_release(twice.bytes);
}

static void archive_with_other_entries_is_refused(void **state) {
  (void)state;
  Archive *archive = archive_begin();
  archive_add(archive, "notes.txt", memory_copy_text("text"), 4);
  Bytes file;
  archive_finish(archive, &file.bytes, &file.count);
  TensorList list;
  assert_int_equal(npz_read(file.bytes, file.count, "test.npz", &list), ERR_DATA);
  assert_string_equal(status_message(),
                      "test.npz: found the entry 'notes.txt', expected names that end in .npy");
  memory_release(file.bytes);
}

static void archive_that_is_cut_or_flipped_anywhere_is_refused_or_read(void **state) {
  (void)state;
  TensorList list = some_tensors(), found;
  Bytes file;
  npz_write(&list, &file.bytes, &file.count);
  for (size_t count = 0; count < file.count; count++) {
    assert_int_equal(npz_read(file.bytes, count, "test.npz", &found), ERR_DATA);
  }
  size_t begin = 30 + strlen("dense/kernel.npy"); /* of the first entry's content */
  for (size_t i = 0; i < file.count; i++) {
    file.bytes[i] ^= 1 << i % 8;
    Status status = npz_read(file.bytes, file.count, "test.npz", &found);
    bool in_content = i >= begin && i < begin + 128 + 16;
    if (in_content) { /* its checksum sees every bit */
      assert_int_equal(status, ERR_DATA);
      assert_string_equal(status_message(), "test.npz: dense/kernel.npy: damaged: CRC error");
    }
    tensor_list_release(&found);
    file.bytes[i] ^= 1 << i % 8;
  }
  tensor_list_release(&list);
  memory_release(file.bytes);
}

/* An archive as NumPy's savez_compressed makes it. */
static Bytes compressed_archive(const char *name, const void *content, size_t count) {
  zip_source_t *image = zip_source_buffer_create(NULL, 0, 0, NULL);
  zip_t *zip = zip_open_from_source(image, ZIP_TRUNCATE, NULL);
  zip_source_keep(image);
  zip_file_add(zip, name, zip_source_buffer(zip, content, count, 0), 0);
  assert_int_equal(zip_close(zip), 0);
  zip_stat_t facts;
  zip_source_stat(image, &facts);
  zip_source_open(image);
  Bytes file = {memory_allocate((size_t)facts.size), (size_t)facts.size};
  assert_int_equal(zip_source_read(image, file.bytes, file.count), file.count);
  zip_source_close(image);
  zip_source_free(image);
  return file;
}

static void archive_that_is_compressed_says_that_it_is_damaged(void **state) {
  (void)state;
  Array array = array_create(DTYPE_F32, (Shape){1, {64}});
  for (size_t i = 0; i < 64; i++) ((float *)array.values)[i] = (float)i;
  Text content = {0};
  npy_write(&array, &content);
  Bytes file = compressed_archive("a.npy", content.bytes, content.length);
  TensorList found;
  assert_int_equal(npz_read(file.bytes, file.count, "test.npz", &found), OK);
  tensor_list_release(&found);

  size_t begin = 30 + strlen("a.npy"), end = begin + 100; /* well within the content */
  for (size_t i = begin; i < end; i++) {
    file.bytes[i] ^= 0x11;
    assert_int_equal(npz_read(file.bytes, file.count, "test.npz", &found), ERR_DATA);
    assert_non_null(strstr(status_message(), "test.npz: a.npy: damaged: "));
    assert_null(strstr(status_message(), "No error"));
    file.bytes[i] ^= 0x11;
  }
  memory_release(file.bytes);
  text_release(&content);
  array_release(&array);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_type_in_every_order_is_read),
      cmocka_unit_test(elements_keep_their_type),
      cmocka_unit_test(every_version_is_read),
      cmocka_unit_test(what_is_written_is_what_numpy_writes),
      cmocka_unit_test(arrays_of_every_shape_are_read_back),
      cmocka_unit_test(elements_of_other_types_are_refused_by_name),
      cmocka_unit_test(headers_that_are_not_numpys_are_refused),
      cmocka_unit_test(file_that_is_cut_anywhere_is_refused),
      cmocka_unit_test(archive_is_read_back_in_order_and_has_the_same_bytes_again),
      cmocka_unit_test(archive_with_other_entries_is_refused),
      cmocka_unit_test(archive_that_is_cut_or_flipped_anywhere_is_refused_or_read),
      cmocka_unit_test(archive_that_is_compressed_says_that_it_is_damaged),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
