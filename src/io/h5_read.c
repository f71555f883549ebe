/* The reading half of io/h5.h, but for attributes: files, objects, datasets. */

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/h5.h"
#include "io/h5_handles.h"

static herr_t keep_innermost(unsigned depth, const H5E_error2_t *error, void *message) {
  if (depth == 0 && error->desc) snprintf(message, 200, "%s", error->desc);
  return 0;
}

Status h5_fail_read(const H5File *file, const char *path, const char *what) {
  char reason[200] = "";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, reason);
  H5Eclear2(H5E_DEFAULT);
  return fail(ERR_DATA, "%s: %s: %s%s%s%s", file->source, path, what, *reason ? " (" : "", reason,
              *reason ? ")" : "");
}

Status h5_open(const void *bytes, size_t count, const char *source, H5File **out) {
  *out = NULL;
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  H5File *file = NEW(H5File);
  snprintf(file->source, sizeof file->source, "%s", source);
  file->image_bytes = count;

  /* The library copies the image; it only promises to leave the original as it is. */
  hid_t access = H5_CHECK(H5Pcreate(H5P_FILE_ACCESS));
  H5_CHECK(H5Pset_fapl_core(access, 1 << 20, 0));
  H5_CHECK(H5Pset_file_image(access, (void *)(uintptr_t)bytes, count));
  char name[H5_IMAGE_NAME_BYTES];
  file->id = H5Fopen(h5_image_name(file, name), H5F_ACC_RDONLY, access);
  H5Pclose(access);
  if (file->id < 0) {
    Status status = h5_fail_read(file, "/", "not an HDF5 file that this program can read");
    memory_release(file);
    return status;
  }
  *out = file;
  return OK;
}

void h5_close(H5File *file) {
  if (!file) return;
  H5Fclose(file->id);
  memory_release(file);
}

bool h5_has(const H5File *file, const char *path) {
  hid_t object = H5Oopen(file->id, path, H5P_DEFAULT);
  if (object < 0) return false;
  H5Oclose(object);
  return true;
}

Status h5_list(const H5File *file, const char *path, char ***names, size_t *count) {
  *names = NULL;
  *count = 0;
  H5G_info_t facts;
  if (H5Gget_info_by_name(file->id, path, &facts, H5P_DEFAULT) < 0) {
    return h5_fail_read(file, path, "no such group");
  }
  for (hsize_t i = 0; i < facts.nlinks; i++) {
    char name[H5_NAME_BYTES];
    ssize_t length = H5Lget_name_by_idx(file->id, path, H5_INDEX_NAME, H5_ITER_INC, i, name,
                                        sizeof name, H5P_DEFAULT);
    if (length < 0 || (size_t)length >= sizeof name) {
      h5_release_texts(*names, *count);
      *names = NULL;
      *count = 0;
      return h5_fail_read(file, path, "the names of its members cannot be read");
    }
    size_t old = *count * sizeof(char *);
    *names = memory_grow(*names, old, old + sizeof(char *));
    (*names)[(*count)++] = memory_copy_text(name);
  }
  return OK;
}

void h5_release_texts(char **texts, size_t count) {
  for (size_t i = 0; i < count; i++) memory_release(texts[i]);
  memory_release(texts);
}

static Status space_shape(const H5File *file, const char *path, hid_t space, Shape *shape) {
  int n_dims = H5Sget_simple_extent_ndims(space);
  if (n_dims < 0 || n_dims > SHAPE_MOST_DIMS)
    return h5_fail_read(file, path, "too many dimensions");
  hsize_t dims[SHAPE_MOST_DIMS] = {0};
  H5Sget_simple_extent_dims(space, dims, NULL);
  *shape = (Shape){.n_dims = (size_t)n_dims};
  for (int i = 0; i < n_dims; i++) shape->dims[i] = dims[i];
  return OK;
}

static bool is_number(hid_t dataset) {
  hid_t type = H5Dget_type(dataset);
  H5T_class_t class = H5Tget_class(type);
  H5Tclose(type);
  return class == H5T_INTEGER || class == H5T_FLOAT;
}

/* Compares the header's promise with the file, before memory is allocated on its word. */
static Status check_size(const H5File *file, const char *path, const Shape *shape, Dtype dtype) {
  /* DEFLATE, the one filter in use, never shrinks data further than that, says zlib's manual. */
  enum { MOST_RATIO = 1032 };
  size_t n_bytes;
  if (shape_bytes(shape, dtype, &n_bytes) && n_bytes / MOST_RATIO <= file->image_bytes) return OK;
  char text[SHAPE_TEXT_BYTES];
  return fail(ERR_DATA, "%s: %s: found the shape %s, which a file of %zu bytes cannot hold",
              file->source, path, shape_text(shape, text), file->image_bytes);
}

Status h5_read_array(const H5File *file, const char *path, Dtype dtype, Array *out) {
  *out = (Array){0};
  hid_t dataset = H5Dopen2(file->id, path, H5P_DEFAULT);
  if (dataset < 0) return h5_fail_read(file, path, "no such dataset");

  Status status = is_number(dataset) ? OK : h5_fail_read(file, path, "not a dataset of numbers");
  hid_t space = H5_CHECK(H5Dget_space(dataset));
  Shape shape = {0};
  if (status == OK) status = space_shape(file, path, space, &shape);
  if (status == OK) status = check_size(file, path, &shape, dtype);
  if (status == OK) {
    *out = array_create(dtype, shape);
    hid_t type = h5_memory_type(dtype);
    if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out->values) < 0) {
      status = h5_fail_read(file, path, "cannot be read");
      array_release(out);
    }
  }
  H5Sclose(space);
  H5Dclose(dataset);
  return status;
}

Status h5_read_text(const H5File *file, const char *path, char **out) {
  *out = NULL;
  hid_t dataset = H5Dopen2(file->id, path, H5P_DEFAULT);
  if (dataset < 0) return h5_fail_read(file, path, "no such dataset");

  hid_t stored = H5Dget_type(dataset), space = H5Dget_space(dataset), type = h5_text_type();
  char *text = NULL;
  bool good = h5_is_text(stored, space) &&
              H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &text) >= 0 && text;
  if (good) {
    *out = memory_copy_text(text);
    H5free_memory(text);
  }
  H5Tclose(type);
  H5Sclose(space);
  H5Tclose(stored);
  H5Dclose(dataset);
  return good ? OK : h5_fail_read(file, path, "not a text");
}
