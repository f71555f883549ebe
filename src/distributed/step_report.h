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

/* Exchanges the shards' numbers and adds them in tree order.
 *
 * Shapes      sums (n_sums)
 * Range       n_rows: samples of the batch; *stop: this rank's wish, then whether any has it;
 *             before the next exchange all ranks of the group must have waited for each other once
 *             more, as the publication of the parameters does
 * Ranks       collective
 */
void step_report_exchange(StepReport *report, size_t n_rows, bool *stop, double *sums);
