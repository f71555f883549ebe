#pragma once
/* Whether the ranks of a run pool their rows (model/pooled_gradient.h).
 *
 * Ranks       local: every rank comes to the same answer
 */

#include "training/run.h"

/* Finds the memory that a pool needs: 0 where rows are better not pooled, or cannot be.
 *
 * Formula     pooling pays where a rank moves fewer numbers: per layer (n - n / R) (D / R + M) that
 *             it reads, which count twice, since they are packed for a product once more, against
 *             the whole gradient written and a slice of the R - 1 others' read, P (2 - 1 / R)
 * Errors      ERR_CONFIG where training.reduction asks for pooling that is impossible
 */
Status pooling_choose(const Run *run, size_t *elements);

/* The most rows of a batch that this rank carries. */
size_t pooling_most_rows(const Run *run);
