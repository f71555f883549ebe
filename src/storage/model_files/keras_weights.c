/* Keras 3's .weights.h5: a group for each layer, named by its class and counted, with its variables
 * by number.
 */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "storage/model_file.h"
#include "storage/model_files/keras_layouts.h"

/* ---- reading ---- */

/* Where a model keeps its layers: in Keras 3, and before. */
static const char *const containers[] = {"/layers", "/_layer_checkpoint_dependencies"};

enum { CONTAINER_COUNT = sizeof containers / sizeof *containers };

static int compare_names(const void *a, const void *b) {
  return text_compare_naturally(*(char *const *)a, *(char *const *)b);
}

/* The members of a group in the order of their numbers; none where there is no such group. */
static Status list_members(const H5File *file, const char *path, char ***names, size_t *count) {
  *names = NULL;
  *count = 0;
  if (!h5_has(file, path)) return OK;
  TRY(h5_list(file, path, names, count));
  if (*count) qsort(*names, *count, sizeof **names, compare_names);
  return OK;
}

static Status read_variables(const H5File *file, const char *layer, TensorList *out) {
  Text path = {0};
  text_append(&path, "%s/vars", layer);
  size_t length = path.length, count;
  char **names;
  Status status = list_members(file, path.bytes, &names, &count);
  for (size_t i = 0; i < count && status == OK; i++) {
    path.length = length;
    text_append(&path, "/%s", names[i]);
    Array array;
    status = h5_read_array(file, path.bytes, DTYPE_F32, &array);
    if (status == OK) tensor_list_add(out, path.bytes + 1, array);
  }
  h5_release_texts(names, count);
  text_release(&path);
  return status;
}

/* "dense" of "dense_12". */
static size_t class_length(const char *layer) {
  size_t length = strlen(layer), end = length;
  while (end > 0 && isdigit((unsigned char)layer[end - 1])) end--;
  return end < length && end > 1 && layer[end - 1] == '_' ? end - 1 : length;
}

static bool same_class(const char *a, const char *b) {
  return class_length(a) == class_length(b) && strncmp(a, b, class_length(a)) == 0;
}

static bool holds_layers(const H5File *file, const char *layer) {
  bool holds = false;
  for (size_t c = 0; c < CONTAINER_COUNT; c++) {
    Text path = {0};
    text_append(&path, "%s%s", layer, containers[c]);
    holds = holds || h5_has(file, path.bytes);
    text_release(&path);
  }
  return holds;
}

/* Numbers count within a class: among layers of two classes, and between a layer and a model within
 * the model, the file does not tell which comes first.
 */
static Status read_layers(const H5File *file, const char *source, const char *container,
                          TensorList *out) {
  char **names;
  size_t count;
  const char *first = NULL; /* layer with weights */
  Status status = list_members(file, container, &names, &count);
  for (size_t i = 0; i < count && status == OK; i++) {
    Text path = {0};
    text_append(&path, "%s/%s", container, names[i]);
    size_t before = out->count;
    status = holds_layers(file, path.bytes)
                 ? fail(ERR_DATA, "%s: %s: found a model within the model, expected layers", source,
                        path.bytes)
                 : read_variables(file, path.bytes, out);
    text_release(&path);
    if (status != OK || out->count == before) continue;
    if (!first) first = names[i];
    if (same_class(first, names[i])) continue;
    status = fail(ERR_DATA,
                  "%s: found weights of the layers '%s' and '%s', of two classes, whose "
                  "order the file does not tell",
                  source, first, names[i]);
  }
  h5_release_texts(names, count);
  return status;
}

static Status read_containers(const H5File *file, const char *source, TensorList *out) {
  *out = (TensorList){.order = ORDER_OF_LAYERS};
  Status status = OK;
  for (size_t c = 0; c < CONTAINER_COUNT && status == OK; c++) {
    status = read_layers(file, source, containers[c], out);
  }
  if (status == OK && out->count == 0) {
    status = fail(ERR_DATA, "%s: found no weights of Keras in this HDF5 file", source);
  }
  if (status != OK) tensor_list_release(out);
  return status;
}

static Status read_file(const char *bytes, size_t count, const char *source, TensorList *out) {
  *out = (TensorList){0};
  H5File *file;
  TRY(h5_open(bytes, count, source, &file));
  Status status = read_containers(file, source, out);
  h5_close(file);
  return status;
}

/* ---- writing ---- */

/* "batch_normalization" of "BatchNormalization": a word begins where a lower-case letter does not
 * come before, or comes behind, its capital. */
static void append_snake_case(const char *class_name, Text *out) {
  for (const char *c = class_name; *c; c++) {
    bool is_upper = isupper((unsigned char)*c);
    bool begins_word = islower((unsigned char)c[1]);
    bool ends_word = c > class_name && islower((unsigned char)c[-1]);
    if (c > class_name && is_upper && (begins_word || ends_word)) text_append(out, "_");
    text_append(out, "%c", tolower((unsigned char)*c));
  }
}

/* The path of a layer's variables, "/layers/dense_1/vars", with the groups on the way. */
static void add_layer_groups(H5File *file, const Model *model, size_t index, Text *path) {
  const LayerKind *kind = model->layers[index].kind;
  size_t earlier = 0;
  for (size_t i = 0; i < index; i++) earlier += model->layers[i].kind == kind;
  text_append(path, "/layers/");
  append_snake_case(kind->keras_class, path);
  if (earlier) text_append(path, "_%zu", earlier);
  h5_add_group(file, path->bytes);
  text_append(path, "/vars");
  h5_add_group(file, path->bytes);
}

static void write_layer(H5File *file, const ModelExport *content, size_t index) {
  const Layer *layer = &content->model->layers[index];
  Text path = {0};
  add_layer_groups(file, content->model, index, &path);
  h5_set_text(file, path.bytes, "name", layer->name);
  size_t length = path.length;
  for (size_t i = 0; i < layer->n_tensors; i++) {
    Array array = parameters_array(&content->model->map.tensors[layer->tensors[i].index],
                                   content->parameters);
    path.length = length;
    text_append(&path, "/%zu", i);
    h5_add_array(file, path.bytes, array.dtype, &array.shape, array.values);
    array_release(&array);
  }
  text_release(&path);
}

static void write_file(const ModelExport *content, char **bytes, size_t *count) {
  H5File *file = h5_begin(0);
  h5_add_group(file, "/vars");
  h5_add_group(file, "/layers");
  for (size_t i = 0; i < content->model->n_layers; i++) write_layer(file, content, i);

  Json *properties = model_export_properties(content);
  JsonCursor cursor = {0};
  const char *name;
  const Json *text;
  while (json_next(properties, &cursor, &name, &text)) {
    h5_set_text(file, "/", name, json_as_text(text));
  }
  json_release(properties);
  h5_finish(file, bytes, count);
}

const ModelFileKind keras_weights_file = {
    .kind = {.name = "keras-weights", .summary = "Keras 3's weights alone"},
    .ending = ".weights.h5",
    .write = write_file,
    .recognises = keras_is_hdf5,
    .read = read_file,
};
