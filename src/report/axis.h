#pragma once
/* An axis of a chart: which stretch of numbers it shows, where on the picture, with which ticks.
 */

#include <stdbool.h>
#include <stddef.h>

enum { AXIS_MOST_TICKS = 12, TICK_TEXT_BYTES = 32 };

typedef struct Axis {
  double low, high;  /* the numbers at its ends; low < high */
  bool logarithmic;  /* equal factors are equal lengths */
  double begin, end; /* where on the picture low and high lie */
  size_t n_ticks;
  double ticks[AXIS_MOST_TICKS];
} Axis;

/* An axis that shows the numbers from `low` to `high`, with ticks at round ones.
 *
 * Formula     the least step of 1, 2 or 5 times a power of ten that gives at most `most_ticks`
 * Source      Heckbert 1990, Nice Numbers for Graph Labels
 * Range       low <= high, finite; equal ones are spread; 2 <= most_ticks < AXIS_MOST_TICKS
 */
Axis axis_create(double low, double high, size_t most_ticks);

/* As axis_create, logarithmic: ticks at powers of ten, and where these are few at 2 and 5 of each.
 *
 * Range       0 < low < high
 */
Axis axis_create_logarithmic(double low, double high);

/* Where a number lies on the picture. */
double axis_at(const Axis *axis, double value);

/* Writes a tick's number, as short as the other ticks allow. Returns `out`. */
char *axis_tick_text(const Axis *axis, size_t tick, char out[TICK_TEXT_BYTES]);
