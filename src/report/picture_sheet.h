#pragma once
/* Many small pictures on one sheet, each with a caption below it.
 *
 * Knows pixels and captions, not what they mean. Order of calls: picture_sheet_create, a
 * picture_sheet_add for each picture, picture_sheet_draw, picture_sheet_destroy.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/array.h"

typedef struct PictureSheet PictureSheet;

/* An empty sheet below a title.
 *
 * Shapes      its pictures (H,W,C): C = 1 grey, C = 3 red, green, blue
 * Ownership   picture_sheet_destroy
 */
PictureSheet *picture_sheet_create(const char *title, size_t height, size_t width,
                                   size_t n_channels);

/* Adds a picture. Pixels and caption are copied.
 *
 * Shapes      pixels (H,W,C)
 * Range       caption: lines with '\n' between them; what is too long for its place is cut
 */
void picture_sheet_add(PictureSheet *sheet, const uint8_t *pixels, const char *caption);

/* Draws the sheet: small pictures are made larger, and large ones smaller.
 *
 * Shapes      the result (H,W,3), uint8
 * Ownership   array_release
 */
Array picture_sheet_draw(const PictureSheet *sheet);

/* Releases it; NULL is fine. */
void picture_sheet_destroy(PictureSheet *sheet);
