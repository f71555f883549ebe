#pragma once
/* Measures the gradient noise scale of a step: computes the gradient of every shard once more, by
 * itself, and compares their norms with the batch's (math/noise_scale.h).
 *
 * A shard's norm is found by the rank that carries it and does not depend on which rank that is, so
 * the scale has the same bits on any number of ranks.
 */

#include "distributed/communicator.h"
#include "distributed/shard_plan.h"
#include "math/noise_scale.h"
#include "model/gradient.h"

typedef struct NoiseProbe NoiseProbe;

/* Range       two shards or more; batch_rows: the most samples of a batch
 * Ownership   noise_probe_destroy; model, communicator and plan must outlive it
 * Ranks       local
 */
NoiseProbe *noise_probe_create(const Model *model, Communicator *communicator,
                               const ShardPlan *plan, size_t batch_rows, size_t target_width);

/* Bytes of memory that it takes. Ranks: local. */
size_t noise_probe_memory_bytes(const NoiseProbe *probe);

/* Releases it; NULL is fine. Ranks: local. */
void noise_probe_destroy(NoiseProbe *probe);

/* Takes a batch into the running means; a batch that fills a single shard tells nothing.
 *
 * Range       batch_norm: the squared norm of the mean gradient of the batch
 * Ranks       collective
 */
void noise_probe_measure(NoiseProbe *probe, const Batch *batch, double batch_norm,
                         NoiseScale *scale);
