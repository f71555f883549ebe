/* The reading half of io/h5.h. */

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

bool h5_has_attribute(const H5File *file, const char *path, const char *name) {
  return H5Aexists_by_name(file->id, path, name, H5P_DEFAULT) > 0;
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

Status h5_read_array(const H5File *file, const char *path, Dtype dtype, Array *out) {
  *out = (Array){0};
  hid_t dataset = H5Dopen2(file->id, path, H5P_DEFAULT);
  if (dataset < 0) return h5_fail_read(file, path, "no such dataset");

  Status status = is_number(dataset) ? OK : h5_fail_read(file, path, "not a dataset of numbers");
  hid_t space = H5_CHECK(H5Dget_space(dataset));
  Shape shape = {0};
  if (status == OK) status = space_shape(file, path, space, &shape);
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

/* True for a scalar of variable-length text, the form in which texts are written. */
static bool is_text(hid_t type, hid_t space) {
  return H5Tis_variable_str(type) > 0 && H5Sget_simple_extent_npoints(space) == 1;
}

Status h5_read_text(const H5File *file, const char *path, char **out) {
  *out = NULL;
  hid_t dataset = H5Dopen2(file->id, path, H5P_DEFAULT);
  if (dataset < 0) return h5_fail_read(file, path, "no such dataset");

  hid_t stored = H5Dget_type(dataset), space = H5Dget_space(dataset), type = h5_text_type();
  char *text = NULL;
  bool good = is_text(stored, space) &&
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

/* Reads a scalar attribute into `value` of the memory type. */
static Status get_attribute(const H5File *file, const char *path, const char *name, hid_t type,
                            void *value) {
  hid_t attribute = H5Aopen_by_name(file->id, path, name, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute < 0) return h5_fail_read(file, path, name);
  hid_t space = H5Aget_space(attribute), stored = H5Aget_type(attribute);
  bool text_wanted = H5Tget_class(type) == H5T_STRING;
  bool fits = text_wanted
                  ? is_text(stored, space)
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

/* Appends the texts of one attribute of fixed-length texts. */
static Status append_texts(const H5File *file, const char *path, const char *name, char ***texts,
                           size_t *count) {
  hid_t attribute = H5Aopen_by_name(file->id, path, name, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute < 0) return h5_fail_read(file, path, name);
  hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
  hssize_t n = H5Sget_simple_extent_npoints(space);
  size_t bytes = H5Tget_size(type);
  bool good = H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 && n >= 0;

  if (good && n > 0) {
    char *packed = memory_allocate_array((size_t)n, bytes);
    good = H5Aread(attribute, type, packed) >= 0;
    size_t old = *count * sizeof(char *);
    *texts = memory_grow(*texts, old, old + (size_t)n * sizeof(char *));
    for (size_t i = 0; i < (size_t)n; i++) {
      (*texts)[*count] = memory_allocate(bytes + 1);
      memcpy((*texts)[(*count)++], packed + i * bytes, bytes);
    }
    memory_release(packed);
  }
  H5Sclose(space);
  H5Tclose(type);
  H5Aclose(attribute);
  return good ? OK : h5_fail_read(file, path, name);
}

Status h5_get_texts(const H5File *file, const char *path, const char *name, char ***out,
                    size_t *count) {
  *out = NULL;
  *count = 0;
  Status status = OK;
  if (H5Aexists_by_name(file->id, path, name, H5P_DEFAULT) > 0) {
    status = append_texts(file, path, name, out, count);
  } else {
    for (size_t part = 0; status == OK; part++) {
      char part_name[64];
      snprintf(part_name, sizeof part_name, "%s%zu", name, part);
      bool more = H5Aexists_by_name(file->id, path, part_name, H5P_DEFAULT) > 0;
      if (!more && part > 0) break;
      status = append_texts(file, path, part_name, out, count);
    }
  }
  if (status != OK) {
    for (size_t i = 0; i < *count; i++) memory_release((*out)[i]);
    memory_release(*out);
    *out = NULL;
    *count = 0;
  }
  return status;
}
