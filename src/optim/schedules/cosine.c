/* A rate that falls along half a cosine and then stays where it arrived.
 *
 * Formula     factor = final + (1 - final) (1 + cos(pi p)) / 2,   p = min(step / decay_steps, 1)
 * Source      Loshchilov, Hutter 2017, eq. 5, without restarts; Keras, CosineDecay, alpha = final
 */

#include "math/portable.h"
#include "optim/schedule.h"

typedef struct CosineOptions {
  ScheduleOptions common;
  int64_t decay_steps;
  double final;
} CosineOptions;

static double factor(const void *options, double step) {
  const CosineOptions *cosine = options;
  double steps = (double)cosine->decay_steps, final = cosine->final;
  double half_turns = step < steps ? step / steps : 1;
  return final + (1 - final) * (0.5 * (1 + portable_cosine_turns(0.5 * half_turns)));
}

static const Option options[] = {
    SCHEDULE_OPTIONS,
    {.key = "decay_steps",
     .type = OPTION_INT,
     .offset = offsetof(CosineOptions, decay_steps),
     .min = 1,
     .max = 1e15,
     .help = "steps over which the rate falls"},
    {.key = "final",
     .type = OPTION_REAL,
     .offset = offsetof(CosineOptions, final),
     .fallback = "0",
     .min = 0,
     .max = 1,
     .help = "the factor at the end and after it"},
    {.key = NULL},
};

static const char *const aliases[] = {"CosineDecay", NULL};

const ScheduleKind cosine_schedule = {
    .kind = {.name = "cosine",
             .aliases = aliases,
             .summary = "the rate falls along half a cosine and then stays",
             .options = options,
             .options_size = sizeof(CosineOptions),
             .short_option = "decay_steps"},
    .factor = factor,
};
