/* Checkpoints: after epochs, after steps, when the run is asked to stop, and at its end. */

#include "training/observer.h"

typedef struct CheckpointState {
  bool saved;
  uint64_t saved_step;
  uint64_t saved_epoch;
} CheckpointState;

/* The same moment is saved once, however many reasons there are. */
static Status save(CheckpointState *state, Run *run) {
  const Progress *progress = &run->progress;
  bool again =
      state->saved && state->saved_step == progress->step && state->saved_epoch == progress->epoch;
  if (again) return OK;
  TRY(run_save(run));
  *state = (CheckpointState){true, progress->step, progress->epoch};
  return OK;
}

static bool is_due(int64_t every, uint64_t count) {
  return every > 0 && count % (uint64_t)every == 0;
}

static Status step(void *state, Run *run, const StepFacts *facts) {
  (void)facts;
  bool epoch_ends = run->progress.epoch_step == run->steps_per_epoch;
  bool due = is_due(run->config.checkpoint.every_steps, run->progress.step);
  return due && !epoch_ends ? save(state, run) : OK;
}

static Status epoch(void *state, Run *run) {
  bool due = is_due(run->config.checkpoint.every_epochs, run->progress.epoch) ||
             is_due(run->config.checkpoint.every_steps, run->progress.step);
  return due ? save(state, run) : OK;
}

static Status now(void *state, Run *run) {
  return save(state, run);
}

const Observer checkpoint_observer = {
    .name = "checkpoints",
    .state_bytes = sizeof(CheckpointState),
    .step = step,
    .epoch = epoch,
    .stop = now,
    .end = now,
};
