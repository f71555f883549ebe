#pragma once
/* What a path leads to: links at its end are followed, and names of files that the process has open
 * already, such as /dev/stdout or what a shell puts for >(...), are seen for what they are.
 */

#include <stdbool.h>
#include <sys/stat.h>

#include "base/status.h"

typedef struct FilePlace {
  char *path;        /* where the last link leads; nothing need be there; owned */
  int descriptor;    /* of the open file that the path names; -1: none */
  bool exists;       /* then: */
  struct stat facts; /* of what is there */
} FilePlace;

/* Follows a path.
 *
 * Range       a ring of links leads to one of them
 * Ownership   *out is released with file_place_release
 */
void file_place_find(const char *path, FilePlace *out);

/* Releases the path. */
void file_place_release(FilePlace *place);

/* True if two paths lead to one regular file, or to one that is not there yet. */
bool file_place_is_same(const char *a, const char *b);

/* Refuses what may never end, or never begin: devices, sockets, and pipes that have a name. A pipe
 * that the process has open already is read as a file is. What is not there, or is a folder, is
 * left to whoever opens it.
 *
 * Errors      ERR_NO_INPUT
 */
Status file_place_check_input(const char *path);
