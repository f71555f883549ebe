#pragma once
/* Backpropagation against central differences of the loss.
 *
 * The gradient under test comes from gradient_compute, shards, blocks and tree included. The
 * differences come from the forward pass alone, of all rows at once, in training mode: dropout
 * keeps its mask, which is a function of seed, epoch and position. Meant for the double build; in
 * float the differences have hardly any digits.
 *
 * Formula     n = (L(w + h) - L(w - h)) / 2h,   h = cbrt(epsilon) (|w| + 1)
 *             error = |a - n| / max(|a|, |n|, floor),   
 *             floor = 1e6 epsilon max(|L|, largest |output|) / cbrt(epsilon)
 *             a by backpropagation, L the batch's loss; below the floor the rounding of L alone
 *             would spoil the sixth digit of n
 * Source      Press et al. 2007, Numerical Recipes, section 5.7 (the step)
 * Range       a derivative jumps where relu, hinge and the like have their kink: an element whose
 *             step crosses one shows an error that is no bug
 */

#include "model/gradient.h"

/* What was found for one tensor. */
typedef struct TensorCheck {
  const ParameterTensor *tensor; /* borrowed from the model */
  size_t n_checked;              /* elements */
  double error;                  /* the largest; NaN if a derivative is not finite */
  size_t worst;                  /* the element that has it */
  double analytic, numeric;      /* its derivatives */
} TensorCheck;

typedef struct GradientCheck {
  double loss;  /* of the batch */
  double error; /* the largest of all tensors */
  size_t n_tensors;
  TensorCheck *tensors; /* in the order of the flat vector */
} GradientCheck;

/* Checks at most `most_per_tensor` elements of every tensor, spread without pattern but always the
 * same ones; 0: all of them.
 *
 * Ownership   gradient_check_release
 */
GradientCheck gradient_check(const Model *model, const Batch *batch, size_t most_per_tensor);

/* Releases the tensors' results and empties the check. */
void gradient_check_release(GradientCheck *check);
