/* Keras's legacy .h5, read: whole models and weights alone, of Keras 2, tf_keras and Keras 3. */

#include <string.h>

#include "base/text.h"
#include "storage/model_file.h"
#include "storage/model_files/keras_layouts.h"

bool keras_is_hdf5(const char *bytes, size_t count) {
  static const char signature[] = {'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
  return count >= sizeof signature && memcmp(bytes, signature, sizeof signature) == 0;
}

const char *keras_legacy_group(const H5File *file) {
  if (h5_has(file, "/model_weights")) return "/model_weights/";
  return h5_has_texts(file, "/", "layer_names") ? "/" : NULL;
}

/* "LAYER/TENSOR" of "sequential/dense/kernel:0": what stands between is Keras's own affair. */
static void append_name(const char *layer, const char *weight, Text *out) {
  const char *slash = strrchr(weight, '/'), *last = slash ? slash + 1 : weight;
  text_append(out, "%s/%.*s", layer, (int)strcspn(last, ":"), last);
}

static Status read_layer(const H5File *file, const char *group, const char *layer,
                         TensorList *out) {
  Text path = {0}, name = {0};
  text_append(&path, "%s%s", group, layer);
  size_t length = path.length, count;
  char **weights;
  Status status = h5_get_texts(file, path.bytes, "weight_names", &weights, &count);
  for (size_t i = 0; i < count && status == OK; i++) {
    path.length = length;
    name.length = 0;
    text_append(&path, "/%s", weights[i]);
    append_name(layer, weights[i], &name);
    Array array;
    status = h5_read_array(file, path.bytes, DTYPE_F32, &array);
    if (status == OK) tensor_list_add(out, name.bytes, array);
  }
  h5_release_texts(weights, count);
  text_release(&path);
  text_release(&name);
  return status;
}

Status keras_legacy_read(const H5File *file, const char *source, TensorList *out) {
  *out = (TensorList){.order = ORDER_OF_LAYERS};
  const char *group = keras_legacy_group(file);
  if (!group) return fail(ERR_DATA, "%s: found no weights in Keras's legacy layout", source);
  char **layers;
  size_t count;
  TRY(h5_get_texts(file, group, "layer_names", &layers, &count));
  Status status = OK;
  for (size_t i = 0; i < count && status == OK; i++) {
    status = read_layer(file, group, layers[i], out);
  }
  h5_release_texts(layers, count);
  if (status != OK) tensor_list_release(out);
  return status;
}

static bool recognises(const char *bytes, size_t count) {
  H5File *file;
  if (!keras_is_hdf5(bytes, count) || h5_open(bytes, count, "", &file) != OK) return false;
  bool legacy = keras_legacy_group(file) != NULL;
  h5_close(file);
  return legacy;
}

static Status read_file(const char *bytes, size_t count, const char *source, TensorList *out) {
  *out = (TensorList){0};
  H5File *file;
  TRY(h5_open(bytes, count, source, &file));
  Status status = keras_legacy_read(file, source, out);
  h5_close(file);
  return status;
}

const ModelFileKind keras_legacy_file = {
    .kind = {.name = "keras-legacy", .summary = "Keras's legacy .h5, a model or its weights"},
    .recognises = recognises,
    .read = read_file,
};
