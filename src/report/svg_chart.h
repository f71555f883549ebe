#pragma once
/* Charts inside a page, drawn as SVG whose colours come from the page's style (report/report.css),
 * so that they follow it into the dark and onto paper. Knows nothing of what the numbers mean.
 */

#include <stdbool.h>
#include <stddef.h>

#include "report/html.h"

/* Colours that the style has for lines: 0 to CHART_COLOURS - 1; more lines share them. */
enum { CHART_COLOURS = 8 };

typedef struct ChartLine {
  const char *title;
  size_t n;
  const double *x, *y; /* (n); a point that is not finite is left out */
  size_t colour;
  bool is_faint; /* thin and dashed: a line that stands behind another of its colour */
} ChartLine;

typedef struct LineChart {
  const char *title, *x_label;
  size_t n_lines;
  const ChartLine *lines;
  bool without_keys; /* the lines are named elsewhere: svg_chart_keys */
} LineChart;

/* Writes a figure of lines, with what each came to in the end. The y axis is logarithmic where the
 * numbers are positive and span more than two powers of ten. A chart without points is left out.
 */
void svg_line_chart(Html *page, const LineChart *chart);

/* Names lines of which several charts have the same. */
void svg_chart_keys(Html *page, size_t n_lines, const ChartLine *lines);

typedef struct ChartRidge {
  const char *title;
  double low, high;     /* the ends of the buckets, which are equally wide; low <= high */
  size_t n;             /* buckets, at least 1 */
  const double *counts; /* (n) */
} ChartRidge;

/* Writes a figure of histograms above one common axis, the first at the back, each as high as the
 * others. Range: n >= 1.
 */
void svg_ridge_chart(Html *page, const char *title, size_t n, const ChartRidge *ridges);
