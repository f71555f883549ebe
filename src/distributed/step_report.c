#include "distributed/step_report.h"

#include <string.h>

#include "base/memory.h"
#include "distributed/mpi_door.h"

struct StepReport {
  Communicator *communicator;
  const ShardPlan *plan;
  size_t n_sums;
  double *shards; /* (S, n_sums) */
  double *sent;   /* the stop wish, then this rank's rows of `shards` */
  double *all;    /* the same of all ranks */
  bool *present;  /* (S) */
  int *counts, *offsets;
};

StepReport *step_report_create(Communicator *communicator, const ShardPlan *plan, size_t n_sums) {
  StepReport *report = NEW(StepReport);
  size_t n_shards = plan->n_shards, n_ranks = plan->n_ranks;
  *report = (StepReport){.communicator = communicator, .plan = plan, .n_sums = n_sums};
  report->shards = NEW_ARRAY(double, n_shards *n_sums);
  report->sent = NEW_ARRAY(double, 1 + n_shards * n_sums);
  report->all = NEW_ARRAY(double, n_ranks + n_shards * n_sums);
  report->present = NEW_ARRAY(bool, n_shards);
  report->counts = NEW_ARRAY(int, n_ranks);
  report->offsets = NEW_ARRAY(int, n_ranks);
  for (size_t r = 0; r < n_ranks; r++) {
    Range leaves = shard_plan_leaves(plan, r);
    report->counts[r] = as_mpi_count(1 + (leaves.end - leaves.begin) * n_sums);
    report->offsets[r] = as_mpi_count(r + leaves.begin * n_sums);
  }
  return report;
}

void step_report_destroy(StepReport *report) {
  if (!report) return;
  memory_release(report->shards);
  memory_release(report->sent);
  memory_release(report->all);
  memory_release(report->present);
  memory_release(report->counts);
  memory_release(report->offsets);
  memory_release(report);
}

double *step_report_shards(StepReport *report) {
  return report->shards;
}

static void exchange(StepReport *report, bool *stop) {
  const ShardPlan *plan = report->plan;
  size_t n_sums = report->n_sums;
  Range own = shard_plan_leaves(plan, plan->rank);
  report->sent[0] = *stop;
  memcpy(report->sent + 1, report->shards + own.begin * n_sums,
         (own.end - own.begin) * n_sums * sizeof(double));
  MPI_CHECK(MPI_Allgatherv(report->sent, report->counts[plan->rank], MPI_DOUBLE, report->all,
                           report->counts, report->offsets, MPI_DOUBLE,
                           report->communicator->world));
  for (size_t r = 0; r < plan->n_ranks; r++) {
    Range leaves = shard_plan_leaves(plan, r);
    const double *from = report->all + report->offsets[r];
    *stop = *stop || from[0] != 0;
    memcpy(report->shards + leaves.begin * n_sums, from + 1,
           (leaves.end - leaves.begin) * n_sums * sizeof(double));
  }
}

void step_report_exchange(StepReport *report, size_t n_rows, bool *stop, double *sums) {
  const ShardPlan *plan = report->plan;
  if (plan->n_ranks > 1) exchange(report, stop);
  for (size_t s = 0; s < plan->n_shards; s++) {
    Range rows = shard_rows(n_rows, plan->n_shards, s);
    report->present[s] = rows.begin < rows.end;
  }
  for (size_t i = 0; i < report->n_sums; i++) {
    sums[i] = shard_sum(plan->n_shards, report->present, report->shards + i, report->n_sums);
  }
}
