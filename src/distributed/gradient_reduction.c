#include "distributed/gradient_reduction.h"

#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "distributed/mpi_door.h"
#include "math/elementwise.h"

const char *const reduction_path_names[] = {"auto", "message", "allreduce", NULL};

enum { MOST_LEVELS = 64 };

struct GradientReduction {
  Communicator *communicator;
  const ShardPlan *plan;
  const ParameterMap *map;
  ReductionPath path;
  real *parameters;
  Range *blocks; /* per rank: the blocks that it updates */
  Range *slices; /* per rank: the same as a flat range */
  Range slice;   /* this rank's */

  /* Per node of the plan, where the partial sum of this rank's slice can be read: its first element
   * is that of the slice. */
  real **sources;
  real *own;      /* this rank's partial sums, whole vectors */
  real *received; /* message: the other ranks' partial sums of this rank's slice */
  uint32_t *bits; /* allreduce: all partial sums, whole vectors */
  real *sum;      /* the slice's summed gradient */
  real *scratch[MOST_LEVELS];
  double *block_values; /* one per block of the map */

  /* Counts and offsets per rank, in the form that MPI takes them. */
  int *sent, *sent_at, *received_count, *received_at;
};

static size_t node_count(const ShardPlan *plan, size_t rank) {
  return plan->first_of_rank[rank + 1] - plan->first_of_rank[rank];
}

/* Cuts the vector at block edges: a slice per rank, or everything for everyone. */
static void divide(GradientReduction *reduction) {
  const ParameterMap *map = reduction->map;
  size_t n_ranks = reduction->plan->n_ranks, n_blocks = parameter_block_count(map);
  reduction->blocks = NEW_ARRAY(Range, n_ranks);
  reduction->slices = NEW_ARRAY(Range, n_ranks);
  for (size_t r = 0; r < n_ranks; r++) {
    bool divided = reduction->path == REDUCTION_MESSAGE;
    Range blocks = divided ? shard_rows(n_blocks, n_ranks, r) : (Range){0, n_blocks};
    reduction->blocks[r] = blocks;
    reduction->slices[r] = parameter_slice(map, blocks);
  }
  reduction->slice = reduction->slices[reduction->plan->rank];
}

/* This rank reads its own partial sums in place, and the others' where they are received. */
static void place_sources(GradientReduction *reduction) {
  const ShardPlan *plan = reduction->plan;
  size_t length = reduction->map->length, part = range_count(reduction->slice);
  size_t first = plan->first_of_rank[plan->rank], count = node_count(plan, plan->rank);
  reduction->own = NEW_ARRAY(real, count * length);
  reduction->sources = NEW_ARRAY(real *, plan->n_nodes);

  if (reduction->path == REDUCTION_ALLREDUCE) {
    reduction->bits = memory_allocate_array(plan->n_nodes * length, sizeof(real));
    real *all = (real *)(void *)reduction->bits;
    for (size_t i = 0; i < plan->n_nodes; i++) reduction->sources[i] = all + i * length;
    return;
  }
  reduction->received = NEW_ARRAY(real, (plan->n_nodes - count) * part);
  size_t others = 0;
  for (size_t i = 0; i < plan->n_nodes; i++) {
    bool is_own = i >= first && i < first + count;
    reduction->sources[i] = is_own ? reduction->own + (i - first) * length + reduction->slice.begin
                                   : reduction->received + others++ * part;
  }
}

GradientReduction *gradient_reduction_create(Communicator *communicator, const ShardPlan *plan,
                                             const ParameterMap *map, ReductionPath path) {
  GradientReduction *reduction = NEW(GradientReduction);
  reduction->communicator = communicator;
  reduction->plan = plan;
  reduction->map = map;
  reduction->path = path == REDUCTION_AUTO ? REDUCTION_MESSAGE : path;
  reduction->parameters = NEW_ARRAY(real, map->length);
  divide(reduction);
  place_sources(reduction);
  reduction->sum = NEW_ARRAY(real, range_count(reduction->slice));
  reduction->block_values = NEW_ARRAY(double, parameter_block_count(map));
  reduction->sent = NEW_ARRAY(int, plan->n_ranks);
  reduction->sent_at = NEW_ARRAY(int, plan->n_ranks);
  reduction->received_count = NEW_ARRAY(int, plan->n_ranks);
  reduction->received_at = NEW_ARRAY(int, plan->n_ranks);
  for (size_t i = 0; i <= shard_root(plan->n_shards).level; i++) {
    reduction->scratch[i] = NEW_ARRAY(real, PARAMETER_BLOCK);
  }
  return reduction;
}

void gradient_reduction_destroy(GradientReduction *reduction) {
  if (!reduction) return;
  for (size_t i = 0; i < MOST_LEVELS; i++) memory_release(reduction->scratch[i]);
  memory_release(reduction->parameters);
  memory_release(reduction->blocks);
  memory_release(reduction->slices);
  memory_release(reduction->sources);
  memory_release(reduction->own);
  memory_release(reduction->received);
  memory_release(reduction->bits);
  memory_release(reduction->sum);
  memory_release(reduction->block_values);
  memory_release(reduction->sent);
  memory_release(reduction->sent_at);
  memory_release(reduction->received_count);
  memory_release(reduction->received_at);
  memory_release(reduction);
}

ReductionPath gradient_reduction_path(const GradientReduction *reduction) {
  return reduction->path;
}

real *gradient_reduction_parameters(GradientReduction *reduction) {
  return reduction->parameters;
}

real *gradient_reduction_partial(GradientReduction *reduction, size_t node) {
  size_t first = reduction->plan->first_of_rank[reduction->plan->rank];
  CHECK(node >= first && node < reduction->plan->first_of_rank[reduction->plan->rank + 1],
        "partial sum %zu belongs to another rank", node);
  return reduction->own + (node - first) * reduction->map->length;
}

Range gradient_reduction_blocks(const GradientReduction *reduction) {
  return reduction->blocks[reduction->plan->rank];
}

/* Every rank sends each other rank that rank's slice of its partial sums: in each round one partial
 * sum of every rank that has so many, straight out of the gradient vector. */
static void exchange_slices(GradientReduction *reduction) {
  const ShardPlan *plan = reduction->plan;
  size_t n_ranks = plan->n_ranks, most = 0, part = range_count(reduction->slice);
  int *sent = reduction->sent, *sent_at = reduction->sent_at;
  int *got = reduction->received_count, *got_at = reduction->received_at;
  for (size_t r = 0; r < n_ranks; r++) {
    if (node_count(plan, r) > most) most = node_count(plan, r);
  }
  for (size_t round = 0; round < most; round++) {
    bool sends = round < node_count(plan, plan->rank);
    for (size_t r = 0; r < n_ranks; r++) {
      bool other = r != plan->rank, receives = other && round < node_count(plan, r);
      sent[r] = other && sends ? as_mpi_count(range_count(reduction->slices[r])) : 0;
      sent_at[r] = as_mpi_count(reduction->slices[r].begin);
      got[r] = receives ? as_mpi_count(part) : 0;
      real *source = receives ? reduction->sources[plan->first_of_rank[r] + round] : NULL;
      got_at[r] = receives ? as_mpi_count((size_t)(source - reduction->received)) : 0;
    }
    const real *own = reduction->own + (sends ? round : 0) * reduction->map->length;
    MPI_CHECK(MPI_Alltoallv(own, sent, sent_at, mpi_real(), reduction->received, got, got_at,
                            mpi_real(), reduction->communicator->world));
  }
}

/* A bitwise OR with zeros moves every partial sum to every rank without adding anything: the bits
 * cannot depend on the order in which MPI combines them. */
static void exchange_all(GradientReduction *reduction) {
  const ShardPlan *plan = reduction->plan;
  size_t length = reduction->map->length, first = plan->first_of_rank[plan->rank];
  size_t words = length * sizeof(real) / sizeof(uint32_t);
  memset(reduction->bits, 0, plan->n_nodes * words * sizeof(uint32_t));
  memcpy(reduction->bits + first * words, reduction->own,
         node_count(plan, plan->rank) * words * sizeof(uint32_t));
  for (size_t i = 0; i < plan->n_nodes; i++) {
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, reduction->bits + i * words, as_mpi_count(words),
                            MPI_UINT32_T, MPI_BOR, reduction->communicator->world));
  }
}

/* A stretch of the slice of at most PARAMETER_BLOCK elements. */
typedef struct Stretch {
  size_t begin; /* in the slice */
  size_t count;
  size_t n_rows; /* of the batch */
} Stretch;

static const real *published(const GradientReduction *reduction, ShardNode node,
                             const Stretch *stretch) {
  const ShardPlan *plan = reduction->plan;
  for (size_t i = 0; i < plan->n_nodes; i++) {
    if (plan->nodes[i].level == node.level && plan->nodes[i].index == node.index) {
      return reduction->sources[i] + stretch->begin;
    }
  }
  return NULL;
}

/* The sum of a node: a published partial sum in place, or its halves added in scratch[depth]. NULL if
 * the node has no samples. */
static const real *node_sum(const GradientReduction *reduction, ShardNode node, size_t depth,
                            const Stretch *stretch) {
  Range rows = shard_node_rows(stretch->n_rows, reduction->plan->n_shards, node);
  if (rows.begin >= rows.end) return NULL;
  const real *whole = published(reduction, node, stretch);
  if (whole) return whole;

  const real *left = node_sum(reduction, shard_left(node), depth, stretch);
  const real *right = node_sum(reduction, shard_right(node), depth + 1, stretch);
  if (!left) return right;
  if (!right) return left;
  real *sum = reduction->scratch[depth];
  for (size_t i = 0; i < stretch->count; i++) sum[i] = left[i] + right[i];
  return sum;
}

real *gradient_reduction_sum(GradientReduction *reduction, size_t n_rows) {
  const ShardPlan *plan = reduction->plan;
  if (plan->n_ranks == 1 && reduction->path == REDUCTION_MESSAGE) return reduction->own;
  if (reduction->path == REDUCTION_MESSAGE) {
    exchange_slices(reduction);
  } else {
    exchange_all(reduction);
  }

  size_t length = range_count(reduction->slice);
  for (size_t begin = 0; begin < length; begin += PARAMETER_BLOCK) {
    size_t left = length - begin, count = left < PARAMETER_BLOCK ? left : PARAMETER_BLOCK;
    Stretch stretch = {begin, count, n_rows};
    const real *sum = node_sum(reduction, shard_root(plan->n_shards), 0, &stretch);
    memcpy(reduction->sum + begin, sum, count * sizeof(real));
  }
  return reduction->sum;
}

/* Sets `sent` and `sent_at` to the lengths and begins of every rank's range. */
static void count_ranges(GradientReduction *reduction, const Range *ranges) {
  for (size_t r = 0; r < reduction->plan->n_ranks; r++) {
    reduction->sent[r] = as_mpi_count(range_count(ranges[r]));
    reduction->sent_at[r] = as_mpi_count(ranges[r].begin);
  }
}

void gradient_reduction_publish(GradientReduction *reduction) {
  size_t n_ranks = reduction->plan->n_ranks;
  if (n_ranks == 1 || reduction->path == REDUCTION_ALLREDUCE) return;
  count_ranges(reduction, reduction->slices);
  MPI_CHECK(MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, reduction->parameters,
                           reduction->sent, reduction->sent_at, mpi_real(),
                           reduction->communicator->world));
}

void gradient_reduction_collect(GradientReduction *reduction, const real *slice, real *whole) {
  size_t n_ranks = reduction->plan->n_ranks, length = range_count(reduction->slice);
  if (n_ranks == 1 || reduction->path == REDUCTION_ALLREDUCE) {
    if (whole) memcpy(whole + reduction->slice.begin, slice, length * sizeof(real));
    return;
  }
  count_ranges(reduction, reduction->slices);
  MPI_CHECK(MPI_Gatherv(slice, as_mpi_count(length), mpi_real(), whole, reduction->sent,
                        reduction->sent_at, mpi_real(), 0, reduction->communicator->world));
}

double gradient_reduction_add_blocks(GradientReduction *reduction, const double *partials) {
  size_t n_blocks = parameter_block_count(reduction->map);
  Range own = gradient_reduction_blocks(reduction);
  if (reduction->path == REDUCTION_ALLREDUCE) {
    memcpy(reduction->block_values, partials, n_blocks * sizeof(double));
  } else {
    count_ranges(reduction, reduction->blocks);
    MPI_CHECK(MPI_Allgatherv(partials, as_mpi_count(range_count(own)), MPI_DOUBLE,
                             reduction->block_values, reduction->sent, reduction->sent_at,
                             MPI_DOUBLE, reduction->communicator->world));
  }
  double sum = 0;
  for (size_t i = 0; i < n_blocks; i++) sum += reduction->block_values[i];
  return sum;
}

double gradient_reduction_bytes_per_step(const GradientReduction *reduction) {
  const ShardPlan *plan = reduction->plan;
  if (plan->n_ranks == 1) return 0;
  double vector = (double)reduction->map->length * sizeof(real);
  if (reduction->path == REDUCTION_ALLREDUCE) return vector * (double)plan->n_nodes;
  double own = (double)range_count(reduction->slice) * sizeof(real);
  double partials = (double)node_count(plan, plan->rank);
  return partials * (vector - own) + own * (double)(plan->n_ranks - 1);
}
