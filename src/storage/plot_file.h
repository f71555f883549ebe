#pragma once
/* Pictures of curves as files.
 *
 * Ranks       local: one rank writes
 */

#include "report/plot.h"

/* Draws panels side by side into an SVG file.
 *
 * Errors      as plot_draw and file_write; what was at `path` before is then still there
 */
Status plot_file_write(const char *path, const char *title, size_t n_panels, const Panel *panels);
