#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"

void *memory_allocate(size_t bytes) {
  CHECK(bytes <= SIZE_MAX - CACHE_LINE_BYTES, "no memory: %zu bytes wanted", bytes);
  size_t rounded = (bytes / CACHE_LINE_BYTES + 1) * CACHE_LINE_BYTES;
  void *block = aligned_alloc(CACHE_LINE_BYTES, rounded);
  CHECK(block, "no memory: %zu bytes wanted", bytes);
  return memset(block, 0, rounded);
}

void *memory_allocate_array(size_t count, size_t element_bytes) {
  CHECK(element_bytes == 0 || count <= SIZE_MAX / element_bytes,
        "no memory: %zu elements of %zu bytes wanted", count, element_bytes);
  return memory_allocate(count * element_bytes);
}

void *memory_grow(void *block, size_t old_bytes, size_t new_bytes) {
  void *grown = memory_allocate(new_bytes);
  if (block) memcpy(grown, block, old_bytes < new_bytes ? old_bytes : new_bytes);
  memory_release(block);
  return grown;
}

void memory_release(void *block) {
  free(block);
}

#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target("prfchw"))) /* the instruction does nothing where a processor lacks it */
#endif
void memory_claim(const void *begin, size_t bytes) {
  for (size_t i = 0; i < bytes; i += CACHE_LINE_BYTES) {
    __builtin_prefetch((const char *)begin + i, 1);
  }
}

char *memory_copy_text(const char *text) {
  if (!text) return NULL;
  size_t bytes = strlen(text) + 1;
  return memcpy(memory_allocate(bytes), text, bytes);
}
