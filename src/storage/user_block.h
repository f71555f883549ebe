#pragma once
/* The first 512 bytes of a checkpoint: readable text that says what the file is, and the checksums
 * by which every flipped bit of it is seen.
 *
 * Ranks       local
 */

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/status.h"
#include "storage/checkpoint_layout.h"

typedef struct UserBlock {
  uint64_t step;                   /* finished updates */
  uint64_t epoch;                  /* finished epochs */
  uint64_t rest_bytes;             /* length of what follows the block */
  char rest_hash[HASH_TEXT_BYTES]; /* XXH3-128 of what follows */
} UserBlock;

/* Writes the 512 bytes, with a checksum of the block itself. */
void user_block_write(const UserBlock *block, char out[USER_BLOCK_BYTES]);

/* Checks a whole file against its user block: every byte of both.
 *
 * Range       `source` names the file in messages
 * Errors      ERR_DATA: not a checkpoint, of a newer format, cut short, or damaged
 */
Status user_block_verify(const char *bytes, size_t count, const char *source, UserBlock *out);
