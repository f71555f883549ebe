#include "experiments/sweep_result.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "model/metric.h"

/* A finished run, for the names of the columns; NULL if there is none. */
static const SweepRun *any_finished(const Sweep *sweep) {
  for (size_t i = 0; i < sweep->n_runs; i++) {
    if (sweep->runs[i].state == SWEEP_RUN_FINISHED) return &sweep->runs[i];
  }
  return NULL;
}

static bool is_of_validation(const char *column) {
  return strncmp(column, "val_", 4) == 0;
}

static bool is_noise_scale(const char *column) {
  return strcmp(column, "gradient_noise_scale") == 0;
}

static bool larger_is_better(const char *column) {
  const Kind *kind = kind_find(&metric_kinds, column + (is_of_validation(column) ? 4 : 0));
  return kind && ((const MetricKind *)kind)->larger_is_better;
}

double sweep_run_final(const SweepRun *run, const char *column) {
  const MetricTable *table = &run->epochs;
  size_t index = metric_table_column(table, column);
  if (index == table->n_columns || table->n_rows == 0) return NAN;
  return metric_table_at(table, table->n_rows - 1, index);
}

double sweep_run_best(const SweepRun *run, const char *column, bool larger) {
  const MetricTable *table = &run->epochs;
  size_t index = metric_table_column(table, column);
  double best = NAN;
  for (size_t row = 0; row < table->n_rows && index < table->n_columns; row++) {
    double value = metric_table_at(table, row, index);
    best = larger ? fmax(best, value) : fmin(best, value);
  }
  return best;
}

/* The first metric follows the loss; its twin of the validation samples begins with val_. */
SweepGoal sweep_goal(const Sweep *sweep) {
  SweepGoal goal = {.target = sweep->settings->target};
  const SweepRun *run = any_finished(sweep);
  if (!run) return goal;
  const MetricTable *table = &run->epochs;
  size_t index = metric_table_column(table, "loss") + 1;
  if (index >= table->n_columns || is_of_validation(table->names[index])) index--;
  char twin[METRIC_NAME_BYTES + 4];
  snprintf(twin, sizeof twin, "val_%s", table->names[index]);
  bool has_twin = !isnan(sweep_run_final(run, twin));
  snprintf(goal.name, sizeof goal.name, "%s", has_twin ? twin : table->names[index]);
  goal.larger_is_better = larger_is_better(goal.name);
  return goal;
}

/* The row of the first epoch that reached the target, or n_rows. */
static size_t row_of_target(const SweepRun *run, const SweepGoal *goal) {
  const MetricTable *table = &run->epochs;
  size_t index = metric_table_column(table, goal->name), row = 0;
  if (index == table->n_columns) return table->n_rows;
  for (; row < table->n_rows; row++) {
    double value = metric_table_at(table, row, index);
    if (goal->larger_is_better ? value >= goal->target : value <= goal->target) break;
  }
  return row;
}

static double sum_seconds(const SweepRun *run, size_t n_rows) {
  const MetricTable *table = &run->epochs;
  size_t index = metric_table_column(table, "seconds");
  double sum = 0;
  for (size_t row = 0; row < n_rows; row++) sum += metric_table_at(table, row, index);
  return sum;
}

double sweep_run_epochs_to(const SweepRun *run, const SweepGoal *goal) {
  size_t row = row_of_target(run, goal);
  return row < run->epochs.n_rows ? (double)(row + 1) : NAN;
}

double sweep_run_seconds_to(const SweepRun *run, const SweepGoal *goal) {
  size_t row = row_of_target(run, goal);
  return row < run->epochs.n_rows ? sum_seconds(run, row + 1) : NAN;
}

Mean sweep_point_mean(const Sweep *sweep, size_t point, SweepNumber number, const SweepGoal *goal) {
  size_t n_seeds = sweep->settings->n_seeds, n = 0;
  double *values = NEW_ARRAY(double, n_seeds);
  const SweepRun *runs = sweep_point_runs(sweep, point);
  for (size_t i = 0; i < n_seeds; i++) {
    if (runs[i].state != SWEEP_RUN_FINISHED) continue;
    double value = number(&runs[i], goal);
    if (!isnan(value)) values[n++] = value;
  }
  Mean mean = mean_of(values, n);
  memory_release(values);
  return mean;
}

/* ---- the table ---- */

static double epochs_of(const SweepRun *run, const SweepGoal *unused) {
  (void)unused;
  return (double)run->epochs.n_rows;
}

static double seconds_per_epoch(const SweepRun *run, const SweepGoal *unused) {
  (void)unused;
  return sum_seconds(run, run->epochs.n_rows) / (double)run->epochs.n_rows;
}

static double final_value(const SweepRun *run, const SweepGoal *column) {
  return sweep_run_final(run, column->name);
}

static double best_value(const SweepRun *run, const SweepGoal *column) {
  return sweep_run_best(run, column->name, column->larger_is_better);
}

static void set_mean(ResultTable *table, size_t column, const Sweep *sweep, size_t point,
                     SweepNumber number, const SweepGoal *goal) {
  result_table_set_mean(table, column, sweep_point_mean(sweep, point, number, goal));
}

static bool has_column(const SweepGoal *columns, size_t count, const char *name) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(columns[i].name, name) == 0) return true;
  }
  return false;
}

/* Loss, metrics and whatever else any run has measured: a SweepGoal for each. */
static size_t list_columns(const Sweep *sweep, SweepGoal *columns) {
  size_t count = 0;
  for (size_t r = 0; r < sweep->n_runs; r++) {
    const SweepRun *run = &sweep->runs[r];
    if (run->state != SWEEP_RUN_FINISHED) continue;
    for (size_t i = metric_table_column(&run->epochs, "loss"); i < run->epochs.n_columns; i++) {
      const char *name = run->epochs.names[i];
      bool is_new = count < METRIC_MOST_COLUMNS && !has_column(columns, count, name);
      if (!is_new || isnan(sweep_run_final(run, name))) continue;
      SweepGoal *column = &columns[count++];
      snprintf(column->name, sizeof column->name, "%s", name);
      column->larger_is_better = larger_is_better(name);
    }
  }
  return count;
}

static bool has_diverged(const Sweep *sweep) {
  for (size_t i = 0; i < sweep->n_runs; i++) {
    if (sweep->runs[i].state == SWEEP_RUN_DIVERGED) return true;
  }
  return false;
}

/* Where the numbers of a point go. */
typedef struct SweepColumns {
  size_t runs, diverged, epochs, seconds;
  size_t n_values;
  SweepGoal values[METRIC_MOST_COLUMNS];
  size_t final[METRIC_MOST_COLUMNS], best[METRIC_MOST_COLUMNS];
  size_t reached, epochs_to, seconds_to;
} SweepColumns;

/* A key that is called like a result, such as loss or training.epochs, goes by its whole name. */
static void add_axes(const SweepGrid *grid, const SweepColumns *columns, ResultTable *table) {
  static const char *const results[] = {"runs", "diverged", "epochs", "loss", "metrics"};
  for (size_t i = 0; i < grid->n_axes; i++) {
    const char *label = sweep_grid_label(grid, i);
    bool is_taken = has_column(columns->values, columns->n_values, label);
    for (size_t r = 0; r < sizeof results / sizeof *results; r++) {
      is_taken = is_taken || strcmp(results[r], label) == 0;
    }
    Text name = {0};
    text_append(&name, is_taken ? "config.%s" : "%s", is_taken ? grid->axes[i].key : label);
    result_table_add_column(table, name.bytes, RESULT_TEXT, 0);
    text_release(&name);
  }
}

static void add_columns(const Sweep *sweep, const SweepGoal *goal, ResultTable *table,
                        SweepColumns *columns) {
  columns->n_values = list_columns(sweep, columns->values);
  add_axes(&sweep->settings->grid, columns, table);
  columns->runs = result_table_add_column(table, "runs", RESULT_COUNT, 0);
  columns->diverged =
      result_table_add_column(table, "diverged", RESULT_COUNT, has_diverged(sweep) ? 0 : -1);
  columns->epochs = result_table_add_column(table, "epochs", RESULT_COUNT, 0);
  columns->seconds = result_table_add_column(table, "seconds_per_epoch", RESULT_MEAN, 3);
  for (size_t i = 0; i < columns->n_values; i++) {
    const char *name = columns->values[i].name;
    bool is_goal = strcmp(name, goal->name) == 0;
    bool is_shown =
        is_goal || strcmp(name, is_of_validation(goal->name) ? "val_loss" : "loss") == 0;
    char best[METRIC_NAME_BYTES + 8];
    snprintf(best, sizeof best, "best_%s", name);
    columns->final[i] = result_table_add_column(table, name, RESULT_MEAN, is_shown ? 4 : -1);
    if (is_noise_scale(name)) continue; /* none is better than another */
    columns->best[i] = result_table_add_column(table, best, RESULT_MEAN, is_goal ? 4 : -1);
  }
  columns->reached = result_table_add_column(table, "reached_target", RESULT_COUNT, 0);
  columns->epochs_to = result_table_add_column(table, "epochs_to_target", RESULT_MEAN, 1);
  columns->seconds_to = result_table_add_column(table, "seconds_to_target", RESULT_MEAN, 2);
}

static void add_point(const Sweep *sweep, const SweepGoal *goal, const SweepColumns *columns,
                      size_t point, ResultTable *table) {
  const SweepGrid *grid = &sweep->settings->grid;
  result_table_add_row(table);
  for (size_t i = 0; i < grid->n_axes; i++) {
    result_table_set_text(table, i, sweep_grid_value(grid, point, i));
  }
  size_t n_finished = sweep_count(sweep, point, SWEEP_RUN_FINISHED);
  size_t n_diverged = sweep_count(sweep, point, SWEEP_RUN_DIVERGED);
  result_table_set_number(table, columns->runs, (double)n_finished);
  result_table_set_number(table, columns->diverged, (double)n_diverged);
  Mean epochs = sweep_point_mean(sweep, point, epochs_of, goal);
  result_table_set_number(table, columns->epochs, epochs.mean);
  set_mean(table, columns->seconds, sweep, point, seconds_per_epoch, goal);
  for (size_t i = 0; i < columns->n_values; i++) {
    set_mean(table, columns->final[i], sweep, point, final_value, &columns->values[i]);
    if (is_noise_scale(columns->values[i].name)) continue;
    set_mean(table, columns->best[i], sweep, point, best_value, &columns->values[i]);
  }
  if (isnan(goal->target) || n_finished == 0) return;
  Mean to_target = sweep_point_mean(sweep, point, sweep_run_epochs_to, goal);
  result_table_set_number(table, columns->reached, (double)to_target.n);
  result_table_set_mean(table, columns->epochs_to, to_target);
  set_mean(table, columns->seconds_to, sweep, point, sweep_run_seconds_to, goal);
}

ResultTable *sweep_result_table(const Sweep *sweep, const SweepGoal *goal) {
  ResultTable *table = result_table_create();
  SweepColumns columns;
  add_columns(sweep, goal, table, &columns);
  for (size_t point = 0; point < sweep_grid_points(&sweep->settings->grid); point++) {
    add_point(sweep, goal, &columns, point, table);
  }
  return table;
}
