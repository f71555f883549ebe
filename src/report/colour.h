#pragma once
/* Colours for numbers, in pictures whose pixels are numbers.
 */

#include <stdint.h>

/* The colour of a number on a scale with two ends: blue at -1, white at 0, red at 1.
 *
 * Source      ColorBrewer's RdBu, its ends and its middle; linear between them
 * Range       beyond the ends: the end
 */
void colour_diverging(double value, uint8_t rgb[3]);
