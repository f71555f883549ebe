/* The reading half of io/h5.h: attributes. */

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/h5.h"
#include "io/h5_handles.h"

bool h5_is_text(hid_t type, hid_t space) {
  return H5Tis_variable_str(type) > 0 && H5Sget_simple_extent_npoints(space) == 1;
}

/* Reads a scalar attribute into `value` of the memory type. */
static Status get_attribute(const H5File *file, const char *path, const char *name, hid_t type,
                            void *value) {
  hid_t attribute = H5Aopen_by_name(file->id, path, name, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute < 0) return h5_fail_read(file, path, name);
  hid_t space = H5Aget_space(attribute), stored = H5Aget_type(attribute);
  bool text_wanted = H5Tget_class(type) == H5T_STRING;
  bool fits = text_wanted
                  ? h5_is_text(stored, space)
                  : H5Sget_simple_extent_npoints(space) == 1 && H5Tget_class(stored) != H5T_STRING;
  bool good = fits && H5Aread(attribute, type, value) >= 0;
  H5Tclose(stored);
  H5Sclose(space);
  H5Aclose(attribute);
  return good ? OK : h5_fail_read(file, path, name);
}

Status h5_get_text(const H5File *file, const char *path, const char *name, char **out) {
  *out = NULL;
  char *text = NULL;
  hid_t type = h5_text_type();
  Status status = get_attribute(file, path, name, type, &text);
  H5Tclose(type);
  TRY(status);
  *out = memory_copy_text(text ? text : "");
  H5free_memory(text);
  return OK;
}

Status h5_get_whole(const H5File *file, const char *path, const char *name, int64_t *out) {
  return get_attribute(file, path, name, H5T_NATIVE_INT64, out);
}

Status h5_get_real(const H5File *file, const char *path, const char *name, double *out) {
  return get_attribute(file, path, name, H5T_NATIVE_DOUBLE, out);
}

static void append_text(char ***texts, size_t *count, const char *text, size_t length) {
  size_t old = *count * sizeof(char *);
  *texts = memory_grow(*texts, old, old + sizeof(char *));
  char *copy = memory_allocate(length + 1);
  memcpy(copy, text, length);
  (*texts)[(*count)++] = copy;
}

static bool append_fixed(hid_t attribute, hid_t type, size_t n, char ***texts, size_t *count) {
  size_t bytes = H5Tget_size(type);
  char *packed = memory_allocate_array(n, bytes);
  bool good = H5Aread(attribute, type, packed) >= 0;
  for (size_t i = 0; good && i < n; i++) append_text(texts, count, packed + i * bytes, bytes);
  memory_release(packed);
  return good;
}

static bool append_variable(hid_t attribute, hid_t type, hid_t space, size_t n, char ***texts,
                            size_t *count) {
  hid_t native = H5Tget_native_type(type, H5T_DIR_ASCEND);
  char **read = NEW_ARRAY(char *, n);
  bool good = native >= 0 && H5Aread(attribute, native, read) >= 0;
  for (size_t i = 0; good && i < n; i++) {
    append_text(texts, count, read[i] ? read[i] : "", read[i] ? strlen(read[i]) : 0);
  }
  if (good) H5Dvlen_reclaim(native, space, H5P_DEFAULT, read);
  memory_release(read);
  H5Tclose(native);
  return good;
}

/* Appends the texts of one attribute. One without elements may be of any type: NumPy's writer does
 * not know that they would be texts. */
static Status append_texts(const H5File *file, const char *path, const char *name, char ***texts,
                           size_t *count) {
  hid_t attribute = H5Aopen_by_name(file->id, path, name, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute < 0) return h5_fail_read(file, path, name);
  hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
  hssize_t n = H5Sget_simple_extent_npoints(space);
  bool good = H5Sget_simple_extent_ndims(space) == 1 && n >= 0;
  if (good && n > 0) {
    good = H5Tget_class(type) == H5T_STRING &&
           (size_t)n <= file->image_bytes / H5Tget_size(type); /* no more than the file can hold */
    if (good && H5Tis_variable_str(type) > 0) {
      good = append_variable(attribute, type, space, (size_t)n, texts, count);
    } else if (good) {
      good = append_fixed(attribute, type, (size_t)n, texts, count);
    }
  }
  H5Sclose(space);
  H5Tclose(type);
  H5Aclose(attribute);
  return good ? OK : h5_fail_read(file, path, name);
}

/* The name of a part of an attribute that is cut. */
static char *part_name(const char *name, size_t part, char out[64]) {
  snprintf(out, 64, "%s%zu", name, part);
  return out;
}

bool h5_has_attribute(const H5File *file, const char *path, const char *name) {
  return H5Aexists_by_name(file->id, path, name, H5P_DEFAULT) > 0;
}

bool h5_has_texts(const H5File *file, const char *path, const char *name) {
  char first[64];
  return h5_has_attribute(file, path, name) ||
         h5_has_attribute(file, path, part_name(name, 0, first));
}

Status h5_get_texts(const H5File *file, const char *path, const char *name, char ***out,
                    size_t *count) {
  *out = NULL;
  *count = 0;
  Status status = OK;
  if (h5_has_attribute(file, path, name)) {
    status = append_texts(file, path, name, out, count);
  } else {
    for (size_t part = 0; status == OK; part++) {
      char own_name[64];
      part_name(name, part, own_name);
      if (part > 0 && !h5_has_attribute(file, path, own_name)) break;
      status = append_texts(file, path, own_name, out, count);
    }
  }
  if (status != OK) {
    h5_release_texts(*out, *count);
    *out = NULL;
    *count = 0;
  }
  return status;
}
