#include "storage/model_file.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/trial.h"
#include "io/file.h"
#include "storage/run_folder.h"

Json *model_export_properties(const ModelExport *content) {
  char hash[HASH_TEXT_BYTES], scale[NUMBER_TEXT_BYTES];
  parameters_hash(&content->model->map, content->parameters, hash);
  Json *properties = json_new_object();
  json_put_text(properties, "lockstep_version", LOCKSTEP_VERSION);
  json_put_text(properties, "parameter_hash", hash);
  json_put_text(properties, "data_scale", text_real(scale, content->data_scale));
  return properties;
}

static const ModelFileKind *recognise(const char *bytes, size_t count) {
  for (const Kind *const *row = model_file_kinds.kinds; *row; row++) {
    const ModelFileKind *kind = (const ModelFileKind *)*row;
    if (kind->recognises && kind->recognises(bytes, count)) return kind;
  }
  return NULL;
}

static Status fail_unknown(const char *path) {
  Text names = {0};
  for (const Kind *const *row = model_file_kinds.kinds; *row; row++) {
    if (!((const ModelFileKind *)*row)->recognises) continue;
    text_append(&names, "%s%s", names.length ? ", " : "", (*row)->name);
  }
  Status status =
      fail(ERR_DATA, "%s: not a Lockstep checkpoint, nor any other file of: %s", path, names.bytes);
  text_release(&names);
  return status;
}

/* A file in memory. */
typedef struct Image {
  const char *path;
  const char *bytes;
  size_t count;
} Image;

static Status read_image(const Image *image, TensorList *out) {
  const ModelFileKind *kind = recognise(image->bytes, image->count);
  return kind ? kind->read(image->bytes, image->count, image->path, out)
              : fail_unknown(image->path);
}

static void attempt(void *context) {
  TensorList tensors;
  read_image(context, &tensors);
}

Status model_file_try(const char *path) {
  enum { MOST_SECONDS = 30 };
  char *bytes;
  size_t count;
  if (folder_exists(path) || file_read(path, &bytes, &count) != OK) return OK;
  Image image = {.path = path, .bytes = bytes, .count = count};
  bool survived = trial_survived(attempt, &image, MOST_SECONDS);
  memory_release(bytes);
  if (survived) return OK;
  return fail(ERR_DATA, "%s: damaged: the library that reads it crashed, or came to no end", path);
}

static Status read_file(const char *path, TensorList *out) {
  char *bytes;
  size_t count;
  TRY(file_read(path, &bytes, &count));
  Image image = {.path = path, .bytes = bytes, .count = count};
  Status status = read_image(&image, out);
  memory_release(bytes);
  return status;
}

Status model_file_read(const char *path, TensorList *out) {
  *out = (TensorList){0};
  if (!folder_exists(path)) return read_file(path, out);
  Checkpoint *newest;
  TRY(run_folder_open(path, &newest));
  /* Its run may go on, and remove the file at any time. */
  Image image = {.path = checkpoint_path(newest)};
  image.bytes = checkpoint_bytes(newest, &image.count);
  Status status = read_image(&image, out);
  checkpoint_close(newest);
  return status;
}
