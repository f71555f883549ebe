#pragma once
/* The shapes of characters, five pixels wide: captions of pictures need no font library.
 */

#include <stddef.h>
#include <stdint.h>

enum { GLYPH_WIDTH = 5, GLYPH_HEIGHT = 9 /* the last two lie below the line */ };

/* The shape of the next character of UTF-8 text, which *text is moved past: one byte a row, whose
 * lowest five bits are pixels, the leftmost the highest. NULL at the end of the text.
 *
 * Range       printable ASCII, an arrow to the right and an ellipsis; others are boxes
 */
const uint8_t *glyph_next(const char **text);

/* Number of characters in UTF-8 text. */
size_t glyph_count(const char *text);
