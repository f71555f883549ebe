#include "io/file.h"
#include "io/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/file_place.h"

Status file_read(const char *path, char **bytes, size_t *count) {
  *bytes = NULL;
  *count = 0;
  TRY(file_place_check_input(path));
  FILE *file = fopen(path, "rb");
  if (!file) return fail(ERR_NO_INPUT, "%s: cannot open: %s", path, strerror(errno));

  Text content = {0};
  char buffer[65536];
  size_t got;
  while ((got = fread(buffer, 1, sizeof buffer, file)) > 0) {
    text_append_bytes(&content, buffer, got);
  }
  Status status = ferror(file) ? fail(ERR_IO, "%s: cannot read: %s", path, strerror(errno)) : OK;
  fclose(file);
  if (status != OK) {
    text_release(&content);
    return status;
  }
  *count = content.length;
  *bytes = text_take(&content);
  return OK;
}

bool file_exists(const char *path) {
  struct stat information;
  return stat(path, &information) == 0;
}

size_t file_size(const char *path) {
  struct stat information;
  return stat(path, &information) == 0 ? (size_t)information.st_size : 0;
}

bool folder_exists(const char *path) {
  struct stat information;
  return stat(path, &information) == 0 && S_ISDIR(information.st_mode);
}

Status folder_create(const char *path) {
  char *partial = memory_copy_text(path);
  Status status = OK;
  for (char *c = partial + 1; status == OK; c++) {
    if (*c != '/' && *c != '\0') continue;
    bool last = *c == '\0';
    *c = '\0';
    if (mkdir(partial, 0777) != 0 && errno != EEXIST) {
      status = fail(ERR_OUTPUT, "%s: cannot create the folder: %s", partial, strerror(errno));
    }
    if (last) break;
    *c = '/';
  }
  memory_release(partial);

  struct stat information;
  if (status == OK && (stat(path, &information) != 0 || !S_ISDIR(information.st_mode))) {
    status = fail(ERR_OUTPUT, "%s: found a file, expected a folder", path);
  }
  return status;
}

/* Writes to an open file, in as few pieces as the system allows. */
static bool write_all(int file, const void *bytes, size_t count) {
  const char *rest = bytes;
  while (count > 0) {
    ssize_t written = write(file, rest, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    rest += written;
    count -= (size_t)written;
  }
  return count == 0;
}

/* After a failed fsync the kernel may have dropped the data: the file is never trusted again. */
static bool write_and_flush(int file, const void *bytes, size_t count) {
  bool good = write_all(file, bytes, count) && fsync(file) == 0;
  int reason = errno;
  good = close(file) == 0 && good;
  if (!good) errno = reason;
  return good;
}

/* Renaming is on the disk only when the folder is. */
static bool rename_and_flush(const char *from, const char *to) {
  if (rename(from, to) != 0) return false;
  char *folder = path_folder(to);
  int handle = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle >= 0) {
    fsync(handle);
    close(handle);
  }
  memory_release(folder);
  return true;
}

/* A name beside `path` that no other process uses. */
static char *name_beside(const char *path) {
  Text name = {0};
  text_append(&name, "%s.%ld.tmp", path, (long)getpid());
  return text_take(&name);
}

/* Why `path` cannot be had: the user knows no other name of it. */
static Status fail_create(const char *path) {
  return fail(ERR_OUTPUT, "%s: cannot create: %s", path, strerror(errno));
}

static Status fail_write(const char *path) {
  return fail(ERR_IO, "%s: cannot write: %s", path, strerror(errno));
}

static Status replace(const char *path, const char *place, const void *bytes, size_t count) {
  char *beside = name_beside(place);
  Status status = OK;
  int file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) {
    status = fail_create(path);
  } else if (!write_and_flush(file, bytes, count)) {
    status = fail_write(path);
  } else if (!rename_and_flush(beside, place)) {
    status = fail_create(path);
  }
  if (status != OK) unlink(beside);
  memory_release(beside);
  return status;
}

/* Into what cannot be replaced: a device, a pipe, a file that is open already. */
static Status write_into(const char *path, const FilePlace *place, const void *bytes,
                         size_t count) {
  int file = place->descriptor >= 0 ? fcntl(place->descriptor, F_DUPFD_CLOEXEC, 0)
                                    : open(place->path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return fail_create(path);
  Status status = write_all(file, bytes, count) ? OK : fail_write(path);
  close(file);
  return status;
}

Status file_write(const char *path, const void *bytes, size_t count) {
  FilePlace place;
  file_place_find(path, &place);
  bool is_file = !place.exists || S_ISREG(place.facts.st_mode);
  Status status = is_file && place.descriptor < 0 ? replace(path, place.path, bytes, count)
                                                  : write_into(path, &place, bytes, count);
  file_place_release(&place);
  return status;
}

Status file_append(const char *path, const void *bytes, size_t count) {
  int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file < 0) return fail(ERR_OUTPUT, "%s: cannot open: %s", path, strerror(errno));
  Status status = write_all(file, bytes, count) ? OK : fail_write(path);
  if (close(file) != 0 && status == OK) status = fail_write(path);
  return status;
}

Status file_link(const char *path, const char *link_path) {
  char *beside = name_beside(link_path);
  unlink(beside);
  Status status;
  if (link(path, beside) == 0) {
    status = rename_and_flush(beside, link_path) ? OK : fail_create(link_path);
    /* Renaming one name of a file to another name of it does nothing, and leaves both. */
    unlink(beside);
  } else {
    char *bytes;
    size_t count;
    status = file_read(path, &bytes, &count);
    if (status == OK) status = file_write(link_path, bytes, count);
    memory_release(bytes);
  }
  memory_release(beside);
  return status;
}
