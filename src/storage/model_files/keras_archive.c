/* Keras 3's .keras, read: a zip archive with the weights in it as a .weights.h5. */

#include "base/memory.h"
#include "io/archive.h"
#include "storage/model_file.h"

extern const ModelFileKind keras_weights_file;

static const char WEIGHTS[] = "model.weights.h5";

static bool recognises(const char *bytes, size_t count) {
  Archive *archive;
  if (archive_open(bytes, count, "", &archive) != OK) return false;
  bool has_weights = archive_find(archive, WEIGHTS) < archive_count(archive);
  archive_close(archive);
  return has_weights;
}

static Status read_weights(const Archive *archive, const char *source, TensorList *out) {
  char *bytes;
  size_t count;
  TRY(archive_read(archive, archive_find(archive, WEIGHTS), &bytes, &count));
  Status status = keras_weights_file.read(bytes, count, source, out);
  memory_release(bytes);
  return status;
}

static Status read_file(const char *bytes, size_t count, const char *source, TensorList *out) {
  *out = (TensorList){0};
  Archive *archive;
  TRY(archive_open(bytes, count, source, &archive));
  Status status = read_weights(archive, source, out);
  archive_close(archive);
  return status;
}

const ModelFileKind keras_archive_file = {
    .kind = {.name = "keras", .summary = "Keras 3's .keras"},
    .recognises = recognises,
    .read = read_file,
};
