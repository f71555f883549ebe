#pragma once
/* Whole files and folders: read at once, written so that a crash leaves the old file or the new
 * one.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* Reads a whole file.
 *
 * Ownership   *bytes belongs to the caller: memory_release
 * Errors      ERR_NO_INPUT if it cannot be opened or is none (io/file_place.h), ERR_IO if it cannot
 *             be read
 */
Status file_read(const char *path, char **bytes, size_t *count);

/* Writes a whole file: beside it, flushed to the disk, then renamed over it; the folder is flushed
 * too. Links are followed, and their target is replaced so. Into what is no file, such as a device
 * or a pipe, and into a file that the process has open, such as /dev/stdout, the bytes go as they
 * are.
 *
 * Errors      ERR_OUTPUT if nothing can be created there, ERR_IO if writing fails; a file that was
 *             at `path` before is then still there
 */
Status file_write(const char *path, const void *bytes, size_t count);

/* Appends to a file, or begins one, for readers that follow it. Nothing is flushed to the disk: it
 * is for what can be made again.
 *
 * Errors      ERR_OUTPUT if it cannot be opened, ERR_IO if writing fails; a part may then be there
 */
Status file_append(const char *path, const void *bytes, size_t count);

/* Makes `link_path` a second name of `path`, or a copy where the file system has no hard links.
 * Replaces what was there, in one step. Errors as file_write.
 */
Status file_link(const char *path, const char *link_path);

/* Makes a folder and those above it. Errors: ERR_OUTPUT. */
Status folder_create(const char *path);

/* True if something exists at `path`. */
bool file_exists(const char *path);

/* Bytes of a file; 0 if there is none. */
size_t file_size(const char *path);

/* True if there is a folder at `path`. */
bool folder_exists(const char *path);
