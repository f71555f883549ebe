#include "io/archive.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <zip.h>

#include "base/fatal.h"
#include "base/memory.h"

struct Archive {
  zip_t *zip;
  zip_source_t *image; /* the whole archive, where one is written */
  size_t image_bytes;  /* of one that is read */
  char *source;
  size_t n_held;
  char **held; /* contents that the library reads only when the archive ends */
};

/* DEFLATE never shrinks data further than that, says zlib's manual. */
enum { MOST_RATIO = 1032 };

static Archive *fail_open(Archive *archive, zip_error_t *error) {
  fail(ERR_DATA, "%s: not a zip archive that can be read: %s", archive->source,
       zip_error_strerror(error));
  archive_close(archive);
  return NULL;
}

Status archive_open(const void *bytes, size_t count, const char *source, Archive **out) {
  *out = NULL;
  /* The library takes an empty file for an empty archive. */
  if (count == 0) return fail(ERR_DATA, "%s: empty, expected a zip archive", source);
  Archive *archive = NEW(Archive);
  archive->source = memory_copy_text(source);
  archive->image_bytes = count;
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t *image = zip_source_buffer_create(bytes, count, 0, &error);
  CHECK(image, "no memory for a zip archive");
  archive->zip = zip_open_from_source(image, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  if (!archive->zip) zip_source_free(image);
  *out = archive->zip ? archive : fail_open(archive, &error);
  zip_error_fini(&error);
  return *out ? OK : ERR_DATA;
}

size_t archive_count(const Archive *archive) {
  return (size_t)zip_get_num_entries(archive->zip, 0);
}

const char *archive_name(const Archive *archive, size_t entry) {
  const char *name = zip_get_name(archive->zip, entry, 0);
  return name ? name : "";
}

size_t archive_find(const Archive *archive, const char *name) {
  zip_int64_t entry = zip_name_locate(archive->zip, name, 0);
  return entry < 0 ? archive_count(archive) : (size_t)entry;
}

static Status fail_read(const Archive *archive, size_t entry, const char *reason) {
  return fail(ERR_DATA, "%s: %s: cannot be read: %s", archive->source, archive_name(archive, entry),
              reason);
}

/* Damage to compressed data may show in nothing but the number of bytes that come out. */
static Status fail_damaged(const Archive *archive, size_t entry, zip_error_t *error) {
  bool is_known = zip_error_code_zip(error) != ZIP_ER_OK;
  return fail(ERR_DATA, "%s: %s: damaged: %s", archive->source, archive_name(archive, entry),
              is_known ? zip_error_strerror(error) : "not the number of bytes that it says");
}

static Status read_content(const Archive *archive, size_t entry, char *out, size_t count) {
  zip_file_t *file = zip_fopen_index(archive->zip, entry, 0);
  if (!file) return fail_read(archive, entry, zip_strerror(archive->zip));
  /* Only an attempt to read on makes the library look at the checksum behind the last byte. */
  char extra;
  bool whole = zip_fread(file, out, count) == (zip_int64_t)count && zip_fread(file, &extra, 1) == 0;
  Status status = whole ? OK : fail_damaged(archive, entry, zip_file_get_error(file));
  zip_fclose(file);
  return status;
}

Status archive_read(const Archive *archive, size_t entry, char **bytes, size_t *count) {
  *bytes = NULL;
  *count = 0;
  zip_stat_t facts;
  if (zip_stat_index(archive->zip, entry, 0, &facts) != 0 || !(facts.valid & ZIP_STAT_SIZE)) {
    return fail_read(archive, entry, "its size is not known");
  }
  if (facts.size / MOST_RATIO > archive->image_bytes) {
    return fail_read(archive, entry, "it says that it is larger than it can be");
  }
  *count = (size_t)facts.size;
  *bytes = memory_allocate(*count);
  Status status = read_content(archive, entry, *bytes, *count);
  if (status == OK) return OK;
  memory_release(*bytes);
  *bytes = NULL;
  return status;
}

void archive_close(Archive *archive) {
  if (!archive) return;
  if (archive->zip) zip_discard(archive->zip);
  memory_release(archive->source);
  memory_release(archive);
}

Archive *archive_begin(void) {
  Archive *archive = NEW(Archive);
  archive->image = zip_source_buffer_create(NULL, 0, 0, NULL);
  CHECK(archive->image, "no memory for a zip archive");
  archive->zip = zip_open_from_source(archive->image, ZIP_TRUNCATE, NULL);
  CHECK(archive->zip, "no memory for a zip archive");
  zip_source_keep(archive->image);
  return archive;
}

void archive_add(Archive *archive, const char *name, char *bytes, size_t count) {
  /* The first day that a zip archive can name, whatever the hour and its zone. */
  enum { DOS_TIME = 0, DOS_DATE = 1 << 5 | 1 };
  zip_source_t *content = zip_source_buffer(archive->zip, bytes, count, 0);
  CHECK(content, "no memory for a zip archive");
  zip_int64_t entry = zip_file_add(archive->zip, name, content, ZIP_FL_ENC_UTF_8);
  CHECK(entry >= 0, "zip: %s: %s", name, zip_strerror(archive->zip));
  zip_set_file_compression(archive->zip, (zip_uint64_t)entry, ZIP_CM_STORE, 0);
  zip_file_set_dostime(archive->zip, (zip_uint64_t)entry, DOS_TIME, DOS_DATE, 0);

  size_t old = archive->n_held * sizeof(char *);
  archive->held = memory_grow(archive->held, old, old + sizeof(char *));
  archive->held[archive->n_held++] = bytes;
}

void archive_finish(Archive *archive, char **bytes, size_t *count) {
  CHECK(zip_close(archive->zip) == 0, "zip: %s", zip_strerror(archive->zip));
  zip_stat_t facts;
  CHECK(zip_source_stat(archive->image, &facts) == 0 && zip_source_open(archive->image) == 0,
        "zip: the finished archive cannot be read");
  *count = (size_t)facts.size;
  *bytes = memory_allocate(*count);
  CHECK(zip_source_read(archive->image, *bytes, *count) == (zip_int64_t)*count,
        "zip: the finished archive cannot be read");
  zip_source_close(archive->image);
  zip_source_free(archive->image);

  for (size_t i = 0; i < archive->n_held; i++) memory_release(archive->held[i]);
  memory_release(archive->held);
  memory_release(archive);
}
