/* Hinge loss over classes: the right class has to lead by 1.
 *
 * Formula     loss = max(0, 1 + w - r),   r = sum_i t_i p_i,   w = max_i (1 - t_i) p_i
 *             gradient_i = (1 - t_i, where i is the first maximum, else 0) - t_i; 0 without loss
 * Source      Crammer and Singer 2001; Keras, CategoricalHinge: so w is at least the 0 of the right
 *             class
 */

#include "math/vectorised.h"
#include "model/losses/rows.h"

static double hinge(const void *options, const LossRow *row) {
  (void)options;
  const real *p = row->output, *t = row->target;
  double right = 0, wrong = -INFINITY;
  size_t rival = 0;
  for (size_t i = 0; i < row->m; i++) {
    right += (double)t[i] * (double)p[i];
    double against = (1 - (double)t[i]) * (double)p[i];
    if (against > wrong) {
      wrong = against;
      rival = i;
    }
  }

  /* Written so that NaN passes through. */
  double loss = 1 + wrong - right;
  bool leads = loss <= 0;
  if (row->gradient) {
    for (size_t i = 0; i < row->m; i++) row->gradient[i] = leads ? 0 : -t[i];
    if (!leads) row->gradient[rival] += 1 - t[rival];
  }
  return leads ? 0 : loss;
}

VECTORISED static void evaluate(const void *options, const LossPass *pass) {
  loss_by_rows(hinge, options, pass);
}

static const char *const aliases[] = {"CategoricalHinge", NULL};

const LossKind categorical_hinge_loss = {
    .kind = {.name = "categorical_hinge",
             .aliases = aliases,
             .summary = "how far the right class is from leading by 1"},
    .form = TARGET_CLASSES,
    .summary = SUMMARY_MEAN,
    .threshold = (real)0.5,
    .evaluate = evaluate,
};
