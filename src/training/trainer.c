#include "training/trainer.h"

#include <string.h>

#include "base/memory.h"
#include "training/evaluator.h"
#include "training/observer.h"
#include "training/step.h"

typedef struct Trainer {
  Run *run;
  size_t n_observers;
  void **states;
} Trainer;

/* Calls one of the functions of every observer that has it. */
#define NOTIFY(trainer, function, ...)                                                             \
  do {                                                                                             \
    for (size_t i_ = 0; i_ < (trainer)->n_observers; i_++) {                                       \
      const Observer *observer_ = observer_kinds[i_];                                              \
      if (observer_->function) TRY(observer_->function((trainer)->states[i_], __VA_ARGS__));       \
    }                                                                                              \
  } while (0)

static bool out_of_steps(const Run *run) {
  int64_t steps = run->config.training.steps;
  return steps > 0 && run->progress.step >= (uint64_t)steps;
}

/* An epoch whose last step was made before a stop has yet to be recorded. */
static bool is_finished(const Run *run) {
  bool epoch_is_full = run->progress.epoch_step == run->steps_per_epoch;
  return run->progress.epoch >= (uint64_t)run->config.training.epochs ||
         (out_of_steps(run) && !epoch_is_full);
}

/* One row of the history: what the epoch's batches gave, and what the validation samples say now.
 * */
static void record_epoch(Run *run) {
  const Model *model = run->model;
  const Progress *progress = &run->progress;
  size_t n_sums = progress->n_sums;
  double row[METRIC_MOST_COLUMNS] = {0};
  row[0] = (double)(progress->epoch + 1);
  row[1] = (double)progress->step;
  row[2] = progress->epoch_seconds;
  row[3] = run_learning_rate(run, progress->step ? progress->step - 1 : 0);
  evaluation_values(model, progress->epoch_weight, progress->epoch_sums, 0, NULL, row + 4);
  for (size_t i = 0; i < n_sums; i++) row[4 + n_sums + i] = NAN;
  if (run->data.has_validation) {
    EvaluatorResult result = {.values = row + 4 + n_sums};
    evaluate_samples(model, run_parameters(run), &run->data.validation, run->communicator, &result);
  }
  if (run->noise) row[4 + 2 * n_sums] = noise_scale_value(&progress->noise);
  metric_table_append(&run->history.epochs, row);
}

static void open_next_epoch(Run *run) {
  Progress *progress = &run->progress;
  progress->epoch++;
  progress->epoch_step = 0;
  progress->epoch_weight = 0;
  progress->epoch_seconds = 0;
  memset(progress->epoch_sums, 0, progress->n_sums * sizeof(double));
}

static void record_step(Run *run, const StepFacts *facts) {
  enum { MOST_STEP_ROWS = 20000 };
  if (run->progress.step % (uint64_t)run->config.report.every_steps != 0) return;
  double row[] = {(double)run->progress.step, facts->loss, facts->learning_rate,
                  facts->seconds_computing, facts->seconds_reducing};
  metric_table_thin(&run->history.steps, MOST_STEP_ROWS, 1);
  metric_table_append(&run->history.steps, row);
}

static Status stop_run(Trainer *trainer) {
  Run *run = trainer->run;
  NOTIFY(trainer, stop, run);
  return fail(ERR_STOPPED, "stopped on request after step %llu; continue with --resume",
              (unsigned long long)run->progress.step);
}

static Status train_epoch(Trainer *trainer) {
  Run *run = trainer->run;
  sampler_begin_epoch(&run->sampler, (uint32_t)run->progress.epoch);
  while (run->progress.epoch_step < run->steps_per_epoch && !out_of_steps(run)) {
    StepFacts facts;
    TRY(step_run(run, &facts));
    record_step(run, &facts);
    NOTIFY(trainer, step, run, &facts);
    if (facts.stop) return stop_run(trainer);
  }
  return OK;
}

static Status train(Trainer *trainer) {
  Run *run = trainer->run;
  NOTIFY(trainer, begin, run);
  while (!is_finished(run)) {
    TRY(train_epoch(trainer));
    if (run->progress.epoch_step < run->steps_per_epoch) break; /* out of steps within the epoch */
    record_epoch(run);
    open_next_epoch(run);
    NOTIFY(trainer, epoch, run);
  }
  NOTIFY(trainer, end, run);
  return OK;
}

Status trainer_run(Run *run) {
  Trainer trainer = {.run = run};
  while (observer_kinds[trainer.n_observers]) trainer.n_observers++;
  trainer.states = NEW_ARRAY(void *, trainer.n_observers);
  for (size_t i = 0; i < trainer.n_observers; i++) {
    trainer.states[i] = memory_allocate(observer_kinds[i]->state_bytes);
  }
  Status status = train(&trainer);
  for (size_t i = 0; i < trainer.n_observers; i++) memory_release(trainer.states[i]);
  memory_release(trainer.states);
  return status;
}
