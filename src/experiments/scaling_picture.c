/* The half of experiments/scaling_report.h that draws. */

#include "base/memory.h"
#include "experiments/scaling_report.h"
#include "io/path.h"
#include "storage/plot_file.h"
#include "storage/run_folder.h"

enum { MOST_CURVES = 8 };

/* Curves of one panel, and the numbers that they borrow. */
typedef struct ScalingPanel {
  size_t n_curves;
  Curve curves[MOST_CURVES];
  double *numbers[4 * MOST_CURVES];
  size_t n_numbers;
} ScalingPanel;

static double *numbers_for(ScalingPanel *panel, size_t n) {
  return panel->numbers[panel->n_numbers++] = NEW_ARRAY(double, n);
}

static void release_panel(ScalingPanel *panel) {
  for (size_t i = 0; i < panel->n_numbers; i++) memory_release(panel->numbers[i]);
}

/* What a point shows on a curve: a median, and how far it spreads. */
typedef Spread (*PointValue)(const Scaling *scaling, const ScalingPoint *point);

static Spread step_ms(const Scaling *scaling, const ScalingPoint *point) {
  (void)scaling;
  Spread step = scaling_step(point);
  return (Spread){1e3 * step.median, 1e3 * step.low, 1e3 * step.high};
}

static void add_measured(const Scaling *scaling, bool is_weak, PointValue value, const char *title,
                         ScalingPanel *panel) {
  size_t n = 0, most = scaling->n_points;
  double *x = numbers_for(panel, most), *y = numbers_for(panel, most);
  double *low = numbers_for(panel, most), *high = numbers_for(panel, most);
  for (size_t i = 0; i < most; i++) {
    const ScalingPoint *point = &scaling->points[i];
    if (point->is_weak != is_weak || point->n == 0) continue;
    Spread spread = value(scaling, point);
    x[n] = (double)point->ranks;
    y[n] = spread.median, low[n] = spread.low, high[n] = spread.high;
    n++;
  }
  if (n == 0) return;
  panel->curves[panel->n_curves++] =
      (Curve){.title = title, .n = n, .x = x, .y = y, .low = low, .high = high};
}

/* From one rank to the last prediction, strong scaling. */
static void add_predicted(const Scaling *scaling, const ScalingModel *model, bool per_rank,
                          ScalingPanel *panel) {
  double more[SCALING_PREDICTIONS];
  size_t n_more = scaling_predicted_ranks(scaling, more), n = 0;
  if (!model || n_more == 0) return;
  enum { MOST_DOUBLINGS = 64 };
  double last = more[n_more - 1];
  double *x = numbers_for(panel, MOST_DOUBLINGS), *y = numbers_for(panel, MOST_DOUBLINGS);
  for (double ranks = 1; ranks <= last; ranks *= 2) {
    x[n] = ranks;
    double share = per_rank ? (double)scaling->points[0].ranks / ranks : 1;
    y[n++] = share * scaling_predicted_speedup(scaling, model, ranks);
  }
  panel->curves[panel->n_curves++] =
      (Curve){.title = "model's prediction", .n = n, .x = x, .y = y, .is_prediction = true};
}

static void add_both(const Scaling *scaling, PointValue value, ScalingPanel *panel) {
  add_measured(scaling, false, value, "strong, measured", panel);
  add_measured(scaling, true, value, "weak, measured", panel);
}

static Panel panel_of(const ScalingPanel *panel, const char *title) {
  return (Panel){.title = title,
                 .x_label = "ranks",
                 .n_curves = panel->n_curves,
                 .curves = panel->curves,
                 .log_x = true};
}

Status scaling_draw(const Scaling *scaling, const ScalingModel *model) {
  if (!plot_is_possible()) return OK;
  ScalingPanel speedups = {0}, efficiencies = {0}, steps = {0};
  add_both(scaling, scaling_speedup, &speedups);
  add_predicted(scaling, model, false, &speedups);
  add_both(scaling, scaling_efficiency, &efficiencies);
  add_predicted(scaling, model, true, &efficiencies);
  add_both(scaling, step_ms, &steps);
  Panel panels[] = {panel_of(&speedups, "speedup"), panel_of(&efficiencies, "efficiency"),
                    panel_of(&steps, "ms a step")};
  char *path = run_folder_path(scaling->settings->folder, "scaling.svg");
  char *title = path_stem(scaling->settings->config);
  Status status = plot_file_write(path, title, 3, panels);
  memory_release(title);
  memory_release(path);
  release_panel(&speedups);
  release_panel(&efficiencies);
  release_panel(&steps);
  return status;
}
