/* NumPy's .npz: every tensor under LAYER/TENSOR, as the model has it. */

#include <string.h>

#include "base/text.h"
#include "io/npz.h"
#include "storage/model_file.h"

static void write_file(const ModelExport *content, char **bytes, size_t *count) {
  const ParameterMap *map = &content->model->map;
  TensorList tensors = {0};
  for (size_t t = 0; t < map->n_tensors; t++) {
    Text name = {0};
    text_append(&name, "%s/%s", map->tensors[t].layer, map->tensors[t].name);
    tensor_list_add(&tensors, name.bytes, parameters_array(&map->tensors[t], content->parameters));
    text_release(&name);
  }
  npz_write(&tensors, bytes, count);
  tensor_list_release(&tensors);
}

static bool recognises(const char *bytes, size_t count) {
  static const char signature[] = {'P', 'K', 3, 4};
  return count >= sizeof signature && memcmp(bytes, signature, sizeof signature) == 0;
}

const ModelFileKind npz_file = {
    .kind = {.name = "npz", .summary = "NumPy arrays, LAYER/kernel and LAYER/bias"},
    .ending = ".npz",
    .write = write_file,
    .recognises = recognises,
    .read = npz_read,
};
