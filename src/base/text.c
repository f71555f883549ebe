#include "base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static void reserve(Text *text, size_t extra) {
  size_t needed = text->length + extra + 1;
  if (needed <= text->capacity) return;

  size_t capacity = text->capacity ? text->capacity : 128;
  while (capacity < needed) capacity *= 2;
  text->bytes = memory_grow(text->bytes, text->capacity, capacity);
  text->capacity = capacity;
}

void text_append(Text *text, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  va_list again;
  va_copy(again, arguments);
  int count = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);

  if (count >= 0) {
    reserve(text, (size_t)count);
    vsnprintf(text->bytes + text->length, (size_t)count + 1, format, again);
    text->length += (size_t)count;
  }
  va_end(again);
}

void text_append_bytes(Text *text, const char *bytes, size_t count) {
  reserve(text, count);
  if (count) memcpy(text->bytes + text->length, bytes, count);
  text->length += count;
  text->bytes[text->length] = '\0';
}

char *text_take(Text *text) {
  reserve(text, 0);
  char *bytes = text->bytes;
  *text = (Text){0};
  return bytes;
}

void text_release(Text *text) {
  memory_release(text->bytes);
  *text = (Text){0};
}

char *text_count(char out[NUMBER_TEXT_BYTES], unsigned long long count) {
  char digits[NUMBER_TEXT_BYTES];
  int length = snprintf(digits, sizeof digits, "%llu", count);
  char *cursor = out;
  for (int i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0) *cursor++ = ',';
    *cursor++ = digits[i];
  }
  *cursor = '\0';
  return out;
}

const char *text_plural(unsigned long long count) {
  return count == 1 ? "" : "s";
}

char *text_bytes(char out[NUMBER_TEXT_BYTES], double bytes) {
  static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  while (bytes >= 1024 && unit < 4) {
    bytes /= 1024;
    unit++;
  }
  int decimals = unit == 0 || bytes >= 100 ? 0 : bytes >= 10 ? 1 : 2;
  snprintf(out, NUMBER_TEXT_BYTES, "%.*f %s", decimals, bytes, units[unit]);
  return out;
}

char *text_seconds(char out[NUMBER_TEXT_BYTES], double seconds) {
  long whole = lround(seconds);
  if (seconds < 1) {
    snprintf(out, NUMBER_TEXT_BYTES, "%.0f ms", seconds * 1000);
  } else if (seconds < 60) {
    snprintf(out, NUMBER_TEXT_BYTES, "%.1f s", seconds);
  } else if (whole < 3600) {
    snprintf(out, NUMBER_TEXT_BYTES, "%ld:%02ld", whole / 60, whole % 60);
  } else {
    snprintf(out, NUMBER_TEXT_BYTES, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
  }
  return out;
}

char *text_real(char out[NUMBER_TEXT_BYTES], double value) {
  /* Whole numbers as people write them: 100, not 1e+02. */
  if (fabs(value) < 1e15 && floor(value) == value) {
    snprintf(out, NUMBER_TEXT_BYTES, "%.0f", value);
    return out;
  }
  for (int digits = 1; digits <= 17; digits++) {
    snprintf(out, NUMBER_TEXT_BYTES, "%.*g", digits, value);
    if (strtod(out, NULL) == value) break;
  }
  return out;
}

/* One byte as a message shows it. */
static void show_byte(char out[8], char byte) {
  static const char names[] = "abtnvfr"; /* of the bytes from 7 to 13 */
  if (byte >= '\a' && byte <= '\r') {
    snprintf(out, 8, "\\%c", names[byte - '\a']);
  } else {
    snprintf(out, 8, iscntrl((unsigned char)byte) ? "\\x%02x" : "%c", (unsigned char)byte);
  }
}

char *text_printable(char *out, size_t out_bytes, const char *text) {
  size_t length = 0;
  for (; *text; text++) {
    char shown[8];
    show_byte(shown, *text);
    size_t count = strlen(shown);
    if (length + count >= out_bytes) break;
    memcpy(out + length, shown, count);
    length += count;
  }
  out[length] = '\0';
  return out;
}

size_t text_character_bytes(const char *text) {
  const uint8_t *bytes = (const uint8_t *)text;
  uint8_t lead = bytes[0];
  size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (lead > 0xF4) return 0;
  for (size_t i = 1; i < length; i++) {
    if ((bytes[i] & 0xC0) != 0x80) return 0; /* the terminating zero ends here, too */
  }
  bool too_small = (lead == 0xE0 && bytes[1] < 0xA0) || (lead == 0xF0 && bytes[1] < 0x90);
  bool too_large = (lead == 0xED && bytes[1] > 0x9F) || (lead == 0xF4 && bytes[1] > 0x8F);
  return too_small || too_large ? 0 : length;
}

bool text_is_utf8(const char *text) {
  size_t length = 1;
  for (; *text && length; text += length) length = text_character_bytes(text);
  return length > 0;
}

char *text_shorten(char out[SHORT_TEXT_BYTES], const char *text) {
  enum { MOST_CHARACTERS = 40 };
  size_t length = 0;
  for (int i = 0; *text && i < MOST_CHARACTERS; i++) {
    size_t n_bytes = text_character_bytes(text);
    bool is_shown = n_bytes > 0 && !iscntrl((unsigned char)*text);
    if (!is_shown) n_bytes = 1;
    memcpy(out + length, is_shown ? text : "?", n_bytes);
    length += n_bytes;
    text += n_bytes;
  }
  snprintf(out + length, SHORT_TEXT_BYTES - length, "%s", *text ? "..." : "");
  return out;
}

static bool is_plain_in_shell(char c) {
  return isalnum((unsigned char)c) || (c && strchr("_./-+=:,@%", c));
}

char *text_shell_word(const char *text) {
  Text word = {0};
  size_t n_plain = 0;
  while (is_plain_in_shell(text[n_plain])) n_plain++;
  if (*text && !text[n_plain]) {
    text_append(&word, "%s", text);
    return text_take(&word);
  }
  text_append(&word, "'");
  for (; *text; text++) {
    if (*text == '\'') text_append(&word, "'\\'"); /* out of the quotes, and in again */
    text_append(&word, "%c", *text);
  }
  text_append(&word, "'");
  return text_take(&word);
}

bool text_ends_in(const char *text, const char *end) {
  size_t length = strlen(text), end_length = strlen(end);
  return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* Takes a number off the front of a text: its digits without leading zeros, and how many. */
static size_t take_digits(const char **text, const char **digits) {
  while (**text == '0' && isdigit((unsigned char)(*text)[1])) (*text)++;
  *digits = *text;
  while (isdigit((unsigned char)**text)) (*text)++;
  return (size_t)(*text - *digits);
}

int text_compare_naturally(const char *a, const char *b) {
  while (*a && *b) {
    if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
      const char *a_digits, *b_digits;
      size_t a_count = take_digits(&a, &a_digits), b_count = take_digits(&b, &b_digits);
      if (a_count != b_count) return a_count < b_count ? -1 : 1;
      int order = memcmp(a_digits, b_digits, a_count);
      if (order) return order;
    } else if (*a == *b) {
      a++, b++;
    } else {
      break;
    }
  }
  return (unsigned char)*a - (unsigned char)*b;
}

enum { NAME_BYTES = 64 };

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

static size_t name_distance(const char *a, const char *b) {
  size_t rows = smaller(strlen(a), NAME_BYTES - 1), columns = smaller(strlen(b), NAME_BYTES - 1);
  size_t d[NAME_BYTES][NAME_BYTES];
  for (size_t i = 0; i <= rows; i++) d[i][0] = i;
  for (size_t j = 0; j <= columns; j++) d[0][j] = j;

  for (size_t i = 1; i <= rows; i++) {
    for (size_t j = 1; j <= columns; j++) {
      size_t substitution = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      d[i][j] = smaller(substitution, 1 + smaller(d[i - 1][j], d[i][j - 1]));
      bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) d[i][j] = smaller(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[rows][columns];
}

const char *text_nearest(const char *name, const char *const *candidates) {
  const char *nearest = NULL;
  size_t least = (size_t)-1;
  if (strlen(name) >= NAME_BYTES) return NULL; /* no slip of a name */
  for (; *candidates; candidates++) {
    size_t longer = strlen(name) > strlen(*candidates) ? strlen(name) : strlen(*candidates);
    size_t allowed = longer / 3 > 1 ? longer / 3 : 1;
    size_t distance = name_distance(name, *candidates);
    if (distance <= allowed && distance < least) {
      nearest = *candidates;
      least = distance;
    }
  }
  return nearest;
}
