#include "experiments/sweep_files.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/file.h"
#include "storage/run_folder.h"

Status sweep_write_csv(const Sweep *sweep, const SweepGoal *goal) {
  ResultTable *table = sweep_result_table(sweep, goal);
  char *csv = result_table_csv(table);
  char *path = run_folder_path(sweep->settings->folder, "sweep.csv");
  Status status = file_write(path, csv, strlen(csv));
  memory_release(path);
  memory_release(csv);
  result_table_destroy(table);
  return status;
}

static void write_run(const Sweep *sweep, const SweepRun *run, H5File *file) {
  const SweepGrid *grid = &sweep->settings->grid;
  const MetricTable *table = &run->epochs;
  char group[256], path[512];
  snprintf(group, sizeof group, "/runs/%s", run->name);
  h5_add_group(file, group);
  for (size_t i = 0; i < grid->n_axes; i++) {
    h5_set_text(file, group, grid->axes[i].key, sweep_grid_value(grid, run->point, i));
  }
  h5_set_whole(file, group, "seed", run->seed);
  h5_set_text(file, group, "state", sweep_run_state_names[run->state]);

  double *values = NEW_ARRAY(double, table->n_rows);
  for (size_t i = 0; i < table->n_columns; i++) {
    for (size_t row = 0; row < table->n_rows; row++) values[row] = metric_table_at(table, row, i);
    snprintf(path, sizeof path, "%s/%s", group, table->names[i]);
    h5_add_array(file, path, DTYPE_F64, &(Shape){1, {table->n_rows}}, values);
  }
  memory_release(values);
}

Status sweep_write_h5(const Sweep *sweep, const SweepGoal *goal) {
  H5File *file = h5_begin(0);
  h5_set_text(file, "/", "title", "Lockstep sweep, format 1");
  h5_set_text(file, "/", "config", sweep->settings->config);
  h5_set_text(file, "/", "goal", goal->name);
  if (!isnan(goal->target)) h5_set_real(file, "/", "target", goal->target);
  ResultTable *table = sweep_result_table(sweep, goal);
  result_table_write(table, file, "/points");
  result_table_destroy(table);
  h5_add_group(file, "/runs");
  for (size_t i = 0; i < sweep->n_runs; i++) write_run(sweep, &sweep->runs[i], file);

  char *bytes, *path = run_folder_path(sweep->settings->folder, "sweep.h5");
  size_t count;
  h5_finish(file, &bytes, &count);
  Status status = file_write(path, bytes, count);
  memory_release(bytes);
  memory_release(path);
  return status;
}
