#include "io/idx.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/fatal.h"
#include "base/memory.h"
#include "io/file_place.h"

enum {
  MAGIC_BYTES = 4,
  DIMENSION_BYTES = 4,
  BUFFER_BYTES = 1 << 18,
  READ_MOST_BYTES = 1 << 30, /* gzread counts in int */
  DEFLATE_MOST_RATIO = 1032, /* zlib's manual: deflate never shrinks data further than that */
};

struct IdxFile {
  char *path;
  gzFile stream; /* passes plain files through */
  Dtype dtype;
  Shape shape;
  size_t n_elements;
  size_t header_bytes;
  size_t expected_bytes; /* of the decompressed file, as far as the header has been read */
  size_t next_element;   /* the one that the stream stands at */
};

/* Says why the stream gave fewer bytes than expected. */
static Status fail_short(const IdxFile *file) {
  int code;
  const char *path_and_reason = gzerror(file->stream, &code);
  if (code == Z_ERRNO) return fail(ERR_NO_INPUT, "%s", path_and_reason);
  if (code != Z_OK) return fail(ERR_DATA, "%s: the gzip data are corrupt", path_and_reason);
  return fail(ERR_DATA, "%s: cut short: found %lld bytes, expected %zu", file->path,
              (long long)gztell(file->stream), file->expected_bytes);
}

/* Reads exactly `n_bytes` bytes. */
static Status read_bytes(IdxFile *file, void *out, size_t n_bytes) {
  unsigned char *cursor = out;
  while (n_bytes > 0) {
    unsigned wanted = n_bytes < READ_MOST_BYTES ? (unsigned)n_bytes : READ_MOST_BYTES;
    int got = gzread(file->stream, cursor, wanted);
    if (got <= 0) return fail_short(file);
    cursor += got;
    n_bytes -= (size_t)got;
  }
  return OK;
}

static Status check_end(const IdxFile *file) {
  /* Only an attempt to read on makes zlib look at the checksum behind the last byte. */
  unsigned char extra;
  if (gzread(file->stream, &extra, 1) > 0) {
    char shape[SHAPE_TEXT_BYTES];
    return fail(ERR_DATA, "%s: found more bytes after its %s %s elements, expected its end",
                file->path, shape_text(&file->shape, shape), dtype_name(file->dtype));
  }
  int code;
  gzerror(file->stream, &code);
  return code == Z_OK ? OK : fail_short(file);
}

static bool dtype_of_code(unsigned char code, Dtype *out) {
  static const unsigned char codes[] = {
      [DTYPE_U8] = 0x08,  [DTYPE_I8] = 0x09,  [DTYPE_I16] = 0x0B,
      [DTYPE_I32] = 0x0C, [DTYPE_F32] = 0x0D, [DTYPE_F64] = 0x0E,
  };
  for (size_t i = 0; i < sizeof codes; i++) {
    *out = (Dtype)i;
    if (codes[i] == code) return true;
  }
  return false;
}

bool idx_recognise(const char *path) {
  if (file_place_check_input(path) != OK) return false;
  gzFile stream = gzopen(path, "rb");
  if (!stream) return false;
  unsigned char magic[MAGIC_BYTES] = {1};
  Dtype dtype;
  bool is_idx = gzread(stream, magic, MAGIC_BYTES) == MAGIC_BYTES && magic[0] == 0 &&
                magic[1] == 0 && dtype_of_code(magic[2], &dtype);
  gzclose(stream);
  return is_idx;
}

/* Reads the element type and the number of dimensions. */
static Status read_magic(IdxFile *file) {
  unsigned char magic[MAGIC_BYTES];
  file->expected_bytes = sizeof magic;
  TRY(read_bytes(file, magic, sizeof magic));
  if (magic[0] || magic[1]) {
    return fail(ERR_DATA, "%s: not an IDX file: found %02x %02x as its first bytes, expected 00 00",
                file->path, magic[0], magic[1]);
  }
  if (!dtype_of_code(magic[2], &file->dtype)) {
    return fail(ERR_DATA,
                "%s: found the element type 0x%02x, expected 0x08, 0x09, 0x0b, 0x0c, 0x0d or 0x0e",
                file->path, magic[2]);
  }
  if (magic[3] < 1 || magic[3] > SHAPE_MOST_DIMS) {
    return fail(ERR_DATA, "%s: found %d dimensions, expected 1 to %d", file->path, magic[3],
                SHAPE_MOST_DIMS);
  }
  file->shape.n_dims = magic[3];
  return OK;
}

/* Reads the dimensions and counts the elements. */
static Status read_shape(IdxFile *file) {
  file->header_bytes = MAGIC_BYTES + DIMENSION_BYTES * file->shape.n_dims;
  file->expected_bytes = file->header_bytes;
  for (size_t i = 0; i < file->shape.n_dims; i++) {
    uint32_t dimension;
    TRY(read_bytes(file, &dimension, DIMENSION_BYTES));
    file->shape.dims[i] = be32toh(dimension);
  }

  char shape[SHAPE_TEXT_BYTES];
  shape_text(&file->shape, shape);
  size_t n_bytes = dtype_bytes(file->dtype);
  bool overflow = false;
  for (size_t i = 0; i < file->shape.n_dims; i++) {
    if (file->shape.dims[i] == 0) {
      return fail(ERR_DATA, "%s: found the shape %s, expected dimensions of at least 1", file->path,
                  shape);
    }
    overflow |= __builtin_mul_overflow(n_bytes, file->shape.dims[i], &n_bytes);
  }
  overflow |= __builtin_add_overflow(n_bytes, file->header_bytes, &file->expected_bytes);
  if (overflow) {
    return fail(ERR_DATA, "%s: found the shape %s, expected one that memory can hold", file->path,
                shape);
  }
  file->n_elements = shape_count(&file->shape);
  return OK;
}

/* Compares the header's promise with the file, before anybody allocates memory on its word. */
static Status check_size(const IdxFile *file) {
  struct stat facts;
  bool has_size = stat(file->path, &facts) == 0 && S_ISREG(facts.st_mode);
  if (!has_size) return OK; /* a pipe: its end will show */

  size_t found_bytes = (size_t)facts.st_size;
  bool fits = gzdirect(file->stream) ? found_bytes == file->expected_bytes
                                     : file->expected_bytes / DEFLATE_MOST_RATIO <= found_bytes;
  if (fits) return OK;

  char shape[SHAPE_TEXT_BYTES];
  return fail(ERR_DATA, "%s: found %zu bytes%s, expected %zu for %s %s elements", file->path,
              found_bytes, gzdirect(file->stream) ? "" : " of gzip data", file->expected_bytes,
              shape_text(&file->shape, shape), dtype_name(file->dtype));
}

static Status read_header(IdxFile *file) {
  TRY(read_magic(file));
  TRY(read_shape(file));
  return check_size(file);
}

Status idx_open(const char *path, IdxFile **out) {
  *out = NULL;
  TRY(file_place_check_input(path));
  gzFile stream = gzopen(path, "rb");
  if (!stream) return fail(ERR_NO_INPUT, "%s: %s", path, strerror(errno));
  gzbuffer(stream, BUFFER_BYTES);

  IdxFile *file = NEW(IdxFile);
  file->path = memory_copy_text(path);
  file->stream = stream;
  Status status = read_header(file);
  if (status != OK) {
    idx_close(file);
    return status;
  }
  *out = file;
  return OK;
}

Dtype idx_dtype(const IdxFile *file) {
  return file->dtype;
}

const Shape *idx_shape(const IdxFile *file) {
  return &file->shape;
}

const char *idx_path(const IdxFile *file) {
  return file->path;
}

/* Turns big-endian elements into the host's order, in place; memcpy, since they have any type. */
static void decode(unsigned char *bytes, size_t count, size_t element_bytes) {
  for (size_t i = 0; element_bytes == 2 && i < count; i++) {
    uint16_t word;
    memcpy(&word, bytes + i * sizeof word, sizeof word);
    word = be16toh(word);
    memcpy(bytes + i * sizeof word, &word, sizeof word);
  }
  for (size_t i = 0; element_bytes == 4 && i < count; i++) {
    uint32_t word;
    memcpy(&word, bytes + i * sizeof word, sizeof word);
    word = be32toh(word);
    memcpy(bytes + i * sizeof word, &word, sizeof word);
  }
  for (size_t i = 0; element_bytes == 8 && i < count; i++) {
    uint64_t word;
    memcpy(&word, bytes + i * sizeof word, sizeof word);
    word = be64toh(word);
    memcpy(bytes + i * sizeof word, &word, sizeof word);
  }
}

Status idx_read(IdxFile *file, size_t first, size_t count, void *out) {
  CHECK(first <= file->n_elements && count <= file->n_elements - first,
        "%s: elements %zu to %zu of %zu wanted", file->path, first, first + count,
        file->n_elements);

  size_t element_bytes = dtype_bytes(file->dtype);
  if (first != file->next_element) {
    /* A seek that fails shows in the read that follows it. */
    gzseek(file->stream, (z_off_t)(file->header_bytes + first * element_bytes), SEEK_SET);
  }
  file->next_element = file->n_elements + 1; /* nowhere, should the read fail half way */
  TRY(read_bytes(file, out, count * element_bytes));
  decode(out, count, element_bytes);
  file->next_element = first + count;
  return file->next_element == file->n_elements ? check_end(file) : OK;
}

void idx_close(IdxFile *file) {
  if (!file) return;
  /* What gzclose could still report, a stream left half-way, idx_read has checked or not needed. */
  gzclose(file->stream);
  memory_release(file->path);
  memory_release(file);
}
