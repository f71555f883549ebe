#include "io/file_place.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/path.h"

enum { MOST_LINKS = 40 }; /* as the kernel has it */

static const char *name_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* The folder of a path from the root of the file system on. Ownership: memory_release. */
static char *folder_of(const char *path) {
  char *folder = path_folder(path), *absolute = path_absolute(folder);
  memory_release(folder);
  return absolute;
}

/* The N of /proc/self/fd/N, which looks like a link but means the file as it is open; else -1. */
static int descriptor_of(const char *path) {
  char open_files[64], *end, *folder = folder_of(path);
  snprintf(open_files, sizeof open_files, "/proc/%ld/fd", (long)getpid());
  bool is_open_file = strcmp(folder, open_files) == 0;
  memory_release(folder);

  const char *name = name_of(path);
  long number = strtol(name, &end, 10);
  bool is_number = end != name && *end == '\0' && number >= 0 && number <= INT_MAX;
  if (!is_open_file || !is_number || fcntl((int)number, F_GETFD) < 0) return -1;
  return (int)number;
}

/* Where a link leads; NULL for what is none. Ownership: memory_release. */
static char *follow(const char *path) {
  char target[PATH_MAX];
  ssize_t length = readlink(path, target, sizeof target);
  if (length <= 0 || length == sizeof target) return NULL;
  Text next = {0};
  if (*target != '/') {
    char *folder = path_folder(path);
    text_append(&next, "%s/", folder);
    memory_release(folder);
  }
  text_append_bytes(&next, target, (size_t)length);
  return text_take(&next);
}

void file_place_find(const char *path, FilePlace *out) {
  *out = (FilePlace){.path = memory_copy_text(path), .descriptor = descriptor_of(path)};
  out->exists = stat(path, &out->facts) == 0;
  for (int i = 0; i < MOST_LINKS && out->descriptor < 0; i++) {
    char *next = follow(out->path);
    if (!next) break;
    memory_release(out->path);
    out->path = next;
    out->descriptor = descriptor_of(next);
  }
}

void file_place_release(FilePlace *place) {
  memory_release(place->path);
  *place = (FilePlace){.descriptor = -1};
}

/* Of what is not there yet only folder and name can be the same. */
static bool will_be_same(const FilePlace *a, const FilePlace *b) {
  char *folder_a = folder_of(a->path), *folder_b = folder_of(b->path);
  bool same = strcmp(folder_a, folder_b) == 0 && strcmp(name_of(a->path), name_of(b->path)) == 0;
  memory_release(folder_a);
  memory_release(folder_b);
  return same;
}

bool file_place_is_same(const char *a, const char *b) {
  FilePlace place_a, place_b;
  file_place_find(a, &place_a);
  file_place_find(b, &place_b);
  bool same = false;
  if (place_a.exists && place_b.exists) {
    same = S_ISREG(place_a.facts.st_mode) && place_a.facts.st_dev == place_b.facts.st_dev &&
           place_a.facts.st_ino == place_b.facts.st_ino;
  } else if (!place_a.exists && !place_b.exists) {
    same = will_be_same(&place_a, &place_b);
  }
  file_place_release(&place_a);
  file_place_release(&place_b);
  return same;
}

Status file_place_check_input(const char *path) {
  FilePlace place;
  file_place_find(path, &place);
  mode_t mode = place.exists ? place.facts.st_mode : S_IFREG;
  bool is_open_pipe = place.descriptor >= 0 && S_ISFIFO(mode);
  file_place_release(&place);
  if (S_ISREG(mode) || S_ISDIR(mode) || is_open_pipe) return OK;
  const char *found = S_ISFIFO(mode) ? "pipe" : S_ISSOCK(mode) ? "socket" : "device";
  return fail(ERR_NO_INPUT, "%s: found a %s, expected a file", path, found);
}
