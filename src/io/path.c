#include "io/path.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

char *path_folder(const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash) return memory_copy_text(".");
  Text folder = {0};
  text_append_bytes(&folder, path, slash == path ? 1 : (size_t)(slash - path));
  return text_take(&folder);
}

char *path_absolute(const char *path) {
  char *found = realpath(path, NULL);
  char *absolute = memory_copy_text(found ? found : path);
  free(found);
  return absolute;
}

char *path_stem(const char *path) {
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  const char *dot = strrchr(name, '.');
  Text stem = {0};
  text_append_bytes(&stem, name, dot && dot > name ? (size_t)(dot - name) : strlen(name));
  return text_take(&stem);
}
