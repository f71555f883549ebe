/* RMSprop: steps divided by a moving root mean square of the gradient.
 *
 * Formula     s = rho s + (1 - rho) g^2
 *             d = s;   with centered: a = rho a + (1 - rho) g, d = max(s - a^2, 0)
 *             u = lr g / sqrt(d + epsilon)
 *             w -= u;   with momentum: v = momentum v + u, w -= v
 * Source      Tieleman and Hinton 2012, lecture 6.5; Keras, RMSprop: epsilon lies under the root
 */

#include <math.h>

#include "math/vectorised.h"
#include "optim/optimizer.h"

typedef struct RmspropOptions {
  OptimizerOptions common;
  double rho;
  double momentum;
  double epsilon;
  bool centered;
} RmspropOptions;

static size_t slots(const void *options, const char *names[OPTIMIZER_MOST_SLOTS]) {
  const RmspropOptions *rmsprop = options;
  size_t count = 0;
  names[count++] = "velocity";
  if (rmsprop->momentum > 0) names[count++] = "momentum";
  if (rmsprop->centered) names[count++] = "average_gradient";
  return count;
}

/* The rule. Its callers pass constants, so that each gets a vector loop without branches. */
static inline void update_form(const RmspropOptions *options, const UpdateRange *range,
                               bool has_momentum, bool centered) {
  real rho = (real)options->rho, rest = (real)(1 - options->rho), epsilon = (real)options->epsilon;
  real rate = range->rate, momentum = (real)options->momentum;
  const real *restrict g = range->g;
  real *restrict w = range->w, *restrict s = range->slots[0];
  real *restrict v = range->slots[1], *restrict a = range->slots[has_momentum ? 2 : 1];
  for (size_t i = 0; i < range->count; i++) {
    real d = rho * s[i] + rest * (g[i] * g[i]);
    s[i] = d;
    if (centered) {
      // A variance: under gradients that hardly change, rounding alone could make it negative.
      real mean = rho * a[i] + rest * g[i];
      a[i] = mean;
      d -= mean * mean;
      d = d < 0 ? 0 : d;
    }
    real u = rate * g[i] / real_root(d + epsilon);
    if (has_momentum) {
      u = momentum * v[i] + u;
      v[i] = u;
    }
    w[i] -= u;
  }
}

VECTORISED static void update(const void *options, const UpdateRange *range) {
  const RmspropOptions *rmsprop = options;
  bool has_momentum = rmsprop->momentum > 0;
  if (has_momentum && rmsprop->centered) {
    update_form(rmsprop, range, true, true);
  } else if (has_momentum) {
    update_form(rmsprop, range, true, false);
  } else if (rmsprop->centered) {
    update_form(rmsprop, range, false, true);
  } else {
    update_form(rmsprop, range, false, false);
  }
}

static const Option options[] = {
    OPTIMIZER_OPTIONS("0.001", "0"),
    {.key = "rho",
     .type = OPTION_REAL,
     .offset = offsetof(RmspropOptions, rho),
     .fallback = "0.9",
     .min = 0,
     .max = 1,
     .below_max = true,
     .help = "share of the moving average that is kept"},
    {.key = "momentum",
     .type = OPTION_REAL,
     .offset = offsetof(RmspropOptions, momentum),
     .fallback = "0",
     .min = 0,
     .max = 1,
     .help = "share of the last step that is kept"},
    {.key = "epsilon",
     .type = OPTION_REAL,
     .offset = offsetof(RmspropOptions, epsilon),
     .fallback = "1e-7",
     .min = 0,
     .max = 1,
     .above_min = true, /* or 0 / 0 where there is no gradient */
     .help = "added under the root"},
    {.key = "centered",
     .type = OPTION_BOOL,
     .offset = offsetof(RmspropOptions, centered),
     .fallback = "false",
     .help = "divide by the deviation, not by the root mean square"},
    {.key = NULL},
};

static const char *const aliases[] = {"RMSprop", NULL};

const OptimizerKind rmsprop_optimizer = {
    .kind = {.name = "rmsprop",
             .aliases = aliases,
             .summary = "steps divided by a moving root mean square of the gradient",
             .options = options,
             .options_size = sizeof(RmspropOptions)},
    .slots = slots,
    .update = update,
};
