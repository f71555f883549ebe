#pragma once
/* PNG pictures, made in memory: the only door to the PNG library.
 */

#include <stddef.h>

#include "base/array.h"

/* The bytes of a PNG file; equal pixels give equal bytes.
 *
 * Shapes      pixels (H,W) grey or (H,W,3) red, green, blue; uint8, 0 is dark
 * Range       1 to 1,000,000 rows and columns
 * Ownership   memory_release
 */
char *png_encode(const Array *pixels, size_t *count);
