#include "storage/user_block.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"

static const char NO_HASH[HASH_TEXT_BYTES] = "00000000000000000000000000000000";

static void render(const UserBlock *block, const char *own_hash, char out[USER_BLOCK_BYTES]) {
  char text[USER_BLOCK_BYTES];
  int length = snprintf(text, sizeof text,
                        USER_BLOCK_TITLE "%d\n"
                                         "step %" PRIu64 "\n"
                                         "epoch %" PRIu64 "\n"
                                         "bytes %" PRIu64 "\n"
                                         "xxh3 %s\n"
                                         "block %s\n",
                        CHECKPOINT_FORMAT, block->step, block->epoch, block->rest_bytes,
                        block->rest_hash, own_hash);
  CHECK(length > 0 && length < USER_BLOCK_BYTES, "the user block is too long");
  memset(out, ' ', USER_BLOCK_BYTES);
  memcpy(out, text, (size_t)length);
  out[USER_BLOCK_BYTES - 1] = '\n';
}

void user_block_write(const UserBlock *block, char out[USER_BLOCK_BYTES]) {
  char own_hash[HASH_TEXT_BYTES];
  render(block, NO_HASH, out);
  hash_bytes(own_hash, out, USER_BLOCK_BYTES);
  render(block, own_hash, out);
}

static Status check_title(const char *bytes, size_t count, const char *source) {
  size_t title = strlen(USER_BLOCK_TITLE);
  if (count < USER_BLOCK_BYTES || memcmp(bytes, USER_BLOCK_TITLE, title) != 0) {
    return fail(ERR_DATA, "%s: not a Lockstep checkpoint", source);
  }
  int format = atoi(bytes + title);
  if (format != CHECKPOINT_FORMAT) {
    return fail(ERR_DATA, "%s: found checkpoint format %d, expected %d; use a newer Lockstep",
                source, format, CHECKPOINT_FORMAT);
  }
  return OK;
}

/* Reads the fields, loosely: what they mean is checked by writing them again. */
static void parse(const char *bytes, UserBlock *out) {
  char text[USER_BLOCK_BYTES + 1];
  memcpy(text, bytes, USER_BLOCK_BYTES);
  text[USER_BLOCK_BYTES] = '\0';
  *out = (UserBlock){0};
  int format = 0;
  sscanf(text, USER_BLOCK_TITLE "%d step %" SCNu64 " epoch %" SCNu64 " bytes %" SCNu64 " xxh3 %32s",
         &format, &out->step, &out->epoch, &out->rest_bytes, out->rest_hash);
}

Status user_block_verify(const char *bytes, size_t count, const char *source, UserBlock *out) {
  TRY(check_title(bytes, count, source));
  parse(bytes, out);

  char expected[USER_BLOCK_BYTES];
  user_block_write(out, expected);
  if (memcmp(bytes, expected, USER_BLOCK_BYTES) != 0) {
    return fail(ERR_DATA, "%s: the first %d bytes are damaged", source, USER_BLOCK_BYTES);
  }
  if (count - USER_BLOCK_BYTES != out->rest_bytes) {
    bool is_short = count - USER_BLOCK_BYTES < out->rest_bytes;
    return fail(ERR_DATA, "%s: found %zu bytes, expected %" PRIu64 "; the file %s", source, count,
                out->rest_bytes + USER_BLOCK_BYTES, is_short ? "is cut short" : "goes on after it");
  }
  char found[HASH_TEXT_BYTES];
  hash_bytes(found, bytes + USER_BLOCK_BYTES, count - USER_BLOCK_BYTES);
  if (strcmp(found, out->rest_hash) != 0) {
    return fail(ERR_DATA, "%s: damaged: found the checksum %s, expected %s", source, found,
                out->rest_hash);
  }
  return OK;
}
