/* A rate that falls exponentially, smoothly or in stairs.
 *
 * Formula     factor = decay_rate^(step / decay_steps);   with staircase: exponent rounded down
 * Source      Keras, ExponentialDecay
 */

#include <math.h>

#include "math/portable.h"
#include "optim/schedule.h"

typedef struct ExponentialOptions {
  ScheduleOptions common;
  int64_t decay_steps;
  double decay_rate;
  bool staircase;
} ExponentialOptions;

static double factor(const void *options, double step) {
  const ExponentialOptions *decay = options;
  double exponent = step / (double)decay->decay_steps;
  return portable_power(decay->decay_rate, decay->staircase ? floor(exponent) : exponent);
}

static const Option options[] = {
    SCHEDULE_OPTIONS,
    {.key = "decay_steps",
     .type = OPTION_INT,
     .offset = offsetof(ExponentialOptions, decay_steps),
     .min = 1,
     .max = 1e15,
     .help = "steps over which the rate falls by decay_rate"},
    {.key = "decay_rate",
     .type = OPTION_REAL,
     .offset = offsetof(ExponentialOptions, decay_rate),
     .min = 0,
     .max = INFINITY,
     .above_min = true,
     .help = "factor on the rate over decay_steps"},
    {.key = "staircase",
     .type = OPTION_BOOL,
     .offset = offsetof(ExponentialOptions, staircase),
     .fallback = "false",
     .help = "fall once at the end of every decay_steps, not a little at every step"},
    {.key = NULL},
};

static const char *const aliases[] = {"ExponentialDecay", NULL};

const ScheduleKind exponential_schedule = {
    .kind = {.name = "exponential",
             .aliases = aliases,
             .summary = "the rate falls exponentially, smoothly or in stairs",
             .options = options,
             .options_size = sizeof(ExponentialOptions)},
    .factor = factor,
};
