#pragma once
/* XXH3-128 over bytes that arrive in pieces, written as 32 hex digits.
 *
 * Source      https://github.com/Cyan4973/xxHash, XXH3 128 bits, seed 0, canonical byte order
 */

#include <stddef.h>

enum { HASH_TEXT_BYTES = 33 };

typedef struct Hash Hash;

/* Begins a hash; hash_end ends and releases it. */
Hash *hash_begin(void);

/* Adds `count` bytes. */
void hash_add(Hash *hash, const void *bytes, size_t count);

/* Writes the 32 hex digits and releases the hash. Returns `out`. */
char *hash_end(Hash *hash, char out[HASH_TEXT_BYTES]);

/* The hash of one block of bytes. Returns `out`. */
char *hash_bytes(char out[HASH_TEXT_BYTES], const void *bytes, size_t count);
