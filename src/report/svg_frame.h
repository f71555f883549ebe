#pragma once
/* What all charts have around their marks: the figure, the axes, the grid. For the charts of this
 * folder.
 */

#include "report/axis.h"
#include "report/html.h"

/* Sizes in units of the picture, which are pixels of the page or close to it: charts are laid out
 * in columns of about this width. */
enum { CHART_WIDTH = 360, CHART_LEFT = 44, CHART_RIGHT = 352 };

/* Opens <svg> of CHART_WIDTH × height. Ends with html_end(page, "svg"). */
void svg_begin(Html *page, int height, const char *label);

/* Ticks and numbers below the picture's floor at `y`, with what they mean. */
void svg_x_axis(Html *page, const Axis *axis, double y, const char *label);

/* Grid lines and numbers at the left. */
void svg_y_axis(Html *page, const Axis *axis);
