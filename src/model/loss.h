#pragma once
/* Losses: what training makes small.
 *
 * A kind is one file in model/losses/ and one row in model/loss_kinds.c. Every kind sees
 * predictions and targets as (N,M); class indices arrive one-hot (model/target.h). It gives one
 * number per sample and the gradient of their sum; what the whole batch makes of the sum of all
 * samples, a mean or the root of one, is `summary`.
 */

#include <stdbool.h>
#include <stddef.h>

#include "config/kind.h"
#include "math/real.h"

/* What targets a loss accepts. */
typedef enum TargetForm {
  TARGET_NUMBERS, /* any finite numbers */
  TARGET_CLASSES, /* a distribution over M classes, or a class index */
  TARGET_UNIT,    /* numbers from 0 to 1 */
  TARGET_SIGNS,   /* 0 or 1, or -1 or 1 */
} TargetForm;

/* What becomes of a sum over samples. */
typedef enum Summary {
  SUMMARY_MEAN,      /* sum / weights */
  SUMMARY_ROOT_MEAN, /* sqrt(sum / weights) */
  SUMMARY_MEDIAN,    /* the middle of all samples; of metrics alone */
} Summary;

typedef struct LossPass {
  size_t n, m;
  bool from_logits;   /* output is what goes into the last activation, LossKind.link */
  const real *output; /* (N,M) predictions, or logits */
  const real *target; /* (N,M) */
  double *losses;     /* (N) per sample */
  real *gradient;     /* (N,M) of the sum of the losses with respect to output; NULL: not wanted */
} LossPass;

typedef struct LossKind {
  Kind kind;
  TargetForm form;
  Summary summary;
  const char *link; /* the activation that is computed together with the loss in one numerically
                       safe pass from the logits when it comes last; or NULL */
  real threshold;   /* an output above it means "yes", for accuracy with one output */
  void (*evaluate)(const void *options, const LossPass *pass);
} LossKind;

extern const KindTable loss_kinds;

/* The value of a sum over samples.
 *
 * Formula     mean: sum / weights;   root of a mean: sqrt(sum / weights)
 * Range       weights = 0 gives NaN
 */
double summary_value(Summary summary, double sum, double weights);

/* The factor that turns the gradient of the sum into the gradient of the value.
 *
 * Formula     mean: 1 / weights;   root of a mean: 1 / (2 weights sqrt(sum / weights)), chain rule
 * Range       0 where the root is 0
 */
double summary_factor(Summary summary, double sum, double weights);
