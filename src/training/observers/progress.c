/* What a person sees while the run goes on: a line that is drawn over itself on a terminal, and one
 * that stays for every epoch. */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "model/evaluation.h"
#include "report/progress.h"
#include "report/terminal.h"
#include "training/observer.h"
#include "training/run_text.h"

typedef struct ProgressState {
  int columns; /* of the terminal; 0: none */
  double shown_s;
  double begin_s;
  uint64_t begin_step;
} ProgressState;

static const double REDRAW_S = 0.1;

static Status begin(void *state, Run *run) {
  ProgressState *progress = state;
  progress->columns = log_says_notes() ? terminal_columns() : 0;
  progress->begin_s = clock_monotonic_s();
  progress->begin_step = run->progress.step;
  return OK;
}

static uint64_t total_steps(const Run *run) {
  uint64_t steps = (uint64_t)run->config.training.epochs * run->steps_per_epoch;
  uint64_t limit = (uint64_t)run->config.training.steps;
  return limit > 0 && limit < steps ? limit : steps;
}

/* "step 120/469  loss 0.31  accuracy 0.91  52,100 samples/s  0:12 left" */
static void describe_step(const ProgressState *state, const Run *run, double now_s, Text *text) {
  const Progress *progress = &run->progress;
  double values[METRIC_MOST_COLUMNS];
  evaluation_values(run->model, progress->epoch_weight, progress->epoch_sums, 0, NULL, values);
  text_append(text, "epoch %llu/%lld  step %llu/%zu  loss %.4g",
              (unsigned long long)progress->epoch + 1, (long long)run->config.training.epochs,
              (unsigned long long)progress->epoch_step, run->steps_per_epoch, values[0]);
  for (size_t i = 0; i < run->model->n_metrics; i++) {
    if (!isnan(values[1 + i])) {
      text_append(text, "  %s %.4f", run->model->metrics[i]->kind.name, values[1 + i]);
    }
  }
  char number[NUMBER_TEXT_BYTES];
  double steps = (double)(progress->step - state->begin_step);
  double rate = steps / (now_s - state->begin_s);
  double left = (double)(total_steps(run) - progress->step) / rate;
  text_append(text, "  %s samples/s",
              text_count(number, (unsigned long long)(rate * (double)run->batch_size)));
  text_append(text, "  %s left", text_seconds(number, left));
}

static Status step(void *state, Run *run, const StepFacts *facts) {
  (void)facts;
  ProgressState *progress = state;
  if (progress->columns == 0) return OK;
  double now_s = clock_monotonic_s();
  if (now_s - progress->shown_s < REDRAW_S) return OK;
  progress->shown_s = now_s;

  Text text = {0};
  char line[PROGRESS_LINE_BYTES];
  describe_step(progress, run, now_s, &text);
  double done = (double)run->progress.epoch_step / (double)run->steps_per_epoch;
  printf("\r\033[K%s", progress_line(line, progress->columns, done, text.bytes));
  fflush(stdout);
  text_release(&text);
  return OK;
}

static Status epoch(void *state, Run *run) {
  ProgressState *progress = state;
  const MetricTable *table = &run->history.epochs;
  size_t row = table->n_rows - 1;
  char number[NUMBER_TEXT_BYTES];
  Text text = {0};
  text_append(&text, "epoch %.0f/%lld", metric_table_at(table, row, 0),
              (long long)run->config.training.epochs);
  for (size_t i = 1; i < table->n_columns; i++) {
    double value = metric_table_at(table, row, i);
    const char *name = table->names[i];
    if (isnan(value) || strcmp(name, "learning_rate") == 0) continue;
    if (strcmp(name, "seconds") == 0) {
      text_append(&text, "  %s", text_seconds(number, value));
    } else {
      text_append(&text, "  %s %s", name, run_value_text(number, name, value));
    }
  }
  if (progress->columns > 0) printf("\r\033[K");
  log_note("%s", text.bytes);
  text_release(&text);
  return OK;
}

static Status leave_line(void *state, Run *run) {
  (void)run;
  if (((const ProgressState *)state)->columns > 0) printf("\r\033[K");
  return OK;
}

const Observer progress_observer = {
    .name = "progress",
    .state_bytes = sizeof(ProgressState),
    .begin = begin,
    .step = step,
    .epoch = epoch,
    .stop = leave_line,
    .end = leave_line,
};
