#include "training/curves.h"

#include <math.h>

#include "base/memory.h"
#include "storage/plot_file.h"

/* A column on the training samples and its twin on the validation samples. */
typedef struct Pair {
  double *train, *validation;
  Curve curves[2];
} Pair;

static double *copy_column(const MetricTable *table, size_t column) {
  double *values = NEW_ARRAY(double, table->n_rows);
  for (size_t row = 0; row < table->n_rows; row++) {
    values[row] = metric_table_at(table, row, column);
  }
  return values;
}

static Panel fill_pair(const MetricTable *table, const double *epochs, size_t column, Pair *pair) {
  size_t n = table->n_rows, twin = metric_table_validation(table, column);
  pair->train = copy_column(table, column);
  pair->validation = copy_column(table, twin);
  pair->curves[0] = (Curve){.title = "training", .n = n, .x = epochs, .y = pair->train};
  pair->curves[1] = (Curve){.title = "validation", .n = n, .x = epochs, .y = pair->validation};
  return (Panel){.title = table->names[column],
                 .x_label = "epoch",
                 .n_curves = isnan(pair->validation[n - 1]) ? 1 : 2,
                 .curves = pair->curves};
}

static Status draw(const char *path, const char *title, const MetricTable *table) {
  double *epochs = copy_column(table, metric_table_column(table, "epoch"));
  Pair *pairs = NEW_ARRAY(Pair, table->n_columns);
  Panel *panels = NEW_ARRAY(Panel, table->n_columns);
  size_t n_panels = 0;
  for (size_t column = 0; column < table->n_columns; column++) {
    bool is_measure = metric_table_validation(table, column) < table->n_columns;
    if (!is_measure) continue;
    panels[n_panels] = fill_pair(table, epochs, column, &pairs[n_panels]);
    n_panels++;
  }

  Status status = plot_file_write(path, title, n_panels, panels);
  for (size_t i = 0; i < n_panels; i++) {
    memory_release(pairs[i].train);
    memory_release(pairs[i].validation);
  }
  memory_release(panels);
  memory_release(pairs);
  memory_release(epochs);
  return status;
}

Status curves_write(const char *path, const char *title, const MetricTable *epochs) {
  if (epochs->n_rows == 0) return fail(ERR_DATA, "%s: no epoch is finished, nothing to draw", path);
  if (!plot_is_possible()) return fail(ERR_IO, "%s: gnuplot, which draws it, is missing", path);
  return draw(path, title, epochs);
}
