/* Huber's loss: squared for small differences, linear for large ones.
 *
 * Formula     loss = 1/M sum_m f(p_m - t_m),   gradient = 1/M c,   f(e) = c (e - c / 2),
 *             c = e kept within -delta and delta: f is e^2 / 2, or delta |e| - delta^2 / 2
 * Source      Huber 1964; Keras, Huber
 */

#include "config/options.h"
#include "math/vectorised.h"
#include "model/losses/rows.h"

typedef struct HuberOptions {
  double delta;
} HuberOptions;

static inline ElementLoss huber(const void *options, real p, real t) {
  real delta = (real)((const HuberOptions *)options)->delta, error = p - t;
  real kept = error < -delta ? -delta : error;
  kept = kept > delta ? delta : kept;
  return (ElementLoss){kept * (error - kept / 2), kept};
}

VECTORISED static void evaluate(const void *options, const LossPass *pass) {
  loss_by_elements(huber, options, pass);
}

static const Option options[] = {
    {.key = "delta",
     .type = OPTION_REAL,
     .offset = offsetof(HuberOptions, delta),
     .fallback = "1",
     .min = 0,
     .max = INFINITY,
     .above_min = true,
     .help = "the difference from which on the loss is linear"},
    {.key = NULL},
};

static const char *const aliases[] = {"Huber", "huber_loss", NULL};

const LossKind huber_loss = {
    .kind = {.name = "huber",
             .aliases = aliases,
             .summary = "squared up to delta, linear beyond",
             .options = options,
             .options_size = sizeof(HuberOptions),
             .short_option = "delta"},
    .form = TARGET_NUMBERS,
    .summary = SUMMARY_MEAN,
    .threshold = (real)0.5,
    .evaluate = evaluate,
};
