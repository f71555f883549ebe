#pragma once
/* How losses go through a pass: sample by sample, and within a sample output by output.
 *
 * Inline, as the functions that they take should be: gcc then puts those into the loops.
 */

#include "model/loss.h"

/* One sample of a pass. */
typedef struct LossRow {
  size_t m;
  const real *output; /* (M) */
  const real *target; /* (M) */
  real *gradient;     /* (M); NULL: not wanted */
} LossRow;

/* The sample of this index. */
static inline LossRow loss_row(const LossPass *pass, size_t sample) {
  size_t begin = sample * pass->m;
  return (LossRow){.m = pass->m,
                   .output = pass->output + begin,
                   .target = pass->target + begin,
                   .gradient = pass->gradient ? pass->gradient + begin : NULL};
}

/* Returns the loss of one sample and fills its gradient. */
typedef double (*RowFunction)(const void *options, const LossRow *row);

/* Evaluates a loss that is a function of a sample's outputs and targets. */
static inline void loss_by_rows(RowFunction function, const void *options, const LossPass *pass) {
  for (size_t i = 0; i < pass->n; i++) {
    LossRow row = loss_row(pass, i);
    pass->losses[i] = function(options, &row);
  }
}

/* What one output of a sample adds: f(o, t) and its derivative by o. */
typedef struct ElementLoss {
  real loss;
  real gradient;
} ElementLoss;

typedef ElementLoss (*ElementFunction)(const void *options, real output, real target);

/* Outputs that are worked off at a time, so that all but the sum vectorises. */
enum { ELEMENT_CHUNK = 64 };

/* The sum of f over one sample; gradients are multiplied by `share`. */
static inline double loss_of_elements(ElementFunction function, const void *options,
                                      const LossRow *row, real share) {
  double sum = 0;
  for (size_t begin = 0; begin < row->m; begin += ELEMENT_CHUNK) {
    size_t width = row->m - begin < ELEMENT_CHUNK ? row->m - begin : ELEMENT_CHUNK;
    const real *output = row->output + begin, *target = row->target + begin;
    ElementLoss elements[ELEMENT_CHUNK];
    for (size_t i = 0; i < width; i++) elements[i] = function(options, output[i], target[i]);
    for (size_t i = 0; i < width; i++) sum += (double)elements[i].loss;
    for (size_t i = 0; row->gradient && i < width; i++) {
      row->gradient[begin + i] = share * elements[i].gradient;
    }
  }
  return sum;
}

/* Evaluates a loss that is the mean over a sample's outputs of a function of one output and target.
 *
 * Formula     loss = 1/M sum_m f(o_m, t_m),   gradient_m = 1/M df/do_m
 */
static inline void loss_by_elements(ElementFunction function, const void *options,
                                    const LossPass *pass) {
  for (size_t i = 0; i < pass->n; i++) {
    LossRow row = loss_row(pass, i);
    real share = 1 / (real)pass->m;
    pass->losses[i] = loss_of_elements(function, options, &row, share) / (double)pass->m;
  }
}
