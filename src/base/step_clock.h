#pragma once
/* Where the time of a training step goes: a clock that is read whenever the work changes.
 */

#include <stddef.h>

#include "base/clock.h"

typedef enum StepPhase {
  PHASE_GATHER,   /* samples, scaled */
  PHASE_FORWARD,  /* with the loss and the metrics */
  PHASE_BACKWARD, /* all gradients of this rank */
  PHASE_EXCHANGE, /* the report and the gradients, from other ranks; waiting for them included */
  PHASE_UPDATE,   /* the sum over ranks and the optimizer's rule */
  PHASE_PUBLISH,  /* the parameters, to other ranks; waiting for them included */
  STEP_PHASES,
} StepPhase;

/* "gather", "forward", ...; in the order of the enum. */
extern const char *const step_phase_names[STEP_PHASES];

typedef struct StepClock {
  double seconds[STEP_PHASES];
  double read_s;
} StepClock;

/* Clears the clock and begins the first phase. */
static inline void step_clock_begin(StepClock *clock) {
  *clock = (StepClock){.read_s = clock_monotonic_s()};
}

/* What has passed since the clock was read last belongs to no phase. */
static inline void step_clock_skip(StepClock *clock) {
  clock->read_s = clock_monotonic_s();
}

/* What has passed since the clock was read last belongs to `phase`. NULL: nobody wants to know. */
static inline void step_clock_read(StepClock *clock, StepPhase phase) {
  if (!clock) return;
  double now_s = clock_monotonic_s();
  clock->seconds[phase] += now_s - clock->read_s;
  clock->read_s = now_s;
}
