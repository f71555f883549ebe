/* The plain reference: MPI_Allreduce brings all partial sums to all ranks, and every rank sums and
 * updates everything.
 *
 * A bitwise OR with zeros moves a partial sum without adding anything, so the bits cannot depend on
 * the order in which MPI combines the ranks' contributions.
 */

#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "distributed/reduction_kind.h"

typedef struct AllreduceState {
  real *all; /* the partial sums of all ranks, whole vectors, in the order of the plan */
} AllreduceState;

static void create(GradientReduction *reduction) {
  const ShardPlan *plan = reduction->plan;
  size_t length = reduction->map->length;
  AllreduceState *state = NEW(AllreduceState);
  reduction->state = state;
  state->all = NEW_ARRAY(real, plan->n_nodes * length);
  reduction->own = NEW_ARRAY(real, reduction_node_count(reduction, plan->rank) * length);
  reduction->parameters = NEW_ARRAY(real, length);

  Range everything = {0, parameter_block_count(reduction->map)};
  for (size_t r = 0; r < plan->n_ranks; r++) reduction->blocks_of_rank[r] = everything;
  reduction->slice = parameter_slice(reduction->map, everything);
  for (size_t i = 0; i < plan->n_nodes; i++) {
    tree_sum_add(&reduction->sum, plan->nodes[i], state->all + i * length);
  }
}

static void destroy(GradientReduction *reduction) {
  memory_release(((AllreduceState *)reduction->state)->all);
  memory_release(reduction->state);
  memory_release(reduction->own);
  memory_release(reduction->parameters);
}

static void begin(GradientReduction *reduction) {
  (void)reduction;
}

static void exchange(GradientReduction *reduction) {
  const ShardPlan *plan = reduction->plan;
  size_t length = reduction->map->length, rank = plan->rank;
  real *all = ((AllreduceState *)reduction->state)->all;
  memset(all, 0, plan->n_nodes * length * sizeof(real));
  memcpy(all + reduction_first_node(reduction, rank) * length, reduction->own,
         reduction_node_count(reduction, rank) * length * sizeof(real));
  int words = as_mpi_count(length * sizeof(real) / sizeof(uint32_t));
  for (size_t i = 0; i < plan->n_nodes; i++) {
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, all + i * length, words, MPI_UINT32_T, MPI_BOR,
                            reduction->communicator->world));
  }
}

/* Every rank has made the same update. */
static void publish(GradientReduction *reduction) {
  (void)reduction;
}

static double bytes_per_step(const GradientReduction *reduction) {
  const ShardPlan *plan = reduction->plan;
  double vector = (double)(reduction->map->length * sizeof(real));
  return plan->n_ranks == 1 ? 0 : vector * (double)plan->n_nodes;
}

const ReductionKind allreduce_reduction = {
    .create = create,
    .destroy = destroy,
    .begin = begin,
    .exchange = exchange,
    .publish = publish,
    .bytes_per_step = bytes_per_step,
};
