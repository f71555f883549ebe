#include "distributed/gradient_reduction.h"

#include <string.h>

#include "base/memory.h"
#include "distributed/reduction_kind.h"

const char *const reduction_path_names[] = {"auto",    "pooled",    "shared",
                                            "message", "allreduce", NULL};

size_t reduction_first_node(const GradientReduction *reduction, size_t rank) {
  return reduction->plan->first_of_rank[rank];
}

size_t reduction_node_count(const GradientReduction *reduction, size_t rank) {
  return reduction_first_node(reduction, rank + 1) - reduction_first_node(reduction, rank);
}

static bool has_room(const GradientReduction *reduction, NodeGroup *group, size_t elements) {
  return node_group_has_room(group, reduction->communicator, elements * sizeof(real));
}

/* Memory in common where ranks share a host that has room for it. */
static ReductionPath choose_path(const GradientReduction *reduction, const ReductionSetup *setup) {
  const ShardPlan *plan = reduction->plan;
  NodeGroup *group = node_group_create(reduction->communicator, setup->ranks_per_node);
  size_t length = reduction->map->length;
  size_t pooled = (length + setup->pool_elements) / plan->n_ranks;
  size_t shared = (1 + reduction_node_count(reduction, plan->rank)) * length;
  ReductionPath path = REDUCTION_MESSAGE;
  if (setup->pool_elements > 0 && node_group_count(group) == 1 &&
      (plan->n_ranks == 1 || has_room(reduction, group, pooled))) {
    path = REDUCTION_POOLED;
  } else if (node_group_count(group) < plan->n_ranks && has_room(reduction, group, shared)) {
    path = REDUCTION_SHARED;
  }
  node_group_destroy(group);
  return path;
}

GradientReduction *gradient_reduction_create(Communicator *communicator, const ShardPlan *plan,
                                             const ParameterMap *map, const ReductionSetup *setup) {
  GradientReduction *reduction = NEW(GradientReduction);
  reduction->communicator = communicator;
  reduction->plan = plan;
  reduction->map = map;
  reduction->path = setup->path == REDUCTION_AUTO ? choose_path(reduction, setup) : setup->path;
  bool pools = reduction->path == REDUCTION_POOLED, shares = reduction->path == REDUCTION_SHARED;
  reduction->pool_elements = pools ? setup->pool_elements : 0;
  reduction->group = node_group_create(communicator, pools || shares ? setup->ranks_per_node : 1);
  CHECK(!pools || (node_group_count(reduction->group) == 1 && setup->pool_elements > 0),
        "ranks that share no memory cannot pool their rows");

  reduction->blocks_of_rank = NEW_ARRAY(Range, plan->n_ranks);
  reduction->block_values = NEW_ARRAY(double, parameter_block_count(map));
  reduction->counts = NEW_ARRAY(int, plan->n_ranks);
  reduction->offsets = NEW_ARRAY(int, plan->n_ranks);
  reduction->sum = tree_sum_create(plan->n_shards, plan->n_nodes);
  reduction->kind =
      reduction->path == REDUCTION_ALLREDUCE ? &allreduce_reduction : &grouped_reduction;
  reduction->kind->create(reduction);
  return reduction;
}

void gradient_reduction_destroy(GradientReduction *reduction) {
  if (!reduction) return;
  reduction->kind->destroy(reduction);
  node_group_destroy(reduction->group);
  tree_sum_release(&reduction->sum);
  memory_release(reduction->blocks_of_rank);
  memory_release(reduction->block_values);
  memory_release(reduction->counts);
  memory_release(reduction->offsets);
  memory_release(reduction);
}

ReductionPath gradient_reduction_path(const GradientReduction *reduction) {
  return reduction->path;
}

NodeGroup *gradient_reduction_group(const GradientReduction *reduction) {
  return reduction->group;
}

real *gradient_reduction_parameters(GradientReduction *reduction) {
  return reduction->parameters;
}

void gradient_reduction_share_parameters(GradientReduction *reduction) {
  node_group_wait(reduction->group);
}

real *gradient_reduction_pool(GradientReduction *reduction) {
  return reduction->pool;
}

real *gradient_reduction_partial(GradientReduction *reduction, size_t node) {
  size_t rank = reduction->plan->rank, first = reduction_first_node(reduction, rank);
  CHECK(reduction->own && node >= first && node < first + reduction_node_count(reduction, rank),
        "partial sum %zu is not this rank's", node);
  return reduction->own + (node - first) * reduction->map->length;
}

Range gradient_reduction_blocks(const GradientReduction *reduction) {
  return reduction->blocks_of_rank[reduction->plan->rank];
}

Range gradient_reduction_slice(const GradientReduction *reduction) {
  return reduction->slice;
}

void gradient_reduction_begin(GradientReduction *reduction, size_t n_rows) {
  reduction->n_rows = n_rows;
  reduction->kind->begin(reduction);
}

const PartOrder *gradient_reduction_order(const GradientReduction *reduction) {
  return reduction->order.count > 0 ? &reduction->order : NULL;
}

void gradient_reduction_exchange(GradientReduction *reduction) {
  reduction->kind->exchange(reduction);
}

const real *gradient_reduction_stretch(const GradientReduction *reduction, size_t offset,
                                       size_t count) {
  return tree_sum_stretch(&reduction->sum, shard_root(reduction->plan->n_shards), reduction->n_rows,
                          offset - reduction->slice.begin, count);
}

void gradient_reduction_publish(GradientReduction *reduction) {
  reduction->kind->publish(reduction);
}

/* Who owns everything needs no others. */
static bool owns_everything(const GradientReduction *reduction) {
  return reduction->plan->n_ranks == 1 || reduction->path == REDUCTION_ALLREDUCE;
}

void gradient_reduction_collect(GradientReduction *reduction, const real *slice, real *whole) {
  size_t length = range_count(reduction->slice);
  if (owns_everything(reduction)) {
    if (whole) memcpy(whole + reduction->slice.begin, slice, length * sizeof(real));
    return;
  }
  for (size_t r = 0; r < reduction->plan->n_ranks; r++) {
    Range other = parameter_slice(reduction->map, reduction->blocks_of_rank[r]);
    reduction->counts[r] = as_mpi_count(range_count(other));
    reduction->offsets[r] = as_mpi_count(other.begin);
  }
  MPI_CHECK(MPI_Gatherv(slice, as_mpi_count(length), mpi_real(), whole, reduction->counts,
                        reduction->offsets, mpi_real(), 0, reduction->communicator->world));
}

double gradient_reduction_add_blocks(GradientReduction *reduction, const double *partials) {
  size_t n_blocks = parameter_block_count(reduction->map);
  size_t own = range_count(gradient_reduction_blocks(reduction));
  if (owns_everything(reduction)) {
    memcpy(reduction->block_values, partials, n_blocks * sizeof(double));
  } else {
    for (size_t r = 0; r < reduction->plan->n_ranks; r++) {
      reduction->counts[r] = as_mpi_count(range_count(reduction->blocks_of_rank[r]));
      reduction->offsets[r] = as_mpi_count(reduction->blocks_of_rank[r].begin);
    }
    MPI_CHECK(MPI_Allgatherv(partials, as_mpi_count(own), MPI_DOUBLE, reduction->block_values,
                             reduction->counts, reduction->offsets, MPI_DOUBLE,
                             reduction->communicator->world));
  }
  double sum = 0;
  for (size_t i = 0; i < n_blocks; i++) sum += reduction->block_values[i];
  return sum;
}

/* The greatest number is the least of the negated ones. */
static void negate_maxima(size_t count, HistogramRange *ranges) {
  for (size_t i = 0; i < count; i++) ranges[i].maximum = -ranges[i].maximum;
}

void gradient_reduction_widen(GradientReduction *reduction, size_t count, HistogramRange *ranges) {
  if (owns_everything(reduction)) return;
  negate_maxima(count, ranges);
  MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, ranges, as_mpi_count(2 * count), MPI_DOUBLE, MPI_MIN,
                          reduction->communicator->world));
  negate_maxima(count, ranges);
}

void gradient_reduction_add_counts(GradientReduction *reduction, size_t count, int64_t *counts) {
  if (owns_everything(reduction)) return;
  MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, counts, as_mpi_count(count), MPI_INT64_T, MPI_SUM,
                          reduction->communicator->world));
}

double gradient_reduction_bytes_per_step(const GradientReduction *reduction) {
  return reduction->kind->bytes_per_step(reduction);
}
