#pragma once
/* Pictures of curves, drawn by gnuplot where it is installed.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

typedef struct Curve {
  const char *title;
  size_t n;
  const double *x, *y;      /* (n); a point that is not finite is left out */
  const double *low, *high; /* (n): a bar at each point; NULL: none */
  bool is_prediction;       /* dashed and without points: nobody measured it */
} Curve;

typedef struct Panel {
  const char *title, *x_label;
  size_t n_curves;
  const Curve *curves;
  const char *const *names; /* of the points of the first curve, for ticks; NULL: their x */
  bool log_x;               /* with a tick at each point of the first curve */
  bool log_y;
} Panel;

/* True if gnuplot can be started. */
bool plot_is_possible(void);

/* Draws panels side by side as an SVG document.
 *
 * Ownership   *svg belongs to the caller: memory_release
 * Errors      ERR_IO if gnuplot cannot draw it, or not all of it; *svg is then NULL
 */
Status plot_draw(const char *title, size_t n_panels, const Panel *panels, char **svg);
