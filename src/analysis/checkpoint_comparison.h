#pragma once
/* What two checkpoints have in common, and where they differ: configuration, progress, parameters
 * and optimizer slots, element by element.
 *
 * Ranks       local
 */

#include <stdbool.h>
#include <stddef.h>

#include "config/value_differences.h"
#include "analysis/trained_model.h"

/* A tensor of the parameters or of an optimizer slot, in one of the two or in both. */
typedef struct TensorComparison {
  const char *slot;  /* borrowed from the optimizer's kind; NULL: of the parameters */
  const char *layer; /* borrowed from the models */
  const char *name;
  const Shape *shape_a, *shape_b; /* borrowed; NULL where one of them does not have it */

  /* Of tensors of equal shape in both; else 0. */
  size_t count, n_different;                 /* elements; those with other bits */
  double largest_absolute, largest_relative; /* infinite where a number is not finite */
} TensorComparison;

typedef struct CheckpointComparison {
  ValueDifferences config;
  ValueDifferences progress;
  size_t n_tensors;
  TensorComparison *tensors; /* parameters, then slot after slot, in the order of the map */
  bool equal; /* training would go on to the same bits: no tensor differs, nor the progress, nor an
                 option that a result depends on */
} CheckpointComparison;

/* Compares two opened checkpoints, which must outlive the outcome.
 *
 * Formula     absolute = |a - b|,  relative = |a - b| / max(|a|, |b|)
 * Ownership   *out is released with checkpoint_comparison_release
 * Errors      as checkpoint_read_slot; *out is then empty
 */
Status checkpoint_compare(const TrainedModel *a, const TrainedModel *b, CheckpointComparison *out);

/* True if both have the tensor in the same shape, and every element has the same bits. */
bool tensor_comparison_is_equal(const TensorComparison *tensor);

/* Releases the outcome and empties it. */
void checkpoint_comparison_release(CheckpointComparison *comparison);
