#pragma once
/* Pictures of a page.
 *
 * Ranks       local
 */

#include <stdbool.h>
#include <stdint.h>

#include "report/html.h"
#include "analysis/report/report_run.h"

/* Finds how high and wide a run's samples are as pictures; false if they are rather a row of a
 * table: a plain number of inputs makes a picture only if it is the square of at least 8.
 *
 * Shapes      *out (H,W,1) or (H,W,3)
 */
bool report_picture_shape(const ReportRun *run, Shape *out);

/* Writes a picture into the page.
 *
 * Shapes      pixels (H,W,1) or (H,W,3), as `shape` says
 * Range       text says to those who cannot see it what it is
 */
void report_picture(Html *page, const Shape *shape, const uint8_t *pixels, const char *text);
