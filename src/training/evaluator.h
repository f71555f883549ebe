#pragma once
/* Evaluation by all ranks together: every sample counts once, whatever the number of ranks.
 *
 * Ranks       collective where a communicator is given
 */

#include "data/samples.h"
#include "distributed/communicator.h"
#include "model/evaluation.h"

typedef struct EvaluatorResult {
  double *values;    /* (model_sum_count): the loss, then the model's metrics */
  Verdict *verdicts; /* (samples): what a model of classes says of each; NULL: not wanted */
} EvaluatorResult;

/* Loss and metrics of the samples, and what the model says of each of them.
 *
 * Range       communicator NULL: this process evaluates everything
 * Ownership   *result points to memory of the caller, which is filled
 * Ranks       collective; the same numbers at all ranks
 */
void evaluate_samples(const Model *model, const real *parameters, const Samples *samples,
                      Communicator *communicator, const EvaluatorResult *result);
