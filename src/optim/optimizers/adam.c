/* Adam and AdamW: a moving mean of the gradient, divided by its moving root mean square.
 *
 * Formula     m += (1 - beta_1) (g - m);   v += (1 - beta_2) (g^2 - v)
 *             d = v;   with amsgrad: d = max(d of the last update, v)
 *             w -= lr sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(d) + epsilon), t = 1, 2, ...
 *             AdamW is Adam with weight decay by default, which optim/optimizer.h applies
 * Source      Kingma, Ba 2015, section 2; Reddi, Kale, Kumar 2018, algorithm 2; Loshchilov, Hutter
 *             2019, algorithm 2; Keras, Adam: epsilon is added before v is corrected, in PyTorch
 *             after it, so the two differ where sqrt(v) is near epsilon
 */

#include <math.h>

#include "math/portable.h"
#include "math/vectorised.h"
#include "optim/optimizer.h"

typedef struct AdamOptions {
  OptimizerOptions common;
  double beta_1;
  double beta_2;
  double epsilon;
  bool amsgrad;
} AdamOptions;

static size_t slots(const void *options, const char *names[OPTIMIZER_MOST_SLOTS]) {
  names[0] = "momentum";
  names[1] = "velocity";
  names[2] = "velocity_hat";
  return ((const AdamOptions *)options)->amsgrad ? 3 : 2;
}

/* The learning rate with the corrections for both means, which begin at 0 and so are too small. */
static double corrected_rate(const void *options, double learning_rate, uint64_t step) {
  const AdamOptions *adam = options;
  double m_share = 1 - portable_integer_power(adam->beta_1, step);
  double v_share = 1 - portable_integer_power(adam->beta_2, step);
  return learning_rate * sqrt(v_share) / m_share;
}

/* The rule. Its callers pass a constant, so that each gets a vector loop without the branch. */
static inline void update_form(const AdamOptions *options, const UpdateRange *range, bool amsgrad) {
  real rest_1 = (real)(1 - options->beta_1), rest_2 = (real)(1 - options->beta_2);
  real rate = range->rate, epsilon = (real)options->epsilon;
  const real *restrict g = range->g;
  real *restrict w = range->w, *restrict m = range->slots[0], *restrict v = range->slots[1];
  real *restrict largest = range->slots[2];
  for (size_t i = 0; i < range->count; i++) {
    real mean = m[i] + rest_1 * (g[i] - m[i]);
    real square = v[i] + rest_2 * (g[i] * g[i] - v[i]);
    m[i] = mean;
    v[i] = square;
    if (amsgrad) {
      square = largest[i] > square ? largest[i] : square;
      largest[i] = square;
    }
    w[i] -= rate * mean / (real_root(square) + epsilon);
  }
}

VECTORISED static void update(const void *options, const UpdateRange *range) {
  const AdamOptions *adam = options;
  if (adam->amsgrad) {
    update_form(adam, range, true);
  } else {
    update_form(adam, range, false);
  }
}

#define ADAM_OPTIONS(weight_decay_text)                                                            \
  OPTIMIZER_OPTIONS("0.001", weight_decay_text),                                                   \
      {.key = "beta_1",                                                                            \
       .type = OPTION_REAL,                                                                        \
       .offset = offsetof(AdamOptions, beta_1),                                                    \
       .fallback = "0.9",                                                                          \
       .min = 0,                                                                                   \
       .max = 1,                                                                                   \
       .below_max = true,                                                                          \
       .help = "share of the moving mean of the gradient that is kept"},                           \
      {.key = "beta_2",                                                                            \
       .type = OPTION_REAL,                                                                        \
       .offset = offsetof(AdamOptions, beta_2),                                                    \
       .fallback = "0.999",                                                                        \
       .min = 0,                                                                                   \
       .max = 1,                                                                                   \
       .below_max = true,                                                                          \
       .help = "share of the moving mean of the squared gradient that is kept"},                   \
      {.key = "epsilon",                                                                           \
       .type = OPTION_REAL,                                                                        \
       .offset = offsetof(AdamOptions, epsilon),                                                   \
       .fallback = "1e-7",                                                                         \
       .min = 0,                                                                                   \
       .max = 1,                                                                                   \
       .above_min = true, /* or 0 / 0 where there is no gradient */                                \
       .help = "added to the root"},                                                               \
  {                                                                                                \
    .key = "amsgrad", .type = OPTION_BOOL, .offset = offsetof(AdamOptions, amsgrad),               \
    .fallback = "false", .help = "divide by the largest root mean square so far"                   \
  }

static const Option adam_options[] = {ADAM_OPTIONS("0"), {.key = NULL}};
static const Option adamw_options[] = {ADAM_OPTIONS("0.004"), {.key = NULL}};

static const char *const adam_aliases[] = {"Adam", NULL};
static const char *const adamw_aliases[] = {"AdamW", NULL};

const OptimizerKind adam_optimizer = {
    .kind = {.name = "adam",
             .aliases = adam_aliases,
             .summary = "mean of the gradient, divided by its root mean square, both moving",
             .options = adam_options,
             .options_size = sizeof(AdamOptions)},
    .slots = slots,
    .rate = corrected_rate,
    .update = update,
};

const OptimizerKind adamw_optimizer = {
    .kind = {.name = "adamw",
             .aliases = adamw_aliases,
             .summary = "Adam with a weight decay that its division does not touch",
             .options = adamw_options,
             .options_size = sizeof(AdamOptions)},
    .slots = slots,
    .rate = corrected_rate,
    .update = update,
};
