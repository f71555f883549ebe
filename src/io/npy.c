#include "io/npy.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MAGIC_BYTES = 6, VERSION_1_LEAD = 10, VERSION_2_LEAD = 12, HEADER_ALIGNMENT = 64 };

static const char MAGIC[MAGIC_BYTES] = {'\x93', 'N', 'U', 'M', 'P', 'Y'};

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
enum { HOST_ORDER = '<', OTHER_ORDER = '>' };
#else
enum { HOST_ORDER = '>', OTHER_ORDER = '<' };
#endif

/* NumPy's letters and bytes of an element: what stands behind the byte order in `descr`. */
static const struct {
  const char *code;
  Dtype dtype;
} elements[] = {{"u1", DTYPE_U8},  {"b1", DTYPE_U8},  {"i1", DTYPE_I8},  {"i2", DTYPE_I16},
                {"i4", DTYPE_I32}, {"i8", DTYPE_I64}, {"f4", DTYPE_F32}, {"f8", DTYPE_F64}};

enum { ELEMENT_COUNT = sizeof elements / sizeof *elements, MEMBER_COUNT = 3 };

/* The header while it is read: a Python literal, a dict of three keys. */
typedef struct Header {
  const char *source;
  const char *at, *end;
  bool found[MEMBER_COUNT];
  char descr[16];
  bool fortran_order;
  Shape shape;
  Dtype dtype;   /* what descr says */
  bool reversed; /* in the byte order that is not the host's */
} Header;

static Status fail_header(const Header *header, const char *expected) {
  size_t left = (size_t)(header->end - header->at);
  return fail(ERR_DATA, "%s: header: found '%.*s', expected %s", header->source,
              (int)(left < 20 ? left : 20), header->at, expected);
}

static void skip_blanks(Header *header) {
  while (header->at < header->end && isspace((unsigned char)*header->at)) header->at++;
}

static bool comes_next(Header *header, char character) {
  skip_blanks(header);
  return header->at < header->end && *header->at == character;
}

/* Takes `character` if it comes next. */
static bool take(Header *header, char character) {
  bool comes = comes_next(header, character);
  if (comes) header->at++;
  return comes;
}

static bool take_word(Header *header, const char *word) {
  size_t length = strlen(word);
  skip_blanks(header);
  bool comes =
      (size_t)(header->end - header->at) >= length && memcmp(header->at, word, length) == 0;
  if (comes) header->at += length;
  return comes;
}

/* A text in quotes of either kind. */
static Status read_text(Header *header, size_t most_bytes, char *out) {
  char quote = take(header, '\'') ? '\'' : take(header, '"') ? '"' : '\0';
  const char *end = quote ? memchr(header->at, quote, (size_t)(header->end - header->at)) : NULL;
  if (!end) return fail_header(header, "a text in quotes");
  size_t length = (size_t)(end - header->at);
  if (length >= most_bytes) return fail_header(header, "a shorter text");
  memcpy(out, header->at, length);
  out[length] = '\0';
  header->at = end + 1;
  return OK;
}

static Status read_dimension(Header *header, size_t *out) {
  skip_blanks(header);
  size_t value = 0;
  const char *begin = header->at;
  while (header->at < header->end && isdigit((unsigned char)*header->at)) {
    size_t digit = (size_t)(*header->at++ - '0');
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, digit, &value)) {
      header->at = begin;
      return fail_header(header, "a smaller dimension");
    }
  }
  if (header->at == begin) return fail_header(header, "a dimension");
  take(header, 'L'); /* Python 2 wrote long integers so */
  *out = value;
  return OK;
}

static Status read_shape(Header *header) {
  if (!take(header, '(')) return fail_header(header, "a tuple of dimensions");
  while (!take(header, ')')) {
    if (header->shape.n_dims == SHAPE_MOST_DIMS) return fail_header(header, "fewer dimensions");
    TRY(read_dimension(header, &header->shape.dims[header->shape.n_dims++]));
    if (!take(header, ',') && !comes_next(header, ')')) return fail_header(header, "',' or ')'");
  }
  return OK;
}

static Status read_descr(Header *header) {
  if (!take(header, '[')) return read_text(header, sizeof header->descr, header->descr);
  return fail(ERR_DATA, "%s: found a structured array, expected one of plain numbers",
              header->source);
}

static Status read_order(Header *header) {
  header->fortran_order = take_word(header, "True");
  if (header->fortran_order || take_word(header, "False")) return OK;
  return fail_header(header, "True or False");
}

/* The three members of the dict, in any order. */
static const struct {
  const char *key;
  Status (*read)(Header *header);
} members[MEMBER_COUNT] = {
    {"descr", read_descr}, {"fortran_order", read_order}, {"shape", read_shape}};

static Status read_member(Header *header) {
  char key[16];
  TRY(read_text(header, sizeof key, key));
  if (!take(header, ':')) return fail_header(header, "':'");
  for (size_t i = 0; i < MEMBER_COUNT; i++) {
    if (strcmp(key, members[i].key) != 0) continue;
    if (header->found[i]) return fail(ERR_DATA, "%s: header: found %s twice", header->source, key);
    header->found[i] = true;
    return members[i].read(header);
  }
  return fail(ERR_DATA, "%s: header: found the key '%s', expected descr, fortran_order and shape",
              header->source, key);
}

static Status read_dict(Header *header) {
  if (!take(header, '{')) return fail_header(header, "'{'");
  while (!take(header, '}')) {
    TRY(read_member(header));
    if (!take(header, ',') && !comes_next(header, '}')) return fail_header(header, "',' or '}'");
  }
  for (size_t i = 0; i < MEMBER_COUNT; i++) {
    if (header->found[i]) continue;
    return fail(ERR_DATA, "%s: header: found no %s, expected descr, fortran_order and shape",
                header->source, members[i].key);
  }
  return OK;
}

static Status interpret_descr(Header *header) {
  char order = header->descr[0];
  const char *code = header->descr + 1;
  if (strchr(header->descr, 'O')) {
    return fail(ERR_DATA,
                "%s: found an array of Python objects (%s), expected one of plain numbers",
                header->source, header->descr);
  }
  for (size_t i = 0; i < ELEMENT_COUNT; i++) {
    bool one_byte = dtype_bytes(elements[i].dtype) == 1;
    bool known_order = order == '<' || order == '>' || (one_byte && order == '|');
    if (!known_order || strcmp(elements[i].code, code) != 0) continue;
    header->dtype = elements[i].dtype;
    header->reversed = order == OTHER_ORDER;
    return OK;
  }
  return fail(ERR_DATA,
              "%s: found elements of the type '%s', expected u1, b1, i1, i2, i4, i8, f4 or f8",
              header->source, header->descr);
}

/* Finds the header's text. */
static Status find_header(const char *bytes, size_t count, Header *header) {
  if (count < VERSION_1_LEAD || memcmp(bytes, MAGIC, MAGIC_BYTES) != 0) {
    return fail(ERR_DATA, "%s: not a .npy file of NumPy", header->source);
  }
  const unsigned char *lead = (const unsigned char *)bytes + MAGIC_BYTES;
  if (lead[0] < 1 || lead[0] > 3 || lead[1] != 0) {
    return fail(ERR_DATA, "%s: found version %d.%d of .npy, expected 1.0, 2.0 or 3.0",
                header->source, lead[0], lead[1]);
  }
  size_t begin = lead[0] == 1 ? VERSION_1_LEAD : VERSION_2_LEAD;
  size_t length = lead[2] | (size_t)lead[3] << 8;
  if (lead[0] > 1 && count >= begin) length |= (size_t)lead[4] << 16 | (size_t)lead[5] << 24;
  if (count < begin || count - begin < length) {
    return fail(ERR_DATA, "%s: cut short within its header", header->source);
  }
  header->at = bytes + begin;
  header->end = header->at + length;
  return OK;
}

/* Compares the header's promise with the length, before memory is allocated on its word. */
static Status check_length(const Header *header, size_t found) {
  size_t expected;
  bool countable = shape_bytes(&header->shape, header->dtype, &expected);
  if (countable && found == expected) return OK;
  char shape[SHAPE_TEXT_BYTES];
  return fail(ERR_DATA, "%s: found %zu bytes of elements, expected %zu for the shape %s of %s",
              header->source, found, countable ? expected : SIZE_MAX,
              shape_text(&header->shape, shape), dtype_name(header->dtype));
}

/* Where element `index` of the row-major array lies in a column-major one. */
static size_t column_major_index(const Shape *shape, size_t index) {
  size_t found = 0;
  size_t stride = shape_count(shape);
  for (size_t i = shape->n_dims; i-- > 0;) {
    stride /= shape->dims[i];
    found += index % shape->dims[i] * stride;
    index /= shape->dims[i];
  }
  return found;
}

static void copy_elements(const Header *header, const char *from, Array *to) {
  size_t width = dtype_bytes(to->dtype), n = shape_count(&to->shape);
  char *values = to->values;
  bool columns = header->fortran_order && to->shape.n_dims > 1;
  if (!columns) memcpy(values, from, n * width);
  for (size_t i = 0; columns && i < n; i++) {
    memcpy(values + i * width, from + column_major_index(&to->shape, i) * width, width);
  }
  if (header->reversed) array_reverse_bytes(to);
}

Status npy_read(const void *bytes, size_t count, const char *source, Array *out) {
  *out = (Array){0};
  Header header = {.source = source};
  TRY(find_header(bytes, count, &header));
  const char *data = header.end;
  TRY(read_dict(&header));
  TRY(interpret_descr(&header));
  TRY(check_length(&header, count - (size_t)(data - (const char *)bytes)));
  *out = array_create(header.dtype, header.shape);
  copy_elements(&header, data, out);
  return OK;
}

void npy_write(const Array *array, Text *out) {
  const char *code = "";
  for (size_t i = 0; i < ELEMENT_COUNT; i++) {
    if (elements[i].dtype == array->dtype && elements[i].code[0] != 'b') code = elements[i].code;
  }
  Text header = {0};
  text_append(&header, "{'descr': '%c%s', 'fortran_order': False, 'shape': (",
              dtype_bytes(array->dtype) == 1 ? '|' : HOST_ORDER, code);
  for (size_t i = 0; i < array->shape.n_dims; i++) {
    text_append(&header, i ? ", %zu" : "%zu", array->shape.dims[i]);
  }
  text_append(&header, array->shape.n_dims == 1 ? ",), }" : "), }");
  /* The elements begin on a multiple of 64 bytes, behind a newline. */
  while ((VERSION_1_LEAD + header.length + 1) % HEADER_ALIGNMENT) text_append(&header, " ");
  text_append(&header, "\n");

  char lead[4] = {1, 0, (char)(header.length & 255), (char)(header.length >> 8)};
  text_append_bytes(out, MAGIC, MAGIC_BYTES);
  text_append_bytes(out, lead, sizeof lead);
  text_append_bytes(out, header.bytes, header.length);
  text_append_bytes(out, array->values, shape_count(&array->shape) * dtype_bytes(array->dtype));
  text_release(&header);
}
