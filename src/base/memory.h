#pragma once
/* Memory that is never NULL: running out of it is fatal. Every block starts on a cache line.
 *
 * Who allocates releases. Nothing is allocated inside the step loop.
 */

#include <stddef.h>

enum { CACHE_LINE_BYTES = 64 };

/* Zeroed memory of `bytes` bytes, aligned to CACHE_LINE_BYTES. Zero bytes give a valid block.
 *
 * Ownership   the caller releases it with memory_release
 * Errors      fatal when there is no memory
 */
void *memory_allocate(size_t bytes);

/* `count` zeroed elements of `element_bytes` each; an overflow of the product is fatal. */
void *memory_allocate_array(size_t count, size_t element_bytes);

/* A block of `new_bytes` that starts with the first `old_bytes` of `block`, which is released. */
void *memory_grow(void *block, size_t old_bytes, size_t new_bytes);

/* Releases a block; NULL is fine. */
void memory_release(void *block);

/* Asks for the cache lines of memory that is written soon and that other cores have read: many at a
 * time, where the stores themselves would wait for one after the other. Changes nothing.
 */
void memory_claim(const void *begin, size_t bytes);

/* A copy of a string; NULL gives NULL. */
char *memory_copy_text(const char *text);

#define NEW(type)              ((type *)memory_allocate(sizeof(type)))
#define NEW_ARRAY(type, count) ((type *)memory_allocate_array((count), sizeof(type)))
