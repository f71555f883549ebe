#include "base/hash.h"

#include <stdio.h>
#include <xxhash.h>

#include "base/fatal.h"

/* A Hash is the library's own state: the header only hides its name. */

Hash *hash_begin(void) {
  XXH3_state_t *state = XXH3_createState();
  CHECK(state, "no memory for a hash");
  XXH3_128bits_reset(state);
  return (Hash *)state;
}

void hash_add(Hash *hash, const void *bytes, size_t count) {
  XXH3_128bits_update((XXH3_state_t *)hash, bytes, count);
}

static char *hash_text(char out[HASH_TEXT_BYTES], XXH128_hash_t digest) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, digest);
  for (size_t i = 0; i < sizeof canonical.digest; i++) {
    snprintf(out + 2 * i, 3, "%02x", canonical.digest[i]);
  }
  return out;
}

char *hash_end(Hash *hash, char out[HASH_TEXT_BYTES]) {
  XXH3_state_t *state = (XXH3_state_t *)hash;
  hash_text(out, XXH3_128bits_digest(state));
  XXH3_freeState(state);
  return out;
}

char *hash_bytes(char out[HASH_TEXT_BYTES], const void *bytes, size_t count) {
  return hash_text(out, XXH3_128bits(bytes, count));
}
