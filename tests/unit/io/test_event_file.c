/* io/event_file: the bytes of records against known ones, and files read back by a reader of
 * records and messages that shares nothing with the writer.
 *
 * Source      Protocol Buffers, "Encoding"; RFC 3720, B.4: CRC-32C
 */

#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "io/event_file.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

/* ---- a reader ---- */

/* What is left to read. */
typedef struct Bytes {
  const uint8_t *at, *end;
} Bytes;

static uint64_t read_fixed(Bytes *bytes, size_t count) {
  assert_true((size_t)(bytes->end - bytes->at) >= count);
  uint64_t value = 0;
  for (size_t i = 0; i < count; i++) value |= (uint64_t)bytes->at[i] << (8 * i);
  bytes->at += count;
  return value;
}

static uint64_t read_varint(Bytes *bytes) {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    uint64_t byte = read_fixed(bytes, 1);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

static Bytes take(Bytes *bytes, size_t count) {
  assert_true((size_t)(bytes->end - bytes->at) >= count);
  Bytes taken = {bytes->at, bytes->at + count};
  bytes->at += count;
  return taken;
}

/* Bit by bit, from the polynomial. */
static uint32_t crc32c(Bytes bytes) {
  uint32_t crc = 0xffffffff;
  for (; bytes.at < bytes.end; bytes.at++) {
    crc ^= *bytes.at;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc;
}

static uint32_t masked_crc(Bytes bytes) {
  uint32_t crc = crc32c(bytes);
  return (crc >> 15 | crc << 17) + 0xa282ead8;
}

static Bytes read_record(Bytes *bytes) {
  Bytes length = {bytes->at, bytes->at + 8};
  size_t count = read_fixed(bytes, 8);
  assert_int_equal(read_fixed(bytes, 4), masked_crc(length));
  Bytes data = take(bytes, count);
  assert_int_equal(read_fixed(bytes, 4), masked_crc(data));
  return data;
}

/* A field of a message: a number by its bits, or bytes. */
typedef struct Field {
  uint64_t number, bits;
  Bytes bytes;
} Field;

static Field read_field(Bytes *message) {
  uint64_t key = read_varint(message);
  Field field = {.number = key >> 3};
  switch (key & 7) {
  case 0: field.bits = read_varint(message); break;
  case 1: field.bits = read_fixed(message, 8); break;
  case 2: field.bytes = take(message, read_varint(message)); break;
  case 5: field.bits = read_fixed(message, 4); break;
  default: fail_msg("wire type %d", (int)(key & 7));
  }
  return field;
}

/* The field of a number; all zeros if the message lacks it. */
static Field find_field(Bytes message, uint64_t number) {
  while (message.at < message.end) {
    Field field = read_field(&message);
    if (field.number == number) return field;
  }
  return (Field){0};
}

static double as_double(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static float as_float(uint64_t bits) {
  uint32_t word = (uint32_t)bits;
  float value;
  memcpy(&value, &word, sizeof value);
  return value;
}

static bool equals_text(Bytes bytes, const char *text) {
  size_t count = (size_t)(bytes.end - bytes.at);
  return count == strlen(text) && memcmp(bytes.at, text, count) == 0;
}

static Bytes all_of(const Text *text) {
  const uint8_t *begin = (const uint8_t *)text->bytes;
  return (Bytes){begin, begin + text->length};
}

/* The only value of an event's summary, after its time has been looked at. */
static Bytes value_of(Bytes event, double wall_s, int64_t step) {
  assert_true(as_double(find_field(event, 1).bits) == wall_s);
  assert_true((int64_t)find_field(event, 2).bits == step);
  Bytes summary = find_field(event, 5).bytes;
  assert_non_null(summary.at);
  Field value = read_field(&summary);
  assert_int_equal(value.number, 1);
  assert_true(summary.at == summary.end);
  return value.bytes;
}

/* ---- the tests ---- */

static void crc_of_the_reader_is_the_one_of_the_standard(void **state) {
  (void)state;
  const uint8_t digits[] = "123456789", zeros[32] = {0};
  assert_int_equal(crc32c((Bytes){digits, digits + 9}), 0xe3069283);
  assert_int_equal(crc32c((Bytes){zeros, zeros + 32}), 0x8a9136aa);
}

/* What TensorBoard's own RecordWriter makes of the same event. */
static void first_record_has_the_known_bytes(void **state) {
  (void)state;
  static const uint8_t expected[] = {
      0x18, 0,    0,   0,    0,    0,    0,    0,    0xa3, 0x7f, 0x4b, 0x22, /* length */
      0x09, 0,    0,   0x40, 0x1a, 0xb8, 0xb6, 0xd9, 0x41,                   /* wall_time */
      0x1a, 0x0d, 'b', 'r',  'a',  'i',  'n',  '.',  'E',  'v',  'e',  'n',
      't',  ':',  '2', 0xfa, 0x41, 0x79, 0x72};
  Text text = {0};
  event_file_begin(&text, 1725620329.0);
  assert_true(text.length > sizeof expected);
  assert_memory_equal(text.bytes, expected, sizeof expected);
  text_release(&text);
}

static void file_begins_with_its_version_and_a_session(void **state) {
  (void)state;
  Text text = {0};
  event_file_begin(&text, 1.5e9);
  Bytes bytes = all_of(&text), version = read_record(&bytes), session = read_record(&bytes);
  assert_true(bytes.at == bytes.end);
  assert_true(as_double(find_field(version, 1).bits) == 1.5e9);
  assert_true(equals_text(find_field(version, 3).bytes, "brain.Event:2"));
  assert_int_equal(find_field(session, 2).bits, 0);
  assert_int_equal(find_field(find_field(session, 7).bytes, 1).bits, 1); /* START */
  text_release(&text);
}

static void scalars_are_read_back(void **state) {
  (void)state;
  static const double values[] = {0, -1.0 / 3, 1e-30, 123456789, FLT_MAX};
  Text text = {0};
  for (size_t i = 0; i < 5; i++) {
    EventTime time = {1.7e9 + 0.125 * (double)i, i == 4 ? INT64_C(1) << 40 : (int64_t)i};
    event_file_add_scalar(&text, &time, i % 2 ? "epoch_loss" : "epoch_f\xc3\xbcnf", values[i]);
  }
  Bytes bytes = all_of(&text);
  for (size_t i = 0; i < 5; i++) {
    Bytes value = value_of(read_record(&bytes), 1.7e9 + 0.125 * (double)i,
                           i == 4 ? INT64_C(1) << 40 : (int64_t)i);
    assert_true(
        equals_text(find_field(value, 1).bytes, i % 2 ? "epoch_loss" : "epoch_f\xc3\xbcnf"));
    Field number = find_field(value, 2);
    assert_int_equal(number.number, 2); /* a zero is there too */
    assert_true(as_float(number.bits) == (float)values[i]);
  }
  assert_true(bytes.at == bytes.end);
  text_release(&text);
}

static void histogram_is_read_back(void **state) {
  (void)state;
  static const int64_t counts[] = {3, 0, 5, 1234567890123, 0, 1, 7};
  EventHistogram histogram = {-0.1, 0.7, 7, counts};
  Text text = {0};
  event_file_add_histogram(&text, &(EventTime){2, 9}, "dense/kernel_0/histogram", &histogram);
  Bytes bytes = all_of(&text), value = value_of(read_record(&bytes), 2, 9);
  assert_true(equals_text(find_field(value, 1).bytes, "dense/kernel_0/histogram"));
  Bytes found = find_field(value, 5).bytes;
  assert_true(as_double(find_field(found, 1).bits) == -0.1);
  assert_true(as_double(find_field(found, 2).bits) == 0.7);
  assert_true(as_double(find_field(found, 3).bits) == 1234567890139.0);
  Bytes limits = find_field(found, 6).bytes, buckets = find_field(found, 7).bytes;
  double before = -0.1;
  for (size_t i = 0; i < 7; i++) {
    double limit = as_double(read_fixed(&limits, 8));
    assert_true(limit - before > 0.114 && limit - before < 0.115);
    assert_true(as_double(read_fixed(&buckets, 8)) == (double)counts[i]);
    before = limit;
  }
  assert_true(before == 0.7);
  assert_true(limits.at == limits.end && buckets.at == buckets.end);
  text_release(&text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(crc_of_the_reader_is_the_one_of_the_standard),
      cmocka_unit_test(first_record_has_the_known_bytes),
      cmocka_unit_test(file_begins_with_its_version_and_a_session),
      cmocka_unit_test(scalars_are_read_back),
      cmocka_unit_test(histogram_is_read_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
