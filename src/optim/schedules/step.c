/* A rate that falls by the same factor every so many steps.
 *
 * Formula     factor = gamma^floor(step / step_size)
 * Source      PyTorch, StepLR
 */

#include <math.h>

#include "math/portable.h"
#include "optim/schedule.h"

typedef struct StepOptions {
  ScheduleOptions common;
  int64_t step_size;
  double gamma;
} StepOptions;

static double factor(const void *options, double step) {
  const StepOptions *stairs = options;
  return portable_integer_power(stairs->gamma, (uint64_t)step / (uint64_t)stairs->step_size);
}

static const Option options[] = {
    SCHEDULE_OPTIONS,
    {.key = "step_size",
     .type = OPTION_INT,
     .offset = offsetof(StepOptions, step_size),
     .min = 1,
     .max = 1e15,
     .help = "steps from one fall of the rate to the next"},
    {.key = "gamma",
     .type = OPTION_REAL,
     .offset = offsetof(StepOptions, gamma),
     .fallback = "0.1",
     .min = 0,
     .max = INFINITY,
     .above_min = true,
     .help = "factor of one fall"},
    {.key = NULL},
};

static const char *const aliases[] = {"StepLR", NULL};

const ScheduleKind step_schedule = {
    .kind = {.name = "step",
             .aliases = aliases,
             .summary = "the rate falls by one factor every so many steps",
             .options = options,
             .options_size = sizeof(StepOptions)},
    .factor = factor,
};
