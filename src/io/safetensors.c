#include "io/safetensors.h"

#include <endian.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/memory.h"
#include "base/range.h"
#include "base/text.h"

static const char METADATA[] = "__metadata__";

enum { HEADER_ALIGNMENT = 8 };

/* One tensor of the header. */
typedef struct Entry {
  const char *place; /* file and tensor, for messages */
  Dtype dtype;
  Shape shape;
  size_t begin, end; /* in the data */
} Entry;

static Status read_dtype(const Json *facts, Entry *entry) {
  const char *name = json_as_text(json_member(facts, "dtype"));
  if (name && strcmp(name, "F32") == 0) {
    entry->dtype = DTYPE_F32;
  } else if (name && strcmp(name, "F64") == 0) {
    entry->dtype = DTYPE_F64;
  } else {
    return fail(ERR_DATA, "%s: found numbers of the type %s, expected F32 or F64", entry->place,
                name ? name : "(none)");
  }
  return OK;
}

/* A list of whole numbers of at least 0. */
static bool read_counts(const Json *list, size_t most, size_t *out, size_t *count) {
  *count = json_count(list);
  bool good = *count <= most;
  for (size_t i = 0; good && i < *count; i++) {
    int64_t value;
    good = json_as_whole(json_item(list, i), &value) && value >= 0;
    if (good) out[i] = (size_t)value;
  }
  return good;
}

static Status read_shape(const Json *facts, Entry *entry) {
  Shape *shape = &entry->shape;
  if (!read_counts(json_member(facts, "shape"), SHAPE_MOST_DIMS, shape->dims, &shape->n_dims)) {
    char *found = json_text(json_member(facts, "shape"), false);
    char shown[SHORT_TEXT_BYTES];
    fail(ERR_DATA, "%s: found the shape %s, expected at most %d whole numbers of at least 0",
         entry->place, text_shorten(shown, found), SHAPE_MOST_DIMS);
    memory_release(found);
    return ERR_DATA;
  }
  return OK;
}

static Status read_place(const Json *facts, size_t data_bytes, Entry *entry) {
  size_t offsets[2], n_offsets;
  bool known = read_counts(json_member(facts, "data_offsets"), 2, offsets, &n_offsets);
  if (!known || n_offsets != 2 || offsets[0] > offsets[1] || offsets[1] > data_bytes) {
    return fail(ERR_DATA, "%s: expected data_offsets within the file's %zu bytes of data",
                entry->place, data_bytes);
  }
  entry->begin = offsets[0];
  entry->end = offsets[1];

  size_t expected, found = entry->end - entry->begin;
  if (shape_bytes(&entry->shape, entry->dtype, &expected) && found == expected) return OK;
  char shape[SHAPE_TEXT_BYTES];
  return fail(ERR_DATA, "%s: found %zu bytes for the shape %s of %s", entry->place, found,
              shape_text(&entry->shape, shape), dtype_name(entry->dtype));
}

static Status read_entry(const Json *facts, size_t data_bytes, Entry *entry) {
  TRY(read_dtype(facts, entry));
  TRY(read_shape(facts, entry));
  return read_place(facts, data_bytes, entry);
}

/* Little-endian numbers in the host's order, or back. */
static void change_order(Array *array) {
  if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__) array_reverse_bytes(array);
}

static int by_begin(const void *a, const void *b) {
  size_t left = ((const Range *)a)->begin, right = ((const Range *)b)->begin;
  return (left > right) - (left < right);
}

/* The tensors cover the data without holes, and do not overlap: the format's own rule. */
static Status check_cover(Range *places, size_t count, size_t data_bytes, const char *source) {
  size_t end = 0;
  qsort(places, count, sizeof *places, by_begin);
  for (size_t i = 0; i < count; i++) {
    if (places[i].begin != end) {
      return fail(ERR_DATA, "%s: found a tensor at byte %zu of the data, expected it at %zu",
                  source, places[i].begin, end);
    }
    end = places[i].end;
  }
  if (end == data_bytes) return OK;
  return fail(ERR_DATA, "%s: found %zu bytes of data, expected %zu, what its tensors take", source,
              data_bytes, end);
}

static Status read_places(const Json *header, const char *source, size_t data_bytes,
                          Range *places) {
  JsonCursor cursor = {0};
  const char *name;
  const Json *facts;
  Text place = {0};
  Status status = OK;
  size_t count = 0;
  while (status == OK && json_next(header, &cursor, &name, &facts)) {
    if (strcmp(name, METADATA) == 0) continue;
    place.length = 0;
    text_append(&place, "%s: %s", source, name);
    Entry entry = {.place = place.bytes};
    status = read_entry(facts, data_bytes, &entry);
    places[count++] = (Range){entry.begin, entry.end};
  }
  text_release(&place);
  return status == OK ? check_cover(places, count, data_bytes, source) : status;
}

/* Before memory is taken for any of them. */
static Status check_places(const Json *header, const char *source, size_t data_bytes) {
  Range *places = NEW_ARRAY(Range, json_count_members(header));
  Status status = read_places(header, source, data_bytes, places);
  memory_release(places);
  return status;
}

static void add_tensors(const Json *header, const char *data, size_t data_bytes, TensorList *out) {
  JsonCursor cursor = {0};
  const char *name;
  const Json *facts;
  while (json_next(header, &cursor, &name, &facts)) {
    if (strcmp(name, METADATA) == 0) continue;
    Entry entry = {.place = name};
    CHECK(read_entry(facts, data_bytes, &entry) == OK, "%s", status_message());
    Array array = array_create(entry.dtype, entry.shape);
    memcpy(array.values, data + entry.begin, entry.end - entry.begin);
    change_order(&array);
    tensor_list_add(out, name, array);
  }
}

static Status read_tensors(const Json *header, const char *source, const char *data,
                           size_t data_bytes, TensorList *out) {
  TRY(check_places(header, source, data_bytes));
  add_tensors(header, data, data_bytes, out);
  return OK;
}

Status safetensors_read(const char *bytes, size_t count, const char *source, TensorList *out) {
  *out = (TensorList){.order = ORDER_OF_NAMES};
  uint64_t length = 0;
  if (count >= sizeof length) memcpy(&length, bytes, sizeof length);
  length = le64toh(length);
  if (count < sizeof length || length > count - sizeof length) {
    return fail(ERR_DATA, "%s: cut short: found %zu bytes, expected a header of %" PRIu64, source,
                count, length);
  }
  const char *text = bytes + sizeof length, *data = text + length;
  Text place = {0};
  text_append(&place, "%s: header", source);
  Json *header;
  Status status = json_parse(text, (size_t)length, place.bytes, &header);
  text_release(&place);
  if (status == OK) {
    status = read_tensors(header, source, data, count - sizeof length - (size_t)length, out);
    json_release(header);
  }
  if (status != OK) tensor_list_release(out);
  return status;
}

static void put_tensor(Json *header, const NamedArray *tensor, size_t *offset) {
  const Array *array = &tensor->array;
  CHECK(array->dtype == DTYPE_F32, "%s: only float32 is written", tensor->name);
  Json *facts = json_new_object(), *shape = json_new_array(), *offsets = json_new_array();
  for (size_t i = 0; i < array->shape.n_dims; i++) {
    json_add_whole(shape, (int64_t)array->shape.dims[i]);
  }
  size_t n_bytes = shape_count(&array->shape) * sizeof(float);
  json_add_whole(offsets, (int64_t)*offset);
  json_add_whole(offsets, (int64_t)(*offset += n_bytes));
  json_put_text(facts, "dtype", "F32");
  json_put(facts, "shape", shape);
  json_put(facts, "data_offsets", offsets);
  json_put(header, tensor->name, facts);
}

/* The header, padded so that the data begin on a multiple of 8 bytes. */
static void append_header(const TensorList *tensors, Json *metadata, Text *out) {
  Json *header = json_new_object();
  json_put(header, METADATA, metadata);
  size_t offset = 0;
  for (size_t i = 0; i < tensors->count; i++) put_tensor(header, &tensors->items[i], &offset);
  char *text = json_text(header, false);
  json_release(header);

  size_t padded = (strlen(text) + HEADER_ALIGNMENT - 1) / HEADER_ALIGNMENT * HEADER_ALIGNMENT;
  uint64_t length = htole64(padded);
  text_append_bytes(out, (const char *)&length, sizeof length);
  text_append(out, "%-*s", (int)padded, text);
  memory_release(text);
}

void safetensors_write(const TensorList *tensors, Json *metadata, char **bytes, size_t *count) {
  Text file = {0};
  append_header(tensors, metadata, &file);
  for (size_t i = 0; i < tensors->count; i++) {
    const Array *array = &tensors->items[i].array;
    size_t begin = file.length, n = shape_count(&array->shape);
    text_append_bytes(&file, array->values, n * sizeof(float));
    Array written = {DTYPE_F32, array->shape, file.bytes + begin};
    change_order(&written);
  }
  *count = file.length;
  *bytes = text_take(&file);
}
