#include "io/npz.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/archive.h"
#include "io/npy.h"

static const char ENDING[] = ".npy";

static Status read_entry(const Archive *archive, size_t entry, const char *source,
                         TensorList *out) {
  const char *file_name = archive_name(archive, entry);
  if (!text_ends_in(file_name, ENDING)) {
    return fail(ERR_DATA, "%s: found the entry '%s', expected names that end in %s", source,
                file_name, ENDING);
  }
  char *bytes;
  size_t count;
  TRY(archive_read(archive, entry, &bytes, &count));

  Text place = {0}, name = {0};
  text_append(&place, "%s: %s", source, file_name);
  text_append_bytes(&name, file_name, strlen(file_name) - strlen(ENDING));
  Array array;
  Status status = npy_read(bytes, count, place.bytes, &array);
  if (status == OK) tensor_list_add(out, name.bytes, array);
  text_release(&place);
  text_release(&name);
  memory_release(bytes);
  return status;
}

Status npz_read(const char *bytes, size_t count, const char *source, TensorList *out) {
  *out = (TensorList){0};
  Archive *archive;
  TRY(archive_open(bytes, count, source, &archive));
  Status status = OK;
  for (size_t i = 0; i < archive_count(archive) && status == OK; i++) {
    status = read_entry(archive, i, source, out);
  }
  archive_close(archive);
  if (status != OK) tensor_list_release(out);
  return status;
}

void npz_write(const TensorList *tensors, char **bytes, size_t *count) {
  Archive *archive = archive_begin();
  for (size_t i = 0; i < tensors->count; i++) {
    Text name = {0}, content = {0};
    text_append(&name, "%s%s", tensors->items[i].name, ENDING);
    npy_write(&tensors->items[i].array, &content);
    size_t length = content.length;
    archive_add(archive, name.bytes, text_take(&content), length);
    text_release(&name);
  }
  archive_finish(archive, bytes, count);
}
