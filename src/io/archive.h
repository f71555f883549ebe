#pragma once
/* Zip archives in memory: the only door to the zip library.
 *
 * Order of calls, reading: archive_open, any number of archive_read, archive_close; writing:
 * archive_begin, any number of archive_add, archive_finish. Writing cannot fail but for memory,
 * which is fatal. The same entries give the same bytes: they are stored, not compressed, and carry
 * no time.
 */

#include <stddef.h>

#include "base/status.h"

typedef struct Archive Archive;

/* Opens an archive from its bytes, which must stay until archive_close.
 *
 * Range       `source` names the file in messages
 * Ownership   *out is released with archive_close
 * Errors      ERR_DATA; *out is then NULL
 */
Status archive_open(const void *bytes, size_t count, const char *source, Archive **out);

/* Entries, in the order of the archive. The name is borrowed. */
size_t archive_count(const Archive *archive);
const char *archive_name(const Archive *archive, size_t entry);

/* The entry of that name, or archive_count. */
size_t archive_find(const Archive *archive, const char *name);

/* Reads an entry and verifies its checksum.
 *
 * Ownership   *bytes belongs to the caller: memory_release
 * Errors      ERR_DATA; *bytes is then NULL
 */
Status archive_read(const Archive *archive, size_t entry, char **bytes, size_t *count);

/* Closes an opened archive; NULL is fine. */
void archive_close(Archive *archive);

/* Begins an empty archive. Ownership: ended by archive_finish. */
Archive *archive_begin(void);

/* Appends an entry. Ownership: takes `bytes`, memory of memory_allocate. */
void archive_add(Archive *archive, const char *name, char *bytes, size_t count);

/* Ends the archive: its bytes.
 *
 * Ownership   *bytes belongs to the caller: memory_release; `archive` is released
 */
void archive_finish(Archive *archive, char **bytes, size_t *count);
