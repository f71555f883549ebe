/* Histograms over time, one behind the other. */

#include <math.h>

#include "report/svg_chart.h"
#include "report/svg_frame.h"

/* Distance from floor to floor, and height of a ridge: it reaches over those behind it. */
enum { TOP = 6, DISTANCE = 16, RIDGE_HEIGHT = 40, BELOW = 34 };

static Axis choose_axis(size_t n, const ChartRidge *ridges) {
  double low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < n; i++) {
    low = fmin(low, ridges[i].low);
    high = fmax(high, ridges[i].high);
  }
  Axis axis = axis_create(low, high, 5);
  axis.begin = CHART_LEFT;
  axis.end = CHART_RIGHT;
  return axis;
}

static double largest_count(const ChartRidge *ridge) {
  double largest = 0;
  for (size_t i = 0; i < ridge->n; i++) largest = fmax(largest, ridge->counts[i]);
  return largest;
}

/* The outline goes through the middle of each bucket, and down to the floor at both ends. */
static void write_outline(Html *page, const ChartRidge *ridge, const Axis *axis, double floor_y) {
  double width = (ridge->high - ridge->low) / (double)ridge->n, largest = largest_count(ridge);
  Text path = {0};
  text_append(&path, "M%.1f %.1f", axis_at(axis, ridge->low), floor_y);
  for (size_t i = 0; i < ridge->n; i++) {
    double share = largest > 0 ? ridge->counts[i] / largest : 0;
    text_append(&path, "L%.1f %.1f", axis_at(axis, ridge->low + ((double)i + 0.5) * width),
                floor_y - share * RIDGE_HEIGHT);
  }
  text_append(&path, "L%.1f %.1fZ", axis_at(axis, ridge->high), floor_y);
  html_attribute(page, "d", "%s", path.bytes);
  text_release(&path);
}

static void write_ridge(Html *page, const ChartRidge *ridge, const Axis *axis, double floor_y) {
  html_begin(page, "path.ridge");
  write_outline(page, ridge, axis, floor_y);
  html_element(page, "title", "%s: from %.4g to %.4g", ridge->title, ridge->low, ridge->high);
  html_end(page, "path");
  html_begin(page, "text");
  html_attribute(page, "x", "%d", CHART_LEFT - 7);
  html_attribute(page, "y", "%.1f", floor_y);
  html_text(page, "%s", ridge->title);
  html_end(page, "text");
}

void svg_ridge_chart(Html *page, const char *title, size_t n, const ChartRidge *ridges) {
  Axis axis = choose_axis(n, ridges);
  int floor_y = TOP + RIDGE_HEIGHT + (int)(n - 1) * DISTANCE;
  html_begin(page, "figure.chart");
  html_begin(page, "figcaption");
  html_element(page, "strong", "%s", title);
  html_end(page, "figcaption");
  svg_begin(page, floor_y + BELOW, title);
  svg_x_axis(page, &axis, floor_y, "");
  html_begin(page, "g.y");
  for (size_t i = 0; i < n; i++) {
    write_ridge(page, &ridges[i], &axis, TOP + RIDGE_HEIGHT + (double)i * DISTANCE);
  }
  html_end(page, "g");
  html_end(page, "svg");
  html_end(page, "figure");
}
