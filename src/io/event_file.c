#include "io/event_file.h"

#include <stdbool.h>

#include <event.pb-c.h>
#include <isa-l.h>

#include "base/memory.h"

typedef Tensorboard__Event Event;
typedef Tensorboard__Summary__Value Value;

static void append_little_endian(Text *bytes, uint64_t value, size_t count) {
  for (size_t i = 0; i < count; i++) {
    char byte = (char)(value >> (8 * i) & 0xff);
    text_append_bytes(bytes, &byte, 1);
  }
}

/* Appends the masked CRC-32C of the latest `count` bytes. The mask is there since the CRC of bytes
 * that hold their own CRC tells little. */
static void append_crc(Text *bytes, size_t count) {
  unsigned char *begin = (unsigned char *)bytes->bytes + bytes->length - count;
  uint32_t crc = ~crc32_iscsi(begin, (int)count, 0xffffffff);
  append_little_endian(bytes, ((crc >> 15 | crc << 17) + 0xa282ead8u) & 0xffffffff, 4);
}

static void append_event(Text *bytes, const Event *event) {
  size_t count = tensorboard__event__get_packed_size(event);
  uint8_t *data = memory_allocate(count);
  tensorboard__event__pack(event, data);
  append_little_endian(bytes, count, 8);
  append_crc(bytes, 8);
  text_append_bytes(bytes, (const char *)data, count);
  append_crc(bytes, count);
  memory_release(data);
}

void event_file_begin(Text *bytes, double wall_s) {
  char version[] = "brain.Event:2";
  Event event = TENSORBOARD__EVENT__INIT;
  event.wall_time = wall_s;
  event.what_case = TENSORBOARD__EVENT__WHAT_FILE_VERSION;
  event.file_version = version;
  append_event(bytes, &event);

  Tensorboard__SessionLog session = TENSORBOARD__SESSION_LOG__INIT;
  session.status = TENSORBOARD__SESSION_LOG__SESSION_STATUS__START;
  event.what_case = TENSORBOARD__EVENT__WHAT_SESSION_LOG;
  event.session_log = &session;
  append_event(bytes, &event);
}

static void append_value(Text *bytes, const EventTime *time, Value *value) {
  Tensorboard__Summary summary = TENSORBOARD__SUMMARY__INIT;
  summary.n_value = 1;
  summary.value = &value;
  Event event = TENSORBOARD__EVENT__INIT;
  event.wall_time = time->wall_s;
  event.step = time->step;
  event.what_case = TENSORBOARD__EVENT__WHAT_SUMMARY;
  event.summary = &summary;
  append_event(bytes, &event);
}

void event_file_add_scalar(Text *bytes, const EventTime *time, const char *tag, double value) {
  Value scalar = TENSORBOARD__SUMMARY__VALUE__INIT;
  scalar.tag = (char *)(uintptr_t)tag;
  scalar.value_case = TENSORBOARD__SUMMARY__VALUE__VALUE_SIMPLE_VALUE;
  scalar.simple_value = (float)value;
  append_value(bytes, time, &scalar);
}

/* Right edges and counts of the buckets; the last edge is the maximum to the bit. */
static void fill_buckets(const EventHistogram *histogram, Tensorboard__HistogramProto *out) {
  size_t n = histogram->n_buckets;
  double width = (histogram->maximum - histogram->minimum) / (double)n;
  for (size_t i = 0; i < n; i++) {
    bool last = i + 1 == n;
    out->bucket_limit[i] = last ? histogram->maximum : histogram->minimum + width * (double)(i + 1);
    out->bucket[i] = (double)histogram->counts[i];
    out->num += out->bucket[i];
  }
}

void event_file_add_histogram(Text *bytes, const EventTime *time, const char *tag,
                              const EventHistogram *histogram) {
  Tensorboard__HistogramProto buckets = TENSORBOARD__HISTOGRAM_PROTO__INIT;
  buckets.min = histogram->minimum;
  buckets.max = histogram->maximum;
  buckets.n_bucket_limit = buckets.n_bucket = histogram->n_buckets;
  buckets.bucket_limit = NEW_ARRAY(double, histogram->n_buckets);
  buckets.bucket = NEW_ARRAY(double, histogram->n_buckets);
  fill_buckets(histogram, &buckets);

  Value value = TENSORBOARD__SUMMARY__VALUE__INIT;
  value.tag = (char *)(uintptr_t)tag;
  value.value_case = TENSORBOARD__SUMMARY__VALUE__VALUE_HISTO;
  value.histo = &buckets;
  append_value(bytes, time, &value);
  memory_release(buckets.bucket_limit);
  memory_release(buckets.bucket);
}
