#pragma once
/* Files for one test program, in a folder of its own that is removed at the end.
 *
 * Order of calls: temp_folder_create as group setup, the others in tests, temp_folder_remove as
 * group teardown. Every returned path lives until then. What cannot be written ends the program.
 */

#include <stddef.h>

/* Group fixtures of cmocka_run_group_tests. */
int temp_folder_create(void **state);
int temp_folder_remove(void **state);

/* The folder itself. */
const char *temp_folder(void);

/* The path of `name` in the folder. */
const char *temp_path(const char *name);

/* The path of `name` in any folder; it lives for the next seven calls. */
const char *temp_path_in(const char *parent, const char *name);

/* How many files and folders a folder has, without hidden ones. */
size_t temp_entries(const char *parent);

/* Writes a file and returns its path. */
const char *temp_write(const char *name, const void *bytes, size_t n_bytes);
const char *temp_write_text(const char *name, const char *text);
const char *temp_write_gzip(const char *name, const void *bytes, size_t n_bytes);

/* Cuts `n_bytes` bytes off the end of a file. */
void temp_cut(const char *path, size_t n_bytes);

/* Flips one bit of the byte that stands `from_end` bytes before the end of a file, at least 1. */
void temp_flip(const char *path, size_t from_end);
