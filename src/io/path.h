#pragma once
/* Names of files, taken apart and made whole.
 */

/* The folder part of a path, "." without one. Ownership: the caller releases it. */
char *path_folder(const char *path);

/* The path from the root of the file system, without links; the path itself where there is no such
 * file. Ownership: the caller releases it. */
char *path_absolute(const char *path);

/* The last part of a path without its extension: "mnist" of "configs/mnist.yaml". Ownership: the
 * caller releases it. */
char *path_stem(const char *path);
