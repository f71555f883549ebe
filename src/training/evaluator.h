#pragma once
/* Evaluation by all ranks together: every sample counts once, whatever the number of ranks.
 *
 * Ranks       collective where a communicator is given
 */

#include "data/samples.h"
#include "distributed/communicator.h"
#include "model/evaluation.h"

/* Loss and metrics of the samples.
 *
 * Shapes      values (model_sum_count): the loss, then the model's metrics
 * Range       communicator NULL: this process evaluates everything
 * Ranks       collective; the same numbers at all ranks
 */
void evaluate_samples(const Model *model, const real *parameters, const Samples *samples,
                      Communicator *communicator, double *values);
