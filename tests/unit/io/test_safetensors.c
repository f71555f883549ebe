/* io/safetensors: what PyTorch wrote is read, what is written is laid out as the format says, and
 * what is damaged is refused. The file is from tests/interop. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/file.h"
#include "io/safetensors.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

/* A file with this header and `n_bytes` bytes of data. */
static Text file_of(const char *header, size_t n_bytes) {
  Text file = {0};
  uint64_t length = strlen(header);
  text_append_bytes(&file, (const char *)&length, sizeof length);
  text_append(&file, "%s", header);
  for (size_t i = 0; i < n_bytes; i++) text_append_bytes(&file, "", 1);
  return file;
}

static void assert_refused(const void *bytes, size_t count, const char *words) {
  TensorList list;
  assert_int_equal(safetensors_read(bytes, count, "test", &list), ERR_DATA);
  assert_int_equal(list.count, 0);
  if (!strstr(status_message(), words)) fail_msg("found '%s'", status_message());
}

static void file_of_pytorch_is_read(void **state) {
  (void)state;
  static const Shape shapes[] = {{1, {5}},    {2, {5, 3}}, {1, {4}},
                                 {2, {4, 5}}, {1, {2}},    {2, {2, 4}}};
  static const char *const names[] = {"0.bias",   "0.weight", "3.bias",
                                      "3.weight", "5.bias",   "5.weight"};
  char *bytes;
  size_t count;
  TensorList list;
  assert_int_equal(file_read("tests/interop/fixtures/torch.safetensors", &bytes, &count), OK);
  if (safetensors_read(bytes, count, "test", &list) != OK) fail_msg("%s", status_message());
  assert_int_equal(list.count, 6);
  assert_int_equal(list.order, ORDER_OF_NAMES);
  for (size_t i = 0; i < 6; i++) {
    const NamedArray *item = tensor_list_find(&list, names[i]);
    assert_non_null(item);
    assert_true(shape_is_same(&item->array.shape, &shapes[i]));
  }
  tensor_list_release(&list);
  memory_release(bytes);
}

static TensorList two_tensors(void) {
  TensorList list = {0};
  Array first = array_create(DTYPE_F32, (Shape){2, {2, 1}}),
        second = array_create(DTYPE_F32, (Shape){0});
  memcpy(first.values, (float[]){1, 2}, 8);
  memcpy(second.values, (float[]){3}, 4);
  tensor_list_add(&list, "b", first);
  tensor_list_add(&list, "a", second);
  return list;
}

static void file_is_laid_out_as_the_format_says(void **state) {
  (void)state;
  static const char header[] =
      "{\"__metadata__\":{\"k\":\"v\"},\"b\":{\"dtype\":\"F32\",\"shape\":[2,1],"
      "\"data_offsets\":[0,8]},\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,12]}}";
  TensorList list = two_tensors();
  Json *metadata = json_new_object();
  json_put_text(metadata, "k", "v");
  char *bytes;
  size_t count;
  safetensors_write(&list, metadata, &bytes, &count);
  size_t padded = (sizeof header - 1 + 7) / 8 * 8;
  assert_int_equal(count, 8 + padded + 12);
  assert_int_equal((unsigned char)bytes[0], padded);
  assert_memory_equal(bytes + 1, "\0\0\0\0\0\0\0", 7);
  assert_memory_equal(bytes + 8, header, sizeof header - 1);
  for (size_t i = sizeof header - 1; i < padded; i++) assert_int_equal(bytes[8 + i], ' ');
  assert_memory_equal(bytes + 8 + padded, "\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40", 12);
  tensor_list_release(&list);
  memory_release(bytes);
}

static void file_that_is_cut_or_goes_on_is_refused(void **state) {
  (void)state;
  TensorList list = two_tensors();
  char *bytes;
  size_t count;
  safetensors_write(&list, json_new_object(), &bytes, &count);
  for (size_t n = 0; n < count; n++) assert_refused(bytes, n, "test: ");
  bytes = memory_grow(bytes, count, count + 1);
  assert_refused(bytes, count + 1, "found 13 bytes of data, expected 12");
  tensor_list_release(&list);
  memory_release(bytes);
}

static void headers_that_promise_what_is_not_there_are_refused(void **state) {
  (void)state;
  static const struct {
    const char *header, *words;
  } bad[] = {
      {"{]", "test: header: not JSON: line 1"},
      {"{\"w\": 1}", "test: w: found numbers of the type (none), expected F32 or F64"},
      {"{\"w\": {\"dtype\": \"BF16\"}}", "test: w: found numbers of the type BF16"},
      {"{\"w\": {\"dtype\": \"F32\", \"shape\": [-1]}}",
       "w: found the shape [-1], expected at most 8 whole numbers of at least 0"},
      {"{\"w\": {\"dtype\": \"F32\", \"shape\": [1,1,1,1,1,1,1,1,1]}}",
       "w: found the shape [1,1,1,1,1,1,1,1,1], expected at most 8"},
      {"{\"w\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0]}}", "expected data_off"},
      {"{\"w\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [8, 0]}}", "expected data_"},
      {"{\"w\": {\"dtype\": \"F32\", \"shape\": [3], \"data_offsets\": [0, 12]}}", "expected data"},
      {"{\"w\": {\"dtype\": \"F32\", \"shape\": [3], \"data_offsets\": [0, 8]}}",
       "found 8 bytes for the shape 3 of float32"},
      {"{\"w\": {\"dtype\": \"F32\", \"shape\": [4611686018427387904, 4, 2], "
       "\"data_offsets\": [0, 0]}}",
       "found 0 bytes for the shape"},
      {"{\"v\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}, "
       "\"w\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}}",
       "found a tensor at byte 0 of the data, expected it at 4"},
      {"{\"w\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [4, 8]}}",
       "found a tensor at byte 4 of the data, expected it at 0"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    Text file = file_of(bad[i].header, 8);
    assert_refused(file.bytes, file.length, bad[i].words);
    text_release(&file);
  }
}

static void numbers_of_64_bits_are_read(void **state) {
  (void)state;
  Text file = file_of("{\"w\": {\"dtype\": \"F64\", \"shape\": [1], \"data_offsets\": [0, 8]}}", 0);
  text_append_bytes(&file, "\0\0\0\0\0\0\xf8\x3f", 8);
  TensorList list;
  assert_int_equal(safetensors_read(file.bytes, file.length, "test", &list), OK);
  assert_true(array_at(&list.items[0].array, 0) == 1.5);
  tensor_list_release(&list);
  text_release(&file);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(file_of_pytorch_is_read),
      cmocka_unit_test(file_is_laid_out_as_the_format_says),
      cmocka_unit_test(file_that_is_cut_or_goes_on_is_refused),
      cmocka_unit_test(headers_that_promise_what_is_not_there_are_refused),
      cmocka_unit_test(numbers_of_64_bits_are_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
