#pragma once
/* Learning-rate schedules: a factor on the learning rate as a function of the step.
 *
 * A kind is one file in optim/schedules/ and one row in optim/schedule_kinds.c.
 */

#include <stdint.h>

#include "config/kind.h"
#include "config/options.h"

typedef struct ScheduleKind {
  Kind kind;
  /* The factor at `step`, counted from the end of the warm-up. */
  double (*factor)(const void *options, double step);
} ScheduleKind;

extern const KindTable schedule_kinds;

/* Every schedule's settings begin with this, and its table with SCHEDULE_OPTIONS. */
typedef struct ScheduleOptions {
  int64_t warmup_steps;
} ScheduleOptions;

#define SCHEDULE_OPTIONS                                                                           \
  {                                                                                                \
    .key = "warmup_steps", .type = OPTION_INT, .offset = offsetof(ScheduleOptions, warmup_steps),  \
    .fallback = "0", .min = 0, .max = 1e15,                                                        \
    .help = "steps over which the rate rises from 0 before the schedule begins"                    \
  }

/* The factor on the learning rate for the update after `step` finished ones.
 *
 * Formula     step / warmup_steps during the warm-up, then the kind's factor of what follows
 * Source      Goyal et al. 2017, section 2.2; Keras, CosineDecay
 */
double schedule_factor(const KindSetting *schedule, uint64_t step);
