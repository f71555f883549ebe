/* Stochastic gradient descent, with momentum where it is asked for.
 *
 * Formula     w -= lr g;   with momentum: v = momentum v - lr g, w += v;
 *             with nesterov: w += momentum v - lr g
 * Source      Sutskever et al. 2013; Keras, SGD: the velocity contains the learning rate
 */

#include <math.h>

#include "math/vectorised.h"
#include "optim/optimizer.h"

typedef struct SgdOptions {
  OptimizerOptions common;
  double momentum;
  bool nesterov;
} SgdOptions;

static size_t slots(const void *options, const char *names[OPTIMIZER_MOST_SLOTS]) {
  names[0] = "momentum";
  return ((const SgdOptions *)options)->momentum > 0 ? 1 : 0;
}

VECTORISED static void update(const void *options, const UpdateRange *range) {
  const SgdOptions *sgd = options;
  real rate = range->rate, momentum = (real)sgd->momentum;
  const real *restrict g = range->g;
  real *restrict w = range->w, *restrict v = range->slots[0];

  if (momentum == 0) {
    for (size_t i = 0; i < range->count; i++) w[i] -= rate * g[i];
  } else if (!sgd->nesterov) {
    for (size_t i = 0; i < range->count; i++) {
      real velocity = momentum * v[i] - rate * g[i];
      v[i] = velocity;
      w[i] += velocity;
    }
  } else {
    for (size_t i = 0; i < range->count; i++) {
      real velocity = momentum * v[i] - rate * g[i];
      v[i] = velocity;
      w[i] += momentum * velocity - rate * g[i];
    }
  }
}

static const Option options[] = {
    OPTIMIZER_OPTIONS("0.01", "0"),
    {.key = "momentum",
     .type = OPTION_REAL,
     .offset = offsetof(SgdOptions, momentum),
     .fallback = "0",
     .min = 0,
     .max = 1,
     .help = "share of the last step that is kept"},
    {.key = "nesterov",
     .type = OPTION_BOOL,
     .offset = offsetof(SgdOptions, nesterov),
     .fallback = "false",
     .help = "look ahead by the momentum"},
    {.key = NULL},
};

static const char *const aliases[] = {"SGD", NULL};

const OptimizerKind sgd_optimizer = {
    .kind = {.name = "sgd",
             .aliases = aliases,
             .summary = "gradient descent, with or without momentum",
             .options = options,
             .options_size = sizeof(SgdOptions)},
    .slots = slots,
    .update = update,
};
