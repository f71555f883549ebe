/* Mean squared error, and its root.
 *
 * Formula     loss = 1/M sum_m (p_m - t_m)^2,   gradient = 2/M (p_m - t_m);
 *             with `half` both are halved, as in textbooks
 *             root: the same per sample; the batch's value is the root of the mean over samples
 * Source      Goodfellow, Bengio, Courville 2016, eq. 5.4; Keras, MeanSquaredError and
 *             RootMeanSquaredError
 */

#include "config/options.h"
#include "math/vectorised.h"
#include "model/losses/rows.h"

typedef struct SquaredErrorOptions {
  bool half;
} SquaredErrorOptions;

static inline ElementLoss squared_error(const void *options, real p, real t) {
  (void)options;
  real error = p - t;
  return (ElementLoss){error * error, 2 * error};
}

static inline ElementLoss half_squared_error(const void *options, real p, real t) {
  (void)options;
  real error = p - t;
  return (ElementLoss){error * error / 2, error};
}

VECTORISED static void evaluate_mean(const void *options, const LossPass *pass) {
  if (((const SquaredErrorOptions *)options)->half) {
    loss_by_elements(half_squared_error, options, pass);
  } else {
    loss_by_elements(squared_error, options, pass);
  }
}

VECTORISED static void evaluate_root(const void *options, const LossPass *pass) {
  loss_by_elements(squared_error, options, pass);
}

static const Option mean_options[] = {
    {.key = "half",
     .type = OPTION_BOOL,
     .offset = offsetof(SquaredErrorOptions, half),
     .fallback = "false",
     .help = "multiply by 1/2, as textbooks do"},
    {.key = NULL},
};

static const char *const mean_aliases[] = {"mse", "MSE", "MeanSquaredError", NULL};
static const char *const root_aliases[] = {"rmse", "RMSE", "RootMeanSquaredError", NULL};

const LossKind mean_squared_error_loss = {
    .kind = {.name = "mean_squared_error",
             .aliases = mean_aliases,
             .summary = "mean of the squared differences",
             .options = mean_options,
             .options_size = sizeof(SquaredErrorOptions)},
    .form = TARGET_NUMBERS,
    .summary = SUMMARY_MEAN,
    .threshold = (real)0.5,
    .evaluate = evaluate_mean,
};

const LossKind root_mean_squared_error_loss = {
    .kind = {.name = "root_mean_squared_error",
             .aliases = root_aliases,
             .summary = "root of the mean of the squared differences"},
    .form = TARGET_NUMBERS,
    .summary = SUMMARY_ROOT_MEAN,
    .threshold = (real)0.5,
    .evaluate = evaluate_root,
};
