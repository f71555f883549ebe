#include "report/svg_frame.h"

void svg_begin(Html *page, int height, const char *label) {
  html_begin(page, "svg");
  html_attribute(page, "viewBox", "0 0 %d %d", CHART_WIDTH, height);
  html_attribute(page, "width", "%d", CHART_WIDTH);
  html_attribute(page, "height", "%d", height);
  html_attribute(page, "role", "img");
  html_attribute(page, "aria-label", "%s", label);
}

static void write_number(Html *page, const Axis *axis, size_t tick, double x, double y) {
  char number[TICK_TEXT_BYTES];
  html_begin(page, "text");
  html_attribute(page, "x", "%.1f", x);
  html_attribute(page, "y", "%.1f", y);
  html_text(page, "%s", axis_tick_text(axis, tick, number));
  html_end(page, "text");
}

void svg_x_axis(Html *page, const Axis *axis, double y, const char *label) {
  html_begin(page, "path.axis");
  html_attribute(page, "d", "M%d %.1fH%d", CHART_LEFT, y, CHART_RIGHT);
  html_end(page, "path");
  html_begin(page, "g.x");
  for (size_t i = 0; i < axis->n_ticks; i++) {
    write_number(page, axis, i, axis_at(axis, axis->ticks[i]), y + 15);
  }
  html_end(page, "g");
  html_begin(page, "text.label");
  html_attribute(page, "x", "%d", CHART_RIGHT);
  html_attribute(page, "y", "%.1f", y + 30);
  html_text(page, "%s", label);
  html_end(page, "text");
}

void svg_y_axis(Html *page, const Axis *axis) {
  html_begin(page, "g.y");
  for (size_t i = 0; i < axis->n_ticks; i++) {
    double y = axis_at(axis, axis->ticks[i]);
    html_begin(page, "path.grid");
    html_attribute(page, "d", "M%d %.1fH%d", CHART_LEFT, y, CHART_RIGHT);
    html_end(page, "path");
    write_number(page, axis, i, CHART_LEFT - 7, y + 4);
  }
  html_end(page, "g");
}
