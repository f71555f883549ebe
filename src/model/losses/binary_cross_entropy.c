/* Cross-entropy of independent yes-or-no outputs.
 *
 * Formula     loss = -1/M sum_m (s_m ln p_m + (1 - s_m) ln(1 - p_m)),
 *             s = (1 - smoothing) t + smoothing / 2
 *             from logits z: each term is max(z, 0) - z s + ln(1 + exp(-|z|)),
 *             its gradient 1 / (1 + exp(-z)) - s
 *             from probabilities: p is kept within 1e-7 and 1 - 1e-7,
 *             the gradient of each term is (p - s) / (p (1 - p))
 * Source      Goodfellow, Bengio, Courville 2016, section 6.2.2.2; Keras, BinaryCrossentropy
 */

#include "math/transcendental.h"
#include "math/vectorised.h"
#include "model/losses/probability.h"
#include "model/losses/rows.h"
#include "model/losses/smoothing.h"

/* Yes and no. */
enum { N_CLASSES = 2 };

static inline ElementLoss from_logit(const void *options, real z, real t) {
  real s = smoothed_target(options, t, N_CLASSES), size = z < 0 ? -z : z;
  real positive = z > 0 ? z : 0, rest = real_log1p(real_exp(-size));
  return (ElementLoss){(positive - z * s) + rest, real_sigmoid(z) - s};
}

static inline ElementLoss from_probability(const void *options, real p, real t) {
  real s = smoothed_target(options, t, N_CLASSES);
  real most = 1 - PROBABILITY_MARGIN, kept = probability_clip(p, most);
  real loss = -(s * real_log(kept) + (1 - s) * real_log(1 - kept));
  real slope = (kept - s) / (kept * (1 - kept));
  return (ElementLoss){loss, probability_is_clipped(p, most) ? 0 : slope};
}

VECTORISED static void evaluate(const void *options, const LossPass *pass) {
  if (pass->from_logits) {
    loss_by_elements(from_logit, options, pass);
  } else {
    loss_by_elements(from_probability, options, pass);
  }
}

static const char *const aliases[] = {"binary_crossentropy", "BinaryCrossentropy", "bce", "BCE",
                                      NULL};

const LossKind binary_cross_entropy_loss = {
    .kind = {.name = "binary_cross_entropy",
             .aliases = aliases,
             .summary = "cross-entropy of outputs that each say yes or no; targets from 0 to 1",
             .options = smoothing_options,
             .options_size = sizeof(SmoothingOptions)},
    .form = TARGET_UNIT,
    .summary = SUMMARY_MEAN,
    .link = "sigmoid",
    .threshold = (real)0.5,
    .evaluate = evaluate,
};
