/* The walking part of io/h5.h. */

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/h5.h"
#include "io/h5_handles.h"

enum { MOST_DEPTH = 32 };

typedef struct Walk {
  const H5File *file;
  H5Visitor visit;
  void *context;
} Walk;

/* ---- types and shapes ---- */

static void append_type(Text *text, hid_t type);

static void append_fields(Text *text, hid_t type) {
  int n_fields = H5Tget_nmembers(type);
  text_append(text, "{");
  for (int i = 0; i < n_fields; i++) {
    char *name = H5Tget_member_name(type, (unsigned)i);
    hid_t member = H5_CHECK(H5Tget_member_type(type, (unsigned)i));
    text_append(text, "%s%s ", i ? ", " : "", name);
    append_type(text, member);
    H5Tclose(member);
    H5free_memory(name);
  }
  text_append(text, "}");
}

/* NumPy's names for numbers. */
static void append_type(Text *text, hid_t type) {
  size_t bits = 8 * H5Tget_size(type);
  switch (H5Tget_class(type)) {
  case H5T_INTEGER:
    text_append(text, "%sint%zu", H5Tget_sign(type) == H5T_SGN_NONE ? "u" : "", bits);
    return;
  case H5T_FLOAT: text_append(text, "float%zu", bits); return;
  case H5T_STRING:
    text_append(text, "text");
    if (H5Tis_variable_str(type) == 0) text_append(text, "[%zu]", bits / 8);
    return;
  case H5T_COMPOUND: append_fields(text, type); return;
  default: text_append(text, "another type"); return;
  }
}

/* NULL for a single element. Ownership: memory_release. */
static char *space_text(hid_t space) {
  hsize_t dims[H5S_MAX_RANK];
  int n_dims = H5Sget_simple_extent_dims(space, dims, NULL);
  if (n_dims < 1) return NULL;
  Text text = {0};
  for (int i = 0; i < n_dims; i++) {
    text_append(&text, "%s%llu", i ? "x" : "", (unsigned long long)dims[i]);
  }
  return text_take(&text);
}

/* ---- values of attributes ---- */

static void append_list(Text *text, bool is_list, size_t i) {
  text_append(text, "%s", i ? ", " : is_list ? "[" : "");
}

static bool append_variable_texts(Text *text, hid_t attribute, size_t n, bool is_list) {
  char **values = NEW_ARRAY(char *, n);
  hid_t type = h5_text_type();
  bool good = H5Aread(attribute, type, values) >= 0;
  for (size_t i = 0; good && i < n; i++) {
    append_list(text, is_list, i);
    text_append(text, "%s", values[i] ? values[i] : "");
    H5free_memory(values[i]);
  }
  H5Tclose(type);
  memory_release(values);
  return good;
}

static bool append_fixed_texts(Text *text, hid_t attribute, hid_t type, size_t n, bool is_list) {
  size_t bytes = H5Tget_size(type);
  char *values = memory_allocate_array(n, bytes);
  bool good = H5Aread(attribute, type, values) >= 0;
  for (size_t i = 0; good && i < n; i++) {
    append_list(text, is_list, i);
    text_append(text, "%.*s", (int)strnlen(values + i * bytes, bytes), values + i * bytes);
  }
  memory_release(values);
  return good;
}

static bool append_numbers(Text *text, hid_t attribute, size_t n, bool is_list) {
  double *values = NEW_ARRAY(double, n);
  bool good = H5Aread(attribute, H5T_NATIVE_DOUBLE, values) >= 0;
  for (size_t i = 0; good && i < n; i++) {
    char number[NUMBER_TEXT_BYTES];
    append_list(text, is_list, i);
    text_append(text, "%s", text_real(number, values[i]));
  }
  memory_release(values);
  return good;
}

/* False if the library cannot read it. */
static bool append_value(Text *text, hid_t attribute, hid_t type, hid_t space) {
  hssize_t count = H5Sget_simple_extent_npoints(space);
  size_t n = count > 0 ? (size_t)count : 0;
  bool is_list = H5Sget_simple_extent_ndims(space) > 0, good = true;
  H5T_class_t class = H5Tget_class(type);
  if (n > 0 && class == H5T_STRING) {
    good = H5Tis_variable_str(type) > 0 ? append_variable_texts(text, attribute, n, is_list)
                                        : append_fixed_texts(text, attribute, type, n, is_list);
  } else if (n > 0 && (class == H5T_INTEGER || class == H5T_FLOAT)) {
    good = append_numbers(text, attribute, n, is_list);
  }
  text_append(text, "%s", !is_list ? "" : n ? "]" : "[]");
  return good;
}

/* ---- the walk ---- */

static Status visit_attribute(const Walk *walk, hid_t attribute, const char *path, size_t depth) {
  char name[256];
  H5Aget_name(attribute, sizeof name, name);
  hid_t type = H5_CHECK(H5Aget_type(attribute)), space = H5_CHECK(H5Aget_space(attribute));
  Text type_text = {0}, value = {0};
  append_type(&type_text, type);
  bool good = append_value(&value, attribute, type, space);
  char *shape = space_text(space);
  H5Item item = {H5_ITEM_ATTRIBUTE, depth, path, name, type_text.bytes, shape, value.bytes};
  if (good) walk->visit(walk->context, &item);
  memory_release(shape);
  text_release(&value);
  text_release(&type_text);
  H5Sclose(space);
  H5Tclose(type);
  return good ? OK : h5_fail_read(walk->file, path, name);
}

static Status visit_attributes(const Walk *walk, hid_t object, const char *path, size_t depth) {
  Status status = OK;
  for (hsize_t i = 0; status == OK; i++) {
    hid_t attribute =
        H5Aopen_by_idx(object, ".", H5_INDEX_NAME, H5_ITER_INC, i, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0) break;
    status = visit_attribute(walk, attribute, path, depth);
    H5Aclose(attribute);
  }
  H5Eclear2(H5E_DEFAULT);
  return status;
}

static void visit_dataset(const Walk *walk, hid_t dataset, H5Item *item) {
  hid_t type = H5_CHECK(H5Dget_type(dataset)), space = H5_CHECK(H5Dget_space(dataset));
  Text type_text = {0};
  append_type(&type_text, type);
  char *shape = space_text(space);
  item->sort = H5_ITEM_DATASET;
  item->type = type_text.bytes;
  item->shape = shape;
  walk->visit(walk->context, item);
  memory_release(shape);
  text_release(&type_text);
  H5Sclose(space);
  H5Tclose(type);
}

static Status visit_object(const Walk *walk, const char *path, const char *name, size_t depth);

static Status visit_members(const Walk *walk, hid_t group, const char *path, size_t depth) {
  H5G_info_t info;
  if (H5Gget_info(group, &info) < 0) return h5_fail_read(walk->file, path, "cannot be read");
  for (hsize_t i = 0; i < info.nlinks; i++) {
    char name[256];
    if (H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, name, sizeof name,
                           H5P_DEFAULT) < 0) {
      return h5_fail_read(walk->file, path, "cannot be read");
    }
    Text below = {0};
    text_append(&below, "%s/%s", depth ? path : "", name);
    Status status = visit_object(walk, below.bytes, name, depth + 1);
    text_release(&below);
    TRY(status);
  }
  return OK;
}

static Status visit_object(const Walk *walk, const char *path, const char *name, size_t depth) {
  if (depth > MOST_DEPTH) return h5_fail_read(walk->file, path, "too many groups in each other");
  hid_t object = H5Oopen(walk->file->id, path, H5P_DEFAULT);
  if (object < 0) return h5_fail_read(walk->file, path, "cannot be opened");

  H5Item item = {.sort = H5_ITEM_GROUP, .depth = depth, .path = path, .name = name};
  bool is_group = H5Iget_type(object) == H5I_GROUP;
  if (is_group) walk->visit(walk->context, &item);
  if (H5Iget_type(object) == H5I_DATASET) visit_dataset(walk, object, &item);
  Status status = visit_attributes(walk, object, path, depth + 1);
  if (status == OK && is_group) status = visit_members(walk, object, path, depth);
  H5Oclose(object);
  return status;
}

Status h5_walk(const H5File *file, H5Visitor visit, void *context) {
  Walk walk = {file, visit, context};
  return visit_object(&walk, "/", "/", 0);
}
