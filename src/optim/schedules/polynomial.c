/* A rate that falls along a power of the steps that are left, and then stays where it arrived.
 *
 * Formula     factor = final + (1 - final) (1 - p)^power,   p = min(step / decay_steps, 1)
 * Source      Keras, PolynomialDecay, end_learning_rate = final times the rate; power 1: a straight
 *             line; Liu, Rabinovich, Berg 2015, section 3.1, for the name
 */

#include <math.h>

#include "math/portable.h"
#include "optim/schedule.h"

typedef struct PolynomialOptions {
  ScheduleOptions common;
  int64_t decay_steps;
  double final, power;
} PolynomialOptions;

static double factor(const void *options, double step) {
  const PolynomialOptions *polynomial = options;
  double steps = (double)polynomial->decay_steps, final = polynomial->final;
  if (step >= steps) return final;
  return final + (1 - final) * portable_power(1 - step / steps, polynomial->power);
}

static const Option options[] = {
    SCHEDULE_OPTIONS,
    {.key = "decay_steps",
     .type = OPTION_INT,
     .offset = offsetof(PolynomialOptions, decay_steps),
     .min = 1,
     .max = 1e15,
     .help = "steps over which the rate falls"},
    {.key = "final",
     .type = OPTION_REAL,
     .offset = offsetof(PolynomialOptions, final),
     .fallback = "0",
     .min = 0,
     .max = 1,
     .help = "the factor at the end and after it"},
    {.key = "power",
     .type = OPTION_REAL,
     .offset = offsetof(PolynomialOptions, power),
     .fallback = "1",
     .min = 0,
     .max = INFINITY,
     .above_min = true,
     .help = "1 falls along a straight line, more falls faster at first"},
    {.key = NULL},
};

static const char *const aliases[] = {"PolynomialDecay", NULL};

const ScheduleKind polynomial_schedule = {
    .kind = {.name = "polynomial",
             .aliases = aliases,
             .summary = "the rate falls along a power of the steps left and then stays",
             .options = options,
             .options_size = sizeof(PolynomialOptions),
             .short_option = "decay_steps"},
    .factor = factor,
};
