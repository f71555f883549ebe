#include "experiments/sweep_pictures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/path.h"
#include "storage/plot_file.h"
#include "storage/run_folder.h"

/* A curve and the numbers that it borrows. */
typedef struct Line {
  char *title;
  size_t n;
  double *x, *y, *low, *high;
} Line;

static Line line_create(char *title, size_t n) {
  return (Line){.title = title,
                .n = n,
                .x = NEW_ARRAY(double, n),
                .y = NEW_ARRAY(double, n),
                .low = NEW_ARRAY(double, n),
                .high = NEW_ARRAY(double, n)};
}

static void lines_release(Line *lines, size_t count) {
  for (size_t i = 0; i < count; i++) {
    memory_release(lines[i].title);
    memory_release(lines[i].x);
    memory_release(lines[i].y);
    memory_release(lines[i].low);
    memory_release(lines[i].high);
  }
  memory_release(lines);
}

static void set_point(Line *line, size_t at, double x, Mean y) {
  line->x[at] = x;
  line->y[at] = y.mean;
  line->low[at] = y.mean - y.deviation;
  line->high[at] = y.mean + y.deviation;
}

static Curve *curves_of(const Line *lines, size_t count, bool has_bars) {
  Curve *curves = NEW_ARRAY(Curve, count);
  for (size_t i = 0; i < count; i++) {
    const Line *line = &lines[i];
    curves[i] = (Curve){.title = line->title, .n = line->n, .x = line->x, .y = line->y};
    if (has_bars) curves[i].low = line->low, curves[i].high = line->high;
  }
  return curves;
}

static Status draw(const Sweep *sweep, const char *name, size_t n_panels, const Panel *panels) {
  char *path = run_folder_path(sweep->settings->folder, name);
  char *title = path_stem(sweep->settings->config);
  Status status = plot_file_write(path, title, n_panels, panels);
  memory_release(title);
  memory_release(path);
  return status;
}

/* ---- curves.svg ---- */

static size_t most_epochs(const Sweep *sweep, size_t point) {
  const SweepRun *runs = sweep_point_runs(sweep, point);
  size_t most = 0;
  for (size_t i = 0; i < sweep->settings->n_seeds; i++) {
    bool counts = runs[i].state == SWEEP_RUN_FINISHED && runs[i].epochs.n_rows > most;
    if (counts) most = runs[i].epochs.n_rows;
  }
  return most;
}

/* Means over the seeds of a point, epoch by epoch: against the epoch, and against the time. A run
 * without the goal's column does not count. */
static void trace_point(const Sweep *sweep, size_t point, const SweepGoal *goal, Line *by_epoch,
                        Line *by_time) {
  const SweepRun *runs = sweep_point_runs(sweep, point);
  double seconds = 0;
  for (size_t row = 0; row < by_epoch->n; row++) {
    double sum = 0, time = 0, n = 0;
    for (size_t i = 0; i < sweep->settings->n_seeds; i++) {
      const MetricTable *table = &runs[i].epochs;
      size_t column = metric_table_column(table, goal->name);
      bool counts = runs[i].state == SWEEP_RUN_FINISHED && column < table->n_columns;
      if (!counts || row >= table->n_rows) continue;
      sum += metric_table_at(table, row, column);
      time += metric_table_at(table, row, metric_table_column(table, "seconds"));
      n++;
    }
    seconds += time / n;
    by_epoch->x[row] = (double)(row + 1);
    by_time->x[row] = seconds;
    by_epoch->y[row] = by_time->y[row] = sum / n;
  }
}

static Status draw_curves(const Sweep *sweep, const SweepGoal *goal) {
  const SweepGrid *grid = &sweep->settings->grid;
  size_t n_points = sweep_grid_points(grid), n_lines = 0;
  Line *by_epoch = NEW_ARRAY(Line, n_points), *by_time = NEW_ARRAY(Line, n_points);
  for (size_t point = 0; point < n_points; point++) {
    size_t n = most_epochs(sweep, point);
    if (n == 0) continue;
    by_epoch[n_lines] = line_create(sweep_point_name(grid, point), n);
    by_time[n_lines] = line_create(sweep_point_name(grid, point), n);
    trace_point(sweep, point, goal, &by_epoch[n_lines], &by_time[n_lines]);
    n_lines++;
  }
  Curve *left = curves_of(by_epoch, n_lines, false), *right = curves_of(by_time, n_lines, false);
  Panel panels[] = {
      {.title = goal->name, .x_label = "epoch", .n_curves = n_lines, .curves = left},
      {.title = goal->name, .x_label = "s of training", .n_curves = n_lines, .curves = right}};
  Status status = draw(sweep, "curves.svg", 2, panels);
  memory_release(left);
  memory_release(right);
  lines_release(by_epoch, n_lines);
  lines_release(by_time, n_lines);
  return status;
}

/* ---- result.svg ---- */

/* Where the values of the axis stand that the picture goes along: at the numbers themselves, or at
 * 1, 2, 3, ... for words. */
typedef struct Positions {
  size_t axis, n;
  size_t stride; /* points from one value to the next */
  double *x;
  bool are_numbers, are_spread; /* spread: so far apart that a logarithm helps */
} Positions;

static bool read_numbers(const TextList *values, double *out) {
  for (size_t i = 0; i < values->count; i++) {
    char *end;
    out[i] = strtod(values->values[i], &end);
    if (*end || end == values->values[i] || !isfinite(out[i])) return false;
  }
  return true;
}

static Positions positions_of(const SweepGrid *grid, size_t axis) {
  const TextList *values = &grid->axes[axis].values;
  Positions found = {.axis = axis, .n = values->count, .stride = 1};
  for (size_t i = axis + 1; i < grid->n_axes; i++) found.stride *= grid->axes[i].values.count;
  found.x = NEW_ARRAY(double, found.n);
  found.are_numbers = read_numbers(values, found.x);
  double low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < found.n; i++) {
    if (!found.are_numbers) found.x[i] = (double)(i + 1);
    low = fmin(low, found.x[i]);
    high = fmax(high, found.x[i]);
  }
  found.are_spread = found.are_numbers && low > 0 && high >= 5 * low;
  return found;
}

/* Along the axis with the most numbers; without numbers, along the first. */
static Positions choose_positions(const SweepGrid *grid) {
  Positions best = positions_of(grid, 0);
  for (size_t i = 1; i < grid->n_axes; i++) {
    Positions other = positions_of(grid, i);
    bool is_better = other.are_numbers && (!best.are_numbers || other.n > best.n);
    memory_release(is_better ? best.x : other.x);
    if (is_better) best = other;
  }
  return best;
}

/* The point at a position of a line; lines differ in the values of the other axes. */
static size_t point_of(const Positions *positions, size_t line, size_t at) {
  size_t stride = positions->stride;
  return (line / stride * positions->n + at) * stride + line % stride;
}

static double final_goal(const SweepRun *run, const SweepGoal *goal) {
  return sweep_run_final(run, goal->name);
}

static char *title_of_line(const SweepGrid *grid, const Positions *positions, size_t line) {
  Text text = {0};
  for (size_t i = 0; i < grid->n_axes; i++) {
    if (i == positions->axis) continue;
    text_append(&text, "%s%s=%s", text.length ? ", " : "", sweep_grid_label(grid, i),
                sweep_grid_value(grid, point_of(positions, line, 0), i));
  }
  if (grid->n_axes < 2) text_append(&text, "mean and deviation");
  return text_take(&text);
}

static Line *lines_of(const Sweep *sweep, const Positions *positions, SweepNumber number,
                      const SweepGoal *goal) {
  const SweepGrid *grid = &sweep->settings->grid;
  size_t n_lines = sweep_grid_points(grid) / positions->n;
  Line *lines = NEW_ARRAY(Line, n_lines);
  for (size_t i = 0; i < n_lines; i++) {
    lines[i] = line_create(title_of_line(grid, positions, i), positions->n);
    for (size_t at = 0; at < positions->n; at++) {
      Mean mean = sweep_point_mean(sweep, point_of(positions, i, at), number, goal);
      set_point(&lines[i], at, positions->x[at], mean);
    }
  }
  return lines;
}

static bool has_points(const Line *lines, size_t count) {
  for (size_t i = 0; i < count; i++) {
    for (size_t at = 0; at < lines[i].n; at++) {
      if (isfinite(lines[i].y[at])) return true;
    }
  }
  return false;
}

static Status draw_result(const Sweep *sweep, const SweepGoal *goal) {
  const SweepGrid *grid = &sweep->settings->grid;
  Positions positions = choose_positions(grid);
  size_t n_lines = sweep_grid_points(grid) / positions.n, n_panels = 1;
  Line *result = lines_of(sweep, &positions, final_goal, goal);
  Line *time = lines_of(sweep, &positions, sweep_run_seconds_to, goal);
  Curve *left = curves_of(result, n_lines, true), *right = curves_of(time, n_lines, true);

  Panel panel = {.x_label = sweep_grid_label(grid, positions.axis), .n_curves = n_lines};
  panel.log_x = positions.are_spread;
  const TextList *values = &grid->axes[positions.axis].values;
  if (!positions.are_numbers) panel.names = (const char *const *)values->values;
  Panel panels[2] = {panel, panel};
  Text title = {0};
  text_append(&title, "seconds to %s %g", goal->name, goal->target);
  panels[0].title = goal->name, panels[0].curves = left;
  panels[1].title = title.bytes, panels[1].curves = right;
  if (!isnan(goal->target) && has_points(time, n_lines)) n_panels++;
  Status status = draw(sweep, "result.svg", n_panels, panels);

  text_release(&title);
  memory_release(left);
  memory_release(right);
  lines_release(result, n_lines);
  lines_release(time, n_lines);
  memory_release(positions.x);
  return status;
}

Status sweep_draw(const Sweep *sweep, const SweepGoal *goal) {
  if (!goal->name[0] || !plot_is_possible()) return OK;
  TRY(draw_curves(sweep, goal));
  return draw_result(sweep, goal);
}
