#pragma once
/* What every rank learns of a step besides the gradient: the sums over all samples of the batch,
 * and whether some rank was asked to stop. So all ranks see the same facts at the same step.
 *
 * Ranks       local where it does not say otherwise
 */

#include <stdbool.h>

#include "distributed/communicator.h"
#include "distributed/node_group.h"
#include "distributed/shard_plan.h"

typedef struct StepReport StepReport;

/* Memory for reports of `n_sums` numbers per shard. Where all ranks are of one group they lie in
 * its shared memory, else they travel as messages.
 *
 * Ranks       collective
 * Ownership   step_report_destroy; plan must outlive it
 */
StepReport *step_report_create(Communicator *communicator, NodeGroup *group, const ShardPlan *plan,
                               size_t n_sums);

/* Releases it; NULL is fine. */
void step_report_destroy(StepReport *report);

/* The numbers of all shards, (S, n_sums): each rank writes those of its own. Ranks: local. */
double *step_report_shards(StepReport *report);

/* Hands in whether this rank was asked to stop. Ranks: local. */
void step_report_post(StepReport *report, bool stop);

/* Learns the shards' numbers of all ranks and adds them in tree order; returns whether any rank was
 * asked to stop.
 *
 * Ranks of one group read each other's memory, and spare a step a barrier of its own: they must
 * have waited for each other since step_report_post, as gradient_reduction_exchange does, and do so
 * once more before they write the numbers of the next step, as gradient_reduction_publish does.
 *
 * Shapes      sums (n_sums)
 * Range       n_rows: samples of the batch
 * Ranks       collective
 */
bool step_report_collect(StepReport *report, size_t n_rows, double *sums);
