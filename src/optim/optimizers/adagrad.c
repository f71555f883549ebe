/* Adagrad: steps divided by the root of the sum of all squared gradients so far.
 *
 * Formula     s += g^2;   w -= lr g / sqrt(s + epsilon);   s begins at initial_accumulator_value
 * Source      Duchi, Hazan, Singer 2011, figure 1; Keras, Adagrad: epsilon lies under the root
 */

#include <math.h>

#include "math/vectorised.h"
#include "optim/optimizer.h"

typedef struct AdagradOptions {
  OptimizerOptions common;
  double initial_accumulator_value;
  double epsilon;
} AdagradOptions;

static size_t slots(const void *options, const char *names[OPTIMIZER_MOST_SLOTS]) {
  (void)options;
  names[0] = "accumulator";
  return 1;
}

static real initial(const void *options) {
  return (real)((const AdagradOptions *)options)->initial_accumulator_value;
}

VECTORISED static void update(const void *options, const UpdateRange *range) {
  real rate = range->rate, epsilon = (real)((const AdagradOptions *)options)->epsilon;
  const real *restrict g = range->g;
  real *restrict w = range->w, *restrict s = range->slots[0];
  for (size_t i = 0; i < range->count; i++) {
    real sum = s[i] + g[i] * g[i];
    s[i] = sum;
    w[i] -= rate * g[i] / real_root(sum + epsilon);
  }
}

static const Option options[] = {
    OPTIMIZER_OPTIONS("0.001", "0"),
    {.key = "initial_accumulator_value",
     .type = OPTION_REAL,
     .offset = offsetof(AdagradOptions, initial_accumulator_value),
     .fallback = "0.1",
     .min = 0,
     .max = INFINITY,
     .help = "what the sum of squared gradients begins with"},
    {.key = "epsilon",
     .type = OPTION_REAL,
     .offset = offsetof(AdagradOptions, epsilon),
     .fallback = "1e-7",
     .min = 0,
     .max = 1,
     .above_min = true, /* or 0 / 0 where there is no gradient */
     .help = "added under the root"},
    {.key = NULL},
};

static const char *const aliases[] = {"Adagrad", NULL};

const OptimizerKind adagrad_optimizer = {
    .kind = {.name = "adagrad",
             .aliases = aliases,
             .summary = "steps divided by the root of the sum of all squared gradients",
             .options = options,
             .options_size = sizeof(AdagradOptions)},
    .slots = slots,
    .initial = initial,
    .update = update,
};
