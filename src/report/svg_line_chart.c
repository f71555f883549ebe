/* Lines over a grid. */

#include <math.h>
#include <stdio.h>

#include "report/svg_chart.h"
#include "report/svg_frame.h"

enum { TOP = 8, FLOOR = 178, HEIGHT = 212, MOST_DOTS = 60, PIXELS = CHART_RIGHT - CHART_LEFT };

/* Above this ratio of the largest to the least number the small ones would lie on the floor. */
static const double LOGARITHMIC_RATIO = 100;

static bool is_point(const ChartLine *line, size_t i) {
  return isfinite(line->x[i]) && isfinite(line->y[i]);
}

static size_t point_count(const ChartLine *line) {
  size_t count = 0;
  for (size_t i = 0; i < line->n; i++) count += is_point(line, i);
  return count;
}

/* The least rectangle around all points; false if there is none. */
typedef struct Bounds {
  double left, right, low, high;
} Bounds;

static bool find_bounds(const LineChart *chart, Bounds *out) {
  *out = (Bounds){INFINITY, -INFINITY, INFINITY, -INFINITY};
  for (size_t l = 0; l < chart->n_lines; l++) {
    const ChartLine *line = &chart->lines[l];
    for (size_t i = 0; i < line->n; i++) {
      if (!is_point(line, i)) continue;
      out->left = fmin(out->left, line->x[i]);
      out->right = fmax(out->right, line->x[i]);
      out->low = fmin(out->low, line->y[i]);
      out->high = fmax(out->high, line->y[i]);
    }
  }
  return out->left <= out->right;
}

static Axis choose_y_axis(const Bounds *bounds) {
  bool logarithmic = bounds->low > 0 && bounds->high > LOGARITHMIC_RATIO * bounds->low;
  Axis axis = logarithmic ? axis_create_logarithmic(bounds->low, bounds->high)
                          : axis_create(bounds->low, bounds->high, 5);
  axis.begin = FLOOR - 8; /* the lowest point above the floor */
  axis.end = TOP;
  return axis;
}

static void append_point(Text *path, double x, double y) {
  text_append(path, "%s%.1f %.1f", path->length ? "L" : "M", x, y);
}

static void append_stroke(Text *path, double column, double low, double high) {
  if (low <= high) append_point(path, column, high);
  if (low < high) append_point(path, column, low);
}

/* Many points in one column of pixels are one stroke from the lowest to the highest. */
static void append_columns(Text *path, const ChartLine *line, const Axis *x, const Axis *y) {
  double column = 0, low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < line->n; i++) {
    if (!is_point(line, i)) continue;
    double next = floor(axis_at(x, line->x[i])), height = axis_at(y, line->y[i]);
    if (next != column) {
      append_stroke(path, column, low, high);
      low = INFINITY;
      high = -INFINITY;
    }
    column = next;
    low = fmin(low, height);
    high = fmax(high, height);
  }
  append_stroke(path, column, low, high);
}

static void append_points(Text *path, const ChartLine *line, const Axis *x, const Axis *y) {
  for (size_t i = 0; i < line->n; i++) {
    if (is_point(line, i)) append_point(path, axis_at(x, line->x[i]), axis_at(y, line->y[i]));
  }
}

static void write_line(Html *page, const ChartLine *line, const Axis *x, const Axis *y) {
  Text path = {0};
  bool is_crowded = line->n > 2 * PIXELS;
  if (is_crowded) {
    append_columns(&path, line, x, y);
  } else {
    append_points(&path, line, x, y);
  }
  html_begin(page, "path");
  html_attribute(page, "class", "line colour-%zu%s%s", line->colour % CHART_COLOURS,
                 line->is_faint ? " faint" : "", is_crowded ? " crowded" : "");
  html_attribute(page, "d", "%s", path.length ? path.bytes : "");
  html_end(page, "path");
  text_release(&path);
}

/* A dot says its number to whoever points at it. */
static void write_dots(Html *page, const LineChart *chart, const ChartLine *line, const Axis *x,
                       const Axis *y) {
  html_begin(page, "g");
  html_attribute(page, "class", "dots colour-%zu%s", line->colour % CHART_COLOURS,
                 line->is_faint ? " faint" : "");
  for (size_t i = 0; i < line->n; i++) {
    if (!is_point(line, i)) continue;
    html_begin(page, "circle");
    html_attribute(page, "cx", "%.1f", axis_at(x, line->x[i]));
    html_attribute(page, "cy", "%.1f", axis_at(y, line->y[i]));
    html_attribute(page, "r", "2.5");
    html_element(page, "title", "%s at %s %.4g: %.5g", line->title, chart->x_label, line->x[i],
                 line->y[i]);
    html_end(page, "circle");
  }
  html_end(page, "g");
}

static void begin_key(Html *page, const ChartLine *line) {
  html_begin(page, "span");
  html_attribute(page, "class", "key colour-%zu%s", line->colour % CHART_COLOURS,
                 line->is_faint ? " faint" : "");
  html_text(page, "%s", line->title);
}

/* What the line is called and where it ended. */
static void write_key(Html *page, const ChartLine *line) {
  size_t last = line->n;
  while (last > 0 && !is_point(line, last - 1)) last--;
  if (last == 0) return;
  begin_key(page, line);
  html_text(page, " ");
  html_element(page, "b", "%.4g", line->y[last - 1]);
  html_end(page, "span");
  html_text(page, " ");
}

void svg_chart_keys(Html *page, size_t n_lines, const ChartLine *lines) {
  html_begin(page, "p.keys");
  for (size_t i = 0; i < n_lines; i++) {
    begin_key(page, &lines[i]);
    html_end(page, "span");
    html_text(page, " ");
  }
  html_end(page, "p");
}

static void write_marks(Html *page, const LineChart *chart, const Bounds *bounds) {
  Axis x = axis_create(bounds->left, bounds->right, 6), y = choose_y_axis(bounds);
  x.begin = CHART_LEFT + 6;
  x.end = CHART_RIGHT - 4;
  svg_begin(page, HEIGHT, chart->title);
  svg_y_axis(page, &y);
  svg_x_axis(page, &x, FLOOR, chart->x_label);
  for (size_t i = 0; i < chart->n_lines; i++) write_line(page, &chart->lines[i], &x, &y);
  for (size_t i = 0; i < chart->n_lines; i++) {
    if (point_count(&chart->lines[i]) <= MOST_DOTS) {
      write_dots(page, chart, &chart->lines[i], &x, &y);
    }
  }
  html_end(page, "svg");
}

void svg_line_chart(Html *page, const LineChart *chart) {
  Bounds bounds;
  if (!find_bounds(chart, &bounds)) return;
  html_begin(page, "figure.chart");
  html_begin(page, "figcaption");
  html_element(page, "strong", "%s", chart->title);
  html_text(page, " ");
  for (size_t i = 0; i < chart->n_lines && !chart->without_keys; i++) {
    write_key(page, &chart->lines[i]);
  }
  html_end(page, "figcaption");
  write_marks(page, chart, &bounds);
  html_end(page, "figure");
}
