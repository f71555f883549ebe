/* Mean absolute error.
 *
 * Formula     loss = 1/M sum_m |p_m - t_m|,   gradient = 1/M sign(p_m - t_m), sign(0) = 0
 * Source      Willmott and Matsuura 2005; Keras, MeanAbsoluteError
 */

#include "math/vectorised.h"
#include "model/losses/rows.h"

static inline ElementLoss absolute_error(const void *options, real p, real t) {
  (void)options;
  real error = p - t, sign = (real)((error > 0) - (error < 0));
  return (ElementLoss){error < 0 ? -error : error, sign};
}

VECTORISED static void evaluate(const void *options, const LossPass *pass) {
  loss_by_elements(absolute_error, options, pass);
}

static const char *const aliases[] = {"mae", "MAE", "MeanAbsoluteError", NULL};

const LossKind mean_absolute_error_loss = {
    .kind = {.name = "mean_absolute_error",
             .aliases = aliases,
             .summary = "mean of the absolute differences"},
    .form = TARGET_NUMBERS,
    .summary = SUMMARY_MEAN,
    .threshold = (real)0.5,
    .evaluate = evaluate,
};
