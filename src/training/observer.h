#pragma once
/* Observers: what happens around training without being training: progress, files, pictures.
 *
 * A kind is one file in training/observers/ and one row in training/observer_kinds.c. All ranks
 * have all observers, and call them at the same moments, so an observer may do collective work.
 *
 * Ranks       collective
 */

#include "training/run.h"
#include "training/step.h"

typedef struct Observer Observer;

struct Observer {
  const char *name;
  size_t state_bytes; /* of `state`, which is zero at first */

  /* Any of these may be NULL. A failure ends the run. */
  Status (*begin)(void *state, Run *run);
  Status (*step)(void *state, Run *run, const StepFacts *facts);
  Status (*epoch)(void *state, Run *run); /* its row is the last of run->history.epochs */
  Status (*stop)(void *state, Run *run);  /* on request; the run will be continued */
  Status (*end)(void *state, Run *run);   /* all is done */
};

/* NULL-terminated, in the order in which they are called. */
extern const Observer *const observer_kinds[];
