#include "distributed/step_report.h"

#include <string.h>

#include "base/memory.h"
#include "distributed/mpi_door.h"

struct StepReport {
  Communicator *communicator;
  NodeGroup *group; /* of all ranks; NULL: the report travels as messages */
  const ShardPlan *plan;
  size_t n_sums;
  double *shards; /* (S, n_sums) */
  bool *present;  /* (S) */
  double **stops; /* every rank's wish to stop: in shared memory, or in all_stops */

  /* Messages: a rank's wish to stop, then its rows of `shards`. */
  double *sent, *all, *all_stops;
  int *counts, *offsets;
};

static void prepare_sharing(StepReport *report) {
  const ShardPlan *plan = report->plan;
  void **parts = NEW_ARRAY(void *, plan->n_ranks);
  size_t bytes = plan->n_shards * report->n_sums * sizeof(double);
  node_group_allocate(report->group, plan->rank == 0 ? bytes : 0, parts);
  report->shards = parts[0];
  node_group_allocate(report->group, sizeof(double), (void **)report->stops);
  memory_release(parts);
}

static void prepare_messages(StepReport *report) {
  const ShardPlan *plan = report->plan;
  size_t n_numbers = plan->n_shards * report->n_sums;
  report->shards = NEW_ARRAY(double, n_numbers);
  report->sent = NEW_ARRAY(double, 1 + n_numbers);
  report->all = NEW_ARRAY(double, plan->n_ranks + n_numbers);
  report->all_stops = NEW_ARRAY(double, plan->n_ranks);
  report->counts = NEW_ARRAY(int, plan->n_ranks);
  report->offsets = NEW_ARRAY(int, plan->n_ranks);
  for (size_t r = 0; r < plan->n_ranks; r++) {
    Range leaves = shard_plan_leaves(plan, r);
    report->stops[r] = report->all_stops + r;
    report->counts[r] = as_mpi_count(1 + range_count(leaves) * report->n_sums);
    report->offsets[r] = as_mpi_count(r + leaves.begin * report->n_sums);
  }
}

StepReport *step_report_create(Communicator *communicator, NodeGroup *group, const ShardPlan *plan,
                               size_t n_sums) {
  StepReport *report = NEW(StepReport);
  bool together = node_group_count(group) == 1;
  *report = (StepReport){.communicator = communicator,
                         .group = together ? group : NULL,
                         .plan = plan,
                         .n_sums = n_sums};
  report->present = NEW_ARRAY(bool, plan->n_shards);
  report->stops = NEW_ARRAY(double *, plan->n_ranks);
  if (together) {
    prepare_sharing(report);
  } else {
    prepare_messages(report);
  }
  return report;
}

void step_report_destroy(StepReport *report) {
  if (!report) return;
  if (!report->group) memory_release(report->shards);
  memory_release(report->stops);
  memory_release(report->present);
  memory_release(report->sent);
  memory_release(report->all);
  memory_release(report->all_stops);
  memory_release(report->counts);
  memory_release(report->offsets);
  memory_release(report);
}

double *step_report_shards(StepReport *report) {
  return report->shards;
}

void step_report_post(StepReport *report, bool stop) {
  *report->stops[report->plan->rank] = stop;
}

static void exchange_messages(StepReport *report) {
  const ShardPlan *plan = report->plan;
  size_t n_sums = report->n_sums;
  Range own = shard_plan_leaves(plan, plan->rank);
  report->sent[0] = *report->stops[plan->rank];
  memcpy(report->sent + 1, report->shards + own.begin * n_sums,
         range_count(own) * n_sums * sizeof(double));
  MPI_CHECK(MPI_Allgatherv(report->sent, report->counts[plan->rank], MPI_DOUBLE, report->all,
                           report->counts, report->offsets, MPI_DOUBLE,
                           report->communicator->world));
  for (size_t r = 0; r < plan->n_ranks; r++) {
    Range leaves = shard_plan_leaves(plan, r);
    const double *from = report->all + report->offsets[r];
    *report->stops[r] = from[0];
    memcpy(report->shards + leaves.begin * n_sums, from + 1,
           range_count(leaves) * n_sums * sizeof(double));
  }
}

bool step_report_collect(StepReport *report, size_t n_rows, double *sums) {
  const ShardPlan *plan = report->plan;
  if (!report->group) exchange_messages(report);
  bool stop = false;
  for (size_t r = 0; r < plan->n_ranks; r++) stop = stop || *report->stops[r] != 0;
  for (size_t s = 0; s < plan->n_shards; s++) {
    Range rows = shard_rows(n_rows, plan->n_shards, s);
    report->present[s] = rows.begin < rows.end;
  }
  for (size_t i = 0; i < report->n_sums; i++) {
    sums[i] = shard_sum(plan->n_shards, report->present, report->shards + i, report->n_sums);
  }
  return stop;
}
