/* The same rate throughout.
 *
 * Formula     factor = 1
 * Source      Goodfellow, Bengio, Courville 2016, algorithm 8.1 with a fixed rate
 */

#include "optim/schedule.h"

static double factor(const void *options, double step) {
  (void)options, (void)step;
  return 1;
}

static const Option options[] = {
    SCHEDULE_OPTIONS,
    {.key = NULL},
};

const ScheduleKind constant_schedule = {
    .kind = {.name = "constant",
             .summary = "the same rate throughout",
             .options = options,
             .options_size = sizeof(ScheduleOptions)},
    .factor = factor,
};
