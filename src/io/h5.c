/* The writing half of io/h5.h, and what both halves share. */

#include "io/h5.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/h5_handles.h"

hid_t h5_memory_type(Dtype dtype) {
  switch (dtype) {
  case DTYPE_U8: return H5T_NATIVE_UINT8;
  case DTYPE_I8: return H5T_NATIVE_INT8;
  case DTYPE_I16: return H5T_NATIVE_INT16;
  case DTYPE_I32: return H5T_NATIVE_INT32;
  case DTYPE_F32: return H5T_NATIVE_FLOAT;
  case DTYPE_F64: return H5T_NATIVE_DOUBLE;
  case DTYPE_I64: return H5T_NATIVE_INT64;
  }
  return H5T_NATIVE_DOUBLE;
}

/* Files are little-endian whatever the machine. */
static hid_t stored_type(Dtype dtype) {
  switch (dtype) {
  case DTYPE_U8: return H5T_STD_U8LE;
  case DTYPE_I8: return H5T_STD_I8LE;
  case DTYPE_I16: return H5T_STD_I16LE;
  case DTYPE_I32: return H5T_STD_I32LE;
  case DTYPE_F32: return H5T_IEEE_F32LE;
  case DTYPE_F64: return H5T_IEEE_F64LE;
  case DTYPE_I64: return H5T_STD_I64LE;
  }
  return H5T_IEEE_F64LE;
}

int64_t h5_checked(int64_t result, const char *call) {
  CHECK(result >= 0, "HDF5: %s failed", call);
  return result;
}

char *h5_image_name(const H5File *file, char out[H5_IMAGE_NAME_BYTES]) {
  snprintf(out, H5_IMAGE_NAME_BYTES, "image at %p", (const void *)file);
  return out;
}

hid_t h5_text_type(void) {
  hid_t type = H5_CHECK(H5Tcopy(H5T_C_S1));
  H5_CHECK(H5Tset_size(type, H5T_VARIABLE));
  H5_CHECK(H5Tset_cset(type, H5T_CSET_UTF8));
  return type;
}

static hid_t fixed_text_type(size_t bytes) {
  hid_t type = H5_CHECK(H5Tcopy(H5T_C_S1));
  H5_CHECK(H5Tset_size(type, bytes));
  H5_CHECK(H5Tset_strpad(type, H5T_STR_NULLPAD));
  return type;
}

H5File *h5_begin(size_t user_block_bytes) {
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  H5File *file = NEW(H5File);
  file->user_block_bytes = user_block_bytes;

  hid_t access = H5_CHECK(H5Pcreate(H5P_FILE_ACCESS));
  H5_CHECK(H5Pset_fapl_core(access, 1 << 20, 0));
  hid_t creation = H5_CHECK(H5Pcreate(H5P_FILE_CREATE));
  H5_CHECK(H5Pset_userblock(creation, user_block_bytes));
  char name[H5_IMAGE_NAME_BYTES];
  file->id = H5_CHECK(H5Fcreate(h5_image_name(file, name), H5F_ACC_TRUNC, creation, access));
  H5Pclose(creation);
  H5Pclose(access);
  return file;
}

void h5_finish(H5File *file, char **bytes, size_t *count) {
  H5_CHECK(H5Fflush(file->id, H5F_SCOPE_GLOBAL));
  /* The library's image begins after the user block. */
  size_t image_bytes = (size_t)H5_CHECK(H5Fget_file_image(file->id, NULL, 0));
  *count = file->user_block_bytes + image_bytes;
  *bytes = memory_allocate(*count);
  H5_CHECK(H5Fget_file_image(file->id, *bytes + file->user_block_bytes, image_bytes));
  H5_CHECK(H5Fclose(file->id));
  memory_release(file);
}

void h5_add_group(H5File *file, const char *path) {
  hid_t group = H5_CHECK(H5Gcreate2(file->id, path, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Gclose(group);
}

static hid_t create_space(const Shape *shape) {
  hsize_t dims[SHAPE_MOST_DIMS];
  for (size_t i = 0; i < shape->n_dims; i++) dims[i] = shape->dims[i];
  return shape->n_dims ? H5_CHECK(H5Screate_simple((int)shape->n_dims, dims, NULL))
                       : H5_CHECK(H5Screate(H5S_SCALAR));
}

/* A dataset without time stamps, written at once. */
static void add_dataset(H5File *file, const char *path, hid_t stored, hid_t memory, hid_t space,
                        const void *values) {
  hid_t creation = H5_CHECK(H5Pcreate(H5P_DATASET_CREATE));
  H5_CHECK(H5Pset_obj_track_times(creation, 0));
  hid_t dataset =
      H5_CHECK(H5Dcreate2(file->id, path, stored, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  if (H5Sget_simple_extent_npoints(space) > 0) {
    H5_CHECK(H5Dwrite(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
  }
  H5Dclose(dataset);
  H5Pclose(creation);
}

void h5_add_array(H5File *file, const char *path, Dtype dtype, const Shape *shape,
                  const void *values) {
  hid_t space = create_space(shape);
  add_dataset(file, path, stored_type(dtype), h5_memory_type(dtype), space, values);
  H5Sclose(space);
}

void h5_add_text(H5File *file, const char *path, const char *text) {
  hid_t type = h5_text_type();
  hid_t space = H5_CHECK(H5Screate(H5S_SCALAR));
  add_dataset(file, path, type, type, space, &text);
  H5Sclose(space);
  H5Tclose(type);
}

void h5_add_table(H5File *file, const char *path, const H5Column *columns, size_t n_columns,
                  const void *records, size_t n_records, size_t record_bytes) {
  hid_t type = H5_CHECK(H5Tcreate(H5T_COMPOUND, record_bytes));
  for (size_t i = 0; i < n_columns; i++) {
    const H5Column *column = &columns[i];
    hid_t member = column->text_bytes ? fixed_text_type(column->text_bytes)
                                      : H5_CHECK(H5Tcopy(H5T_NATIVE_INT64));
    H5_CHECK(H5Tinsert(type, column->name, column->offset, member));
    H5Tclose(member);
  }
  hid_t space = create_space(&(Shape){1, {n_records}});
  add_dataset(file, path, type, type, space, records);
  H5Sclose(space);
  H5Tclose(type);
}

static void set_attribute(H5File *file, const char *path, const char *name, hid_t stored,
                          hid_t memory, hid_t space, const void *value) {
  hid_t object = H5_CHECK(H5Oopen(file->id, path, H5P_DEFAULT));
  hid_t attribute = H5_CHECK(H5Acreate2(object, name, stored, space, H5P_DEFAULT, H5P_DEFAULT));
  if (H5Sget_simple_extent_npoints(space) > 0) H5_CHECK(H5Awrite(attribute, memory, value));
  H5Aclose(attribute);
  H5Oclose(object);
}

static void set_scalar(H5File *file, const char *path, const char *name, hid_t stored, hid_t memory,
                       const void *value) {
  hid_t space = H5_CHECK(H5Screate(H5S_SCALAR));
  set_attribute(file, path, name, stored, memory, space, value);
  H5Sclose(space);
}

void h5_set_text(H5File *file, const char *path, const char *name, const char *text) {
  hid_t type = h5_text_type();
  set_scalar(file, path, name, type, type, &text);
  H5Tclose(type);
}

void h5_set_whole(H5File *file, const char *path, const char *name, int64_t value) {
  set_scalar(file, path, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

void h5_set_real(H5File *file, const char *path, const char *name, double value) {
  set_scalar(file, path, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}

static void set_text_array(H5File *file, const char *path, const char *name, size_t count,
                           size_t text_bytes, const char *const *texts) {
  char *packed = memory_allocate_array(count, text_bytes);
  for (size_t i = 0; i < count; i++) memcpy(packed + i * text_bytes, texts[i], strlen(texts[i]));
  hid_t type = fixed_text_type(text_bytes);
  hid_t space = create_space(&(Shape){1, {count}});
  set_attribute(file, path, name, type, type, space, packed);
  H5Sclose(space);
  H5Tclose(type);
  memory_release(packed);
}

/* The largest attribute that fits an object header of the earliest format. */
enum { MOST_ATTRIBUTE_BYTES = 64512 };

void h5_set_texts(H5File *file, const char *path, const char *name, size_t count,
                  const char *const *texts) {
  size_t longest = 1;
  for (size_t i = 0; i < count; i++) {
    if (strlen(texts[i]) > longest) longest = strlen(texts[i]);
  }
  size_t per_part = MOST_ATTRIBUTE_BYTES / longest;
  if (count <= per_part) {
    set_text_array(file, path, name, count, longest, texts);
    return;
  }
  for (size_t begin = 0, part = 0; begin < count; begin += per_part, part++) {
    char part_name[64];
    snprintf(part_name, sizeof part_name, "%s%zu", name, part);
    size_t left = count - begin, n = left < per_part ? left : per_part;
    set_text_array(file, path, part_name, n, longest, texts + begin);
  }
}

const char *h5_version(void) {
  static char text[32];
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  snprintf(text, sizeof text, "%u.%u.%u", major, minor, release);
  return text;
}
