/* Hinge loss of outputs whose sign is the answer.
 *
 * Formula     loss = 1/M sum_m max(0, 1 - y_m p_m),   y = 1 where t > 0, else -1
 *             gradient = -y_m / M where y_m p_m < 1, else 0
 * Source      Cortes and Vapnik 1995; Keras, Hinge
 */

#include "math/vectorised.h"
#include "model/losses/rows.h"

static inline ElementLoss hinge(const void *options, real p, real t) {
  (void)options;
  real y = t > 0 ? 1 : -1, margin = y * p;
  /* Written so that NaN passes through. */
  return (ElementLoss){margin >= 1 ? 0 : 1 - margin, margin >= 1 ? 0 : -y};
}

VECTORISED static void evaluate(const void *options, const LossPass *pass) {
  loss_by_elements(hinge, options, pass);
}

static const char *const aliases[] = {"Hinge", NULL};

const LossKind hinge_loss = {
    .kind = {.name = "hinge",
             .aliases = aliases,
             .summary = "1 - y p where that is positive; targets are 0 or 1, or -1 or 1"},
    .form = TARGET_SIGNS,
    .summary = SUMMARY_MEAN,
    .threshold = 0,
    .evaluate = evaluate,
};
