#pragma once
/* How good a trained model is on samples: its loss and metrics, and, where it tells classes, which
 * it takes for which.
 *
 * Ranks       collective where a communicator is given
 */

#include "data/samples.h"
#include "distributed/communicator.h"
#include "model/classification.h"
#include "analysis/trained_model.h"

typedef struct Assessment {
  size_t n_samples;
  double *values;                 /* (model_sum_count): the loss, then the model's metrics */
  Classification *classification; /* NULL: the model gives numbers, not classes */
} Assessment;

/* Looks at the samples, each once.
 *
 * Range       communicator NULL: this process does it alone
 * Ownership   the result is released with assessment_release
 * Ranks       collective; the same at all ranks, and on any number of them
 */
Assessment assess(const TrainedModel *model, const Samples *samples, Communicator *communicator);

/* Releases everything. Ranks: local. */
void assessment_release(Assessment *assessment);
