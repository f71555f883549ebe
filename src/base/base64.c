#include "base/base64.h"

#include <stdint.h>

/* Three bytes are four digits of six bits; of a shorter group the missing digits become '='. */
static void append_group(Text *out, const uint8_t *bytes, size_t count) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint32_t bits = 0;
  for (size_t i = 0; i < 3; i++) bits = bits << 8 | (i < count ? bytes[i] : 0);
  char group[4];
  for (size_t i = 0; i < 4; i++) {
    group[i] = i <= count ? digits[bits >> (18 - 6 * i) & 63] : '=';
  }
  text_append_bytes(out, group, sizeof group);
}

void base64_append(Text *out, const void *bytes, size_t count) {
  const uint8_t *cursor = bytes;
  for (; count >= 3; cursor += 3, count -= 3) append_group(out, cursor, 3);
  if (count > 0) append_group(out, cursor, count);
}
