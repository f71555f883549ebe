/* Cross-entropy between a distribution over classes and the predicted one.
 *
 * Formula     loss = -sum_i s_i ln p_i,   s = (1 - smoothing) t + smoothing / M
 *             from logits z: ln p_i = (z_i - max z) - ln sum_j exp(z_j - max z),
 *             gradient = p_i sum_j s_j - s_i
 *             from probabilities: p is divided by its row sum and kept within 1e-7 and 1 - 1e-7
 * Source      Goodfellow, Bengio, Courville 2016, section 6.2.2.3; Keras, CategoricalCrossentropy
 */

#include "math/transcendental.h"
#include "math/vectorised.h"
#include "model/losses/probability.h"
#include "model/losses/rows.h"
#include "model/losses/smoothing.h"

/* exp(z_i - largest) of all outputs into `out`, if that is wanted; returns their sum. */
VECTORISED_PART real exponentials(const LossRow *row, real largest, real *out) {
  real sum = 0;
  if (out) {
    for (size_t i = 0; i < row->m; i++) out[i] = real_exp(row->output[i] - largest);
    for (size_t i = 0; i < row->m; i++) sum += out[i];
  } else {
    for (size_t i = 0; i < row->m; i++) sum += real_exp(row->output[i] - largest);
  }
  return sum;
}

VECTORISED_PART double from_logits(const void *options, const LossRow *row) {
  const real *z = row->output, *t = row->target;
  real largest = z[0];
  for (size_t i = 1; i < row->m; i++) largest = z[i] > largest ? z[i] : largest;

  /* The gradient's place holds the exponentials until the sum is known. */
  real sum = exponentials(row, largest, row->gradient);
  double log_sum = (double)real_log(sum);

  double loss = 0;
  real weight = 0;
  for (size_t i = 0; i < row->m; i++) {
    real s = smoothed_target(options, t[i], row->m);
    /* An impossible class adds nothing, even where its logit is -infinity. */
    if (s > 0) loss += (double)s * (log_sum - ((double)z[i] - (double)largest));
    weight += s;
  }
  for (size_t i = 0; row->gradient && i < row->m; i++) {
    row->gradient[i] = weight * (row->gradient[i] / sum) - smoothed_target(options, t[i], row->m);
  }
  return loss;
}

VECTORISED_PART double from_probabilities(const void *options, const LossRow *row) {
  const real *p = row->output, *t = row->target, most = 1 - PROBABILITY_MARGIN;
  real sum = 0;
  for (size_t i = 0; i < row->m; i++) sum += p[i];

  double loss = 0;
  real weight = 0;
  for (size_t i = 0; i < row->m; i++) {
    real s = smoothed_target(options, t[i], row->m), q = p[i] / sum;
    bool clipped = probability_is_clipped(q, most);
    if (s > 0) loss -= (double)s * (double)real_log(probability_clip(q, most));
    if (row->gradient) row->gradient[i] = clipped ? 0 : -s / p[i];
    if (!clipped) weight += s;
  }
  for (size_t i = 0; row->gradient && i < row->m; i++) row->gradient[i] += weight / sum;
  return loss;
}

VECTORISED static void evaluate(const void *options, const LossPass *pass) {
  if (pass->from_logits) {
    loss_by_rows(from_logits, options, pass);
  } else {
    loss_by_rows(from_probabilities, options, pass);
  }
}

static const char *const aliases[] = {"categorical_crossentropy",
                                      "sparse_categorical_crossentropy",
                                      "sparse_categorical_cross_entropy",
                                      "CategoricalCrossentropy",
                                      "SparseCategoricalCrossentropy",
                                      "cross_entropy",
                                      NULL};

const LossKind categorical_cross_entropy_loss = {
    .kind = {.name = "categorical_cross_entropy",
             .aliases = aliases,
             .summary = "cross-entropy over classes; targets are class indices or one-hot",
             .options = smoothing_options,
             .options_size = sizeof(SmoothingOptions)},
    .form = TARGET_CLASSES,
    .summary = SUMMARY_MEAN,
    .link = "softmax",
    .threshold = (real)0.5,
    .evaluate = evaluate,
};
