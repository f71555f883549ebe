/* RUN/curves.svg: loss and the first metric against epochs. */

#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "report/plot.h"
#include "storage/run_folder.h"
#include "training/observer.h"

static double *copy_column(const MetricTable *table, size_t column) {
  double *values = NEW_ARRAY(double, table->n_rows);
  for (size_t row = 0; row < table->n_rows; row++) {
    values[row] = metric_table_at(table, row, column);
  }
  return values;
}

/* A column on the training samples and its twin on the validation samples. */
typedef struct Pair {
  double *train, *validation;
  Curve curves[2];
  Panel panel;
} Pair;

static void fill_pair(const MetricTable *table, const double *epochs, size_t column, size_t n_sums,
                      Pair *pair) {
  pair->train = copy_column(table, column);
  pair->validation = copy_column(table, column + n_sums);
  pair->curves[0] = (Curve){.title = "training", .n = table->n_rows, .x = epochs, .y = pair->train};
  pair->curves[1] =
      (Curve){.title = "validation", .n = table->n_rows, .x = epochs, .y = pair->validation};
  bool has_validation = table->n_rows > 0 && !isnan(pair->validation[table->n_rows - 1]);
  pair->panel = (Panel){.title = table->names[column],
                        .x_label = "epoch",
                        .n_curves = has_validation ? 2 : 1,
                        .curves = pair->curves};
}

static void draw(const Run *run) {
  const MetricTable *table = &run->history.epochs;
  size_t n_sums = model_sum_count(run->model), loss = metric_table_column(table, "loss");
  double *epochs = copy_column(table, 0);
  Pair pairs[2] = {{0}};
  Panel panels[2];
  for (size_t i = 0; i < 2; i++) {
    fill_pair(table, epochs, loss + i, n_sums, &pairs[i]);
    panels[i] = pairs[i].panel;
  }

  char *path = run_folder_path(run->folder, "curves.svg");
  const char *slash = strrchr(run->folder, '/');
  Status status = plot_write(path, slash ? slash + 1 : run->folder, 2, panels);
  /* A picture is not worth a run: say it, and go on. */
  if (status != OK) log_warning("%s", status_message());
  memory_release(path);
  memory_release(epochs);
  for (size_t i = 0; i < 2; i++) {
    memory_release(pairs[i].train);
    memory_release(pairs[i].validation);
  }
}

static Status end(void *state, Run *run) {
  (void)state;
  bool wanted = run->config.report.curves && run->history.epochs.n_rows > 0;
  if (wanted && run_is_first_rank(run) && plot_is_possible()) draw(run);
  return OK;
}

const Observer curves_observer = {.name = "curves", .end = end};
