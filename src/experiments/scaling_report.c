#include "experiments/scaling_report.h"

#include <string.h>

#include "base/memory.h"
#include "io/file.h"
#include "storage/run_folder.h"

/* ---- the model ---- */

bool scaling_fit(const Scaling *scaling, ScalingModel *out) {
  size_t n = 0;
  size_t most = scaling->n_points * scaling->settings->n_repeats;
  ScalingSample *samples = NEW_ARRAY(ScalingSample, most);
  for (size_t i = 0; i < scaling->n_points; i++) {
    const ScalingPoint *point = &scaling->points[i];
    for (size_t r = 0; r < point->n && !point->shares_cores; r++) {
      double work = (double)point->batch_size / (double)scaling->points[0].batch_size;
      samples[n++] = (ScalingSample){
          .ranks = (double)point->ranks, .work = work, .seconds = point->measurements[r].step_s};
    }
  }
  bool fits = n > 0 && scaling_model_fit(samples, n, out);
  memory_release(samples);
  return fits;
}

size_t scaling_predicted_ranks(const Scaling *scaling, double out[SCALING_PREDICTIONS]) {
  size_t most = 1, count = 0;
  for (size_t i = 0; i < scaling->n_points; i++) {
    const ScalingPoint *point = &scaling->points[i];
    if (!point->shares_cores && point->ranks > most) most = point->ranks;
  }
  for (size_t ranks = 1; count < SCALING_PREDICTIONS; ranks *= 2) {
    if (!scaling->points[0].is_weak && ranks > scaling->points[0].shards) break;
    if (ranks > most) out[count++] = (double)ranks;
  }
  return count;
}

double scaling_predicted_speedup(const Scaling *scaling, const ScalingModel *model, double ranks) {
  double reference = (double)scaling->points[0].ranks;
  return scaling_model_seconds(model, reference, 1) / scaling_model_seconds(model, ranks, 1);
}

/* ---- the table ---- */

/* The median over the repeats of a number at an offset of a measurement. */
static double median_at(const ScalingPoint *point, size_t offset) {
  double *values = NEW_ARRAY(double, point->n);
  for (size_t r = 0; r < point->n; r++) {
    values[r] = *(const double *)((const char *)&point->measurements[r] + offset);
  }
  double median = spread_of(values, point->n).median;
  memory_release(values);
  return median;
}

#define MEDIAN(point, field) median_at((point), offsetof(ScalingMeasurement, field))

static double phase_seconds(const ScalingPoint *point, StepPhase phase) {
  return median_at(point, offsetof(ScalingMeasurement, phases_s) + phase * sizeof(double));
}

static double computing_seconds(const ScalingPoint *point) {
  return phase_seconds(point, PHASE_GATHER) + phase_seconds(point, PHASE_FORWARD) +
         phase_seconds(point, PHASE_BACKWARD);
}

/* The slowest rank of the latest repeat. */
static void set_slowest(ResultTable *table, size_t column, const ScalingPoint *point) {
  const ScalingMeasurement *last = &point->measurements[point->n - 1];
  Text text = {0};
  text_append(&text, "%d on %s", last->slowest_rank, last->slowest_host);
  result_table_set_text(table, column, text.bytes);
  text_release(&text);
}

static void add_point(const Scaling *scaling, const ScalingPoint *point, ResultTable *table) {
  Spread step = scaling_step(point), speedup = scaling_speedup(scaling, point);
  double ranks = (double)point->ranks, slowest = MEDIAN(point, slowest_s);
  const double numbers[] = {ranks,
                            (double)point->batch_size,
                            (double)point->shards,
                            (double)point->n,
                            1e3 * step.median,
                            1e3 * step.low,
                            1e3 * step.high,
                            speedup.median,
                            speedup.low,
                            speedup.high,
                            scaling_efficiency(scaling, point).median,
                            (double)point->batch_size / step.median,
                            1e3 * computing_seconds(point),
                            1e3 * phase_seconds(point, PHASE_EXCHANGE),
                            1e3 * phase_seconds(point, PHASE_UPDATE),
                            1e3 * phase_seconds(point, PHASE_PUBLISH),
                            1e3 * MEDIAN(point, waiting_s),
                            MEDIAN(point, bytes_sent),
                            slowest / MEDIAN(point, mean_s)};
  size_t n_numbers = sizeof numbers / sizeof *numbers;
  result_table_add_row(table);
  result_table_set_text(table, 0, point->is_weak ? "weak" : "strong");
  for (size_t i = 0; i < n_numbers; i++) result_table_set_number(table, 1 + i, numbers[i]);
  set_slowest(table, 1 + n_numbers, point);
  result_table_set_text(table, 2 + n_numbers, point->shares_cores ? "shared" : "own");
  result_table_set_text(table, 3 + n_numbers, point->measurements[0].hash);
}

ResultTable *scaling_table(const Scaling *scaling) {
  static const struct {
    const char *name;
    ResultForm form;
    int decimals;
  } columns[] = {{"scaling", RESULT_TEXT, 0},         {"ranks", RESULT_COUNT, 0},
                 {"batch_size", RESULT_COUNT, 0},     {"shards", RESULT_COUNT, 0},
                 {"repeats", RESULT_COUNT, -1},       {"step_ms", RESULT_NUMBER, 3},
                 {"step_ms_low", RESULT_NUMBER, -1},  {"step_ms_high", RESULT_NUMBER, -1},
                 {"speedup", RESULT_NUMBER, 2},       {"speedup_low", RESULT_NUMBER, 2},
                 {"speedup_high", RESULT_NUMBER, 2},  {"efficiency", RESULT_NUMBER, 2},
                 {"samples_per_s", RESULT_NUMBER, 0}, {"compute_ms", RESULT_NUMBER, 3},
                 {"exchange_ms", RESULT_NUMBER, 3},   {"update_ms", RESULT_NUMBER, 3},
                 {"publish_ms", RESULT_NUMBER, 3},    {"waiting_ms", RESULT_NUMBER, 3},
                 {"bytes_sent", RESULT_NUMBER, 0},    {"slowest_to_mean", RESULT_NUMBER, 2},
                 {"slowest_rank", RESULT_TEXT, -1},   {"cores", RESULT_TEXT, 0},
                 {"parameter_hash", RESULT_TEXT, -1}};
  ResultTable *table = result_table_create();
  for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
    result_table_add_column(table, columns[i].name, columns[i].form, columns[i].decimals);
  }
  for (size_t i = 0; i < scaling->n_points; i++) {
    if (scaling->points[i].n > 0) add_point(scaling, &scaling->points[i], table);
  }
  return table;
}

Status scaling_write_csv(const Scaling *scaling, const ResultTable *table) {
  char *csv = result_table_csv(table);
  char *path = run_folder_path(scaling->settings->folder, "scaling.csv");
  Status status = file_write(path, csv, strlen(csv));
  memory_release(path);
  memory_release(csv);
  return status;
}
