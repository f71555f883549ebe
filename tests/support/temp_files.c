#include "support/temp_files.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/fatal.h"

enum { MOST_PATHS = 256, PATH_BYTES = 256, MOST_OPEN_FOLDERS = 8 };

static char folder[PATH_BYTES];
static char paths[MOST_PATHS][2 * PATH_BYTES];
static size_t n_paths;

int temp_folder_create(void **state) {
  (void)state;
  const char *parent = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%s/lockstep_test_XXXXXX", parent ? parent : "/tmp");
  CHECK(mkdtemp(folder), "%s: cannot be created", folder);
  return 0;
}

static int remove_entry(const char *path, const struct stat *facts, int type, struct FTW *place) {
  (void)facts, (void)type, (void)place;
  return remove(path);
}

int temp_folder_remove(void **state) {
  (void)state;
  n_paths = 0;
  return nftw(folder, remove_entry, MOST_OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

const char *temp_folder(void) {
  return folder;
}

const char *temp_path(const char *name) {
  CHECK(n_paths < MOST_PATHS, "more than %d temporary paths", MOST_PATHS);
  snprintf(paths[n_paths], sizeof paths[n_paths], "%s/%s", folder, name);
  return paths[n_paths++];
}

const char *temp_path_in(const char *parent, const char *name) {
  enum { KEPT = 8 };
  static char kept[KEPT][4 * PATH_BYTES];
  static size_t next;
  char *path = kept[next++ % KEPT];
  snprintf(path, sizeof kept[0], "%s/%s", parent, name);
  return path;
}

size_t temp_entries(const char *parent) {
  size_t count = 0;
  DIR *directory = opendir(parent);
  CHECK(directory, "%s: cannot be opened", parent);
  for (const struct dirent *entry; (entry = readdir(directory));) count += entry->d_name[0] != '.';
  closedir(directory);
  return count;
}

const char *temp_write(const char *name, const void *bytes, size_t n_bytes) {
  const char *path = temp_path(name);
  FILE *file = fopen(path, "wb");
  CHECK(file, "%s: cannot be created", path);
  size_t written = fwrite(bytes, 1, n_bytes, file);
  CHECK(fclose(file) == 0 && written == n_bytes, "%s: cannot be written", path);
  return path;
}

const char *temp_write_text(const char *name, const char *text) {
  return temp_write(name, text, strlen(text));
}

const char *temp_write_gzip(const char *name, const void *bytes, size_t n_bytes) {
  const char *path = temp_path(name);
  gzFile file = gzopen(path, "wb");
  CHECK(file, "%s: cannot be created", path);
  int written = gzwrite(file, bytes, (unsigned)n_bytes);
  CHECK(gzclose(file) == Z_OK && (size_t)written == n_bytes, "%s: cannot be written", path);
  return path;
}

void temp_cut(const char *path, size_t n_bytes) {
  struct stat facts;
  CHECK(stat(path, &facts) == 0, "%s: not there", path);
  CHECK(truncate(path, facts.st_size - (off_t)n_bytes) == 0, "%s: cannot be cut", path);
}

void temp_flip(const char *path, size_t from_end) {
  FILE *file = fopen(path, "r+b");
  CHECK(file, "%s: cannot be opened", path);
  fseek(file, -(long)from_end, SEEK_END);
  int byte = fgetc(file);
  fseek(file, -(long)from_end, SEEK_END);
  CHECK(byte != EOF && fputc(byte ^ 1, file) != EOF, "%s: cannot be changed", path);
  CHECK(fclose(file) == 0, "%s: cannot be changed", path);
}
