/* Kullback-Leibler divergence of the predicted distribution from the target's.
 *
 * Formula     loss = sum_i t_i ln(t_i / p_i),   gradient = -t_i / p_i;   t_i = 0 adds nothing;
 *             p is kept within 1e-7 and 1, and not divided by its sum
 * Source      Kullback and Leibler 1951; Keras, KLDivergence
 */

#include "math/transcendental.h"
#include "math/vectorised.h"
#include "model/losses/probability.h"
#include "model/losses/rows.h"

static double divergence(const void *options, const LossRow *row) {
  (void)options;
  const real *p = row->output, *t = row->target;
  double loss = 0;
  for (size_t i = 0; i < row->m; i++) {
    real kept = probability_clip(p[i], 1);
    if (t[i] > 0) loss += (double)t[i] * ((double)real_log(t[i]) - (double)real_log(kept));
    if (row->gradient) row->gradient[i] = probability_is_clipped(p[i], 1) ? 0 : -t[i] / kept;
  }
  return loss;
}

VECTORISED static void evaluate(const void *options, const LossPass *pass) {
  loss_by_rows(divergence, options, pass);
}

static const char *const aliases[] = {"kld", "KLD", "kullback_leibler_divergence", "KLDivergence",
                                      NULL};

const LossKind kl_divergence_loss = {
    .kind = {.name = "kl_divergence",
             .aliases = aliases,
             .summary = "divergence of the predicted distribution from the target's"},
    .form = TARGET_CLASSES,
    .summary = SUMMARY_MEAN,
    .threshold = (real)0.5,
    .evaluate = evaluate,
};
