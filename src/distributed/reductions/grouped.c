/* Memory within a group of ranks, messages between groups.
 *
 * A group has one copy of the parameters, and its ranks read each other's partial sums in place.
 * The vector is divided into as many channels as the smallest group has ranks; rank c of every
 * group serves channel c. Within one group that is all: a rank sums its channel out of its
 * neighbours' memory, updates it, and all see it. Between G groups a channel is divided once more,
 * into a slice for each group: rank c of a group adds up its group's partial sums of every slice,
 * as far as the tree allows, sends them to rank c of the slice's group, adds up what it gets for
 * its own, updates, and gathers the slices of its channel from the others.
 *
 * Groups of one rank each are the path of plain messages: exchange of slices, then gather.
 */

#include <string.h>

#include "base/memory.h"
#include "distributed/reduction_kind.h"

/* The nodes of the tree that a group can add up by itself. */
typedef struct Cover {
  size_t count;
  ShardNode nodes[SHARD_MOST_NODES];
} Cover;

typedef struct GroupedState {
  size_t n_groups, index; /* of groups; this one */
  size_t n_channels;
  bool serves;      /* this rank serves the channel of its place */
  MPI_Comm channel; /* the ranks that serve it, one per group; only with several groups */
  TreeSum own_sum;  /* the partial sums of this group, whole vectors */
  Cover *covers;    /* per group */
  Range *slices;    /* per group: the flat range of its slice of this channel */
  real *sent, *received;
  int *sent_count, *sent_at, *received_count, *received_at; /* per group */
  int *slice_count, *slice_at;                              /* per group */
} GroupedState;

static Range blocks_of_channel(const GradientReduction *reduction, size_t channel) {
  const GroupedState *state = reduction->state;
  return shard_rows(parameter_block_count(reduction->map), state->n_channels, channel);
}

/* The blocks of a group's slice of a channel. */
static Range blocks_of_slice(const GradientReduction *reduction, size_t channel, size_t group) {
  const GroupedState *state = reduction->state;
  Range blocks = blocks_of_channel(reduction, channel);
  Range part = shard_rows(range_count(blocks), state->n_groups, group);
  return (Range){blocks.begin + part.begin, blocks.begin + part.end};
}

/* As many channels as the smallest group has ranks. Ranks beyond that update nothing. */
static void divide(GradientReduction *reduction) {
  GroupedState *state = reduction->state;
  const NodeGroup *group = reduction->group;
  state->n_groups = node_group_count(group);
  state->index = node_group_index(group);
  state->n_channels = reduction->plan->n_ranks;
  for (size_t g = 0; g < state->n_groups; g++) {
    size_t size = range_count(node_group_ranks(group, g));
    if (size < state->n_channels) state->n_channels = size;
  }
  state->serves = node_group_place(group) < state->n_channels;

  for (size_t g = 0; g < state->n_groups; g++) {
    Range ranks = node_group_ranks(group, g);
    for (size_t r = ranks.begin; r < ranks.end; r++) {
      size_t place = r - ranks.begin;
      reduction->blocks_of_rank[r] =
          place < state->n_channels ? blocks_of_slice(reduction, place, g) : (Range){0, 0};
    }
  }
  reduction->slice = parameter_slice(reduction->map, gradient_reduction_blocks(reduction));
}

/* Memory of the group's first rank that all of them use. */
static real *allocate_common(NodeGroup *group, size_t elements) {
  void **parts = NEW_ARRAY(void *, range_count(node_group_ranks(group, node_group_index(group))));
  node_group_allocate(group, node_group_place(group) == 0 ? elements * sizeof(real) : 0, parts);
  real *common = parts[0];
  memory_release(parts);
  return common;
}

/* Every rank's partial sums, in memory that the group shares. */
static void allocate_partials(GradientReduction *reduction) {
  GroupedState *state = reduction->state;
  const ShardPlan *plan = reduction->plan;
  NodeGroup *group = reduction->group;
  Range ranks = node_group_ranks(group, state->index);
  size_t vector_bytes = reduction->map->length * sizeof(real);
  void **parts = NEW_ARRAY(void *, range_count(ranks));
  node_group_allocate(group, reduction_node_count(reduction, plan->rank) * vector_bytes, parts);
  reduction->own = parts[node_group_place(group)];

  state->own_sum = tree_sum_create(plan->n_shards, plan->n_nodes);
  for (size_t r = ranks.begin; r < ranks.end; r++) {
    const real *vectors = parts[r - ranks.begin];
    for (size_t i = 0; i < reduction_node_count(reduction, r); i++) {
      ShardNode node = plan->nodes[reduction_first_node(reduction, r) + i];
      const real *vector = vectors + i * reduction->map->length;
      tree_sum_add(&state->own_sum, node, vector);
      tree_sum_add(&reduction->sum, node, vector + reduction->slice.begin);
    }
  }
  memory_release(parts);
}

static Cover cover_of_group(const GradientReduction *reduction, size_t g) {
  const ShardPlan *plan = reduction->plan;
  Range ranks = node_group_ranks(reduction->group, g);
  Range leaves = {shard_plan_leaves(plan, ranks.begin).begin,
                  shard_plan_leaves(plan, ranks.end - 1).end};
  Cover cover;
  cover.count = shard_cover(plan->n_shards, leaves, cover.nodes);
  return cover;
}

/* What the ranks of a channel send each other: to every other group, the sums of this group's cover
 * over that group's slice; and where what they send lies when it has come. */
static void plan_messages(GradientReduction *reduction) {
  GroupedState *state = reduction->state;
  size_t n = state->n_groups, place = node_group_place(reduction->group);
  state->covers = NEW_ARRAY(Cover, n);
  state->slices = NEW_ARRAY(Range, n);
  state->sent_count = NEW_ARRAY(int, n);
  state->sent_at = NEW_ARRAY(int, n);
  state->received_count = NEW_ARRAY(int, n);
  state->received_at = NEW_ARRAY(int, n);
  state->slice_count = NEW_ARRAY(int, n);
  state->slice_at = NEW_ARRAY(int, n);

  size_t sent = 0, received = 0, own = range_count(reduction->slice);
  for (size_t g = 0; g < n; g++) state->covers[g] = cover_of_group(reduction, g);
  for (size_t g = 0; g < n; g++) {
    Range slice = parameter_slice(reduction->map, blocks_of_slice(reduction, place, g));
    bool other = g != state->index;
    size_t out = other ? state->covers[state->index].count * range_count(slice) : 0;
    size_t in = other ? state->covers[g].count * own : 0;
    state->slices[g] = slice;
    state->slice_count[g] = as_mpi_count(range_count(slice));
    state->slice_at[g] = as_mpi_count(slice.begin);
    state->sent_count[g] = as_mpi_count(out);
    state->sent_at[g] = as_mpi_count(sent);
    state->received_count[g] = as_mpi_count(in);
    state->received_at[g] = as_mpi_count(received);
    sent += out;
    received += in;
  }
  state->sent = NEW_ARRAY(real, sent);
  state->received = NEW_ARRAY(real, received);
  for (size_t g = 0; g < n; g++) {
    for (size_t i = 0; g != state->index && i < state->covers[g].count; i++) {
      const real *source = state->received + (size_t)state->received_at[g] + i * own;
      tree_sum_add(&reduction->sum, state->covers[g].nodes[i], source);
    }
  }
}

static void create(GradientReduction *reduction) {
  GroupedState *state = NEW(GroupedState);
  reduction->state = state;
  state->channel = MPI_COMM_NULL;
  divide(reduction);
  reduction->parameters = allocate_common(reduction->group, reduction->map->length);
  if (reduction->pool_elements > 0) {
    reduction->pool = allocate_common(reduction->group, reduction->pool_elements);
  } else {
    allocate_partials(reduction);
  }
  if (state->n_groups == 1) return;

  int colour = state->serves ? (int)node_group_place(reduction->group) : MPI_UNDEFINED;
  MPI_CHECK(MPI_Comm_split(reduction->communicator->world, colour, reduction->communicator->rank,
                           &state->channel));
  if (state->serves) plan_messages(reduction);
}

static void destroy(GradientReduction *reduction) {
  GroupedState *state = reduction->state;
  if (state->channel != MPI_COMM_NULL) MPI_CHECK(MPI_Comm_free(&state->channel));
  tree_sum_release(&state->own_sum);
  memory_release(state->covers);
  memory_release(state->slices);
  memory_release(state->sent);
  memory_release(state->received);
  memory_release(state->sent_count);
  memory_release(state->sent_at);
  memory_release(state->received_count);
  memory_release(state->received_at);
  memory_release(state->slice_count);
  memory_release(state->slice_at);
  memory_release(state);
}

/* This group's sum of one node of its cover over another group's slice. A node without samples is
 * sent as it is: nobody reads it. */
static void pack_slice(const GradientReduction *reduction, ShardNode node, Range slice, real *out) {
  const GroupedState *state = reduction->state;
  for (size_t begin = slice.begin; begin < slice.end; begin += PARAMETER_BLOCK) {
    size_t left = slice.end - begin, count = left < PARAMETER_BLOCK ? left : PARAMETER_BLOCK;
    const real *sum = tree_sum_stretch(&state->own_sum, node, reduction->n_rows, begin, count);
    if (sum) memcpy(out + (begin - slice.begin), sum, count * sizeof(real));
  }
}

static void exchange(GradientReduction *reduction) {
  GroupedState *state = reduction->state;
  node_group_wait(reduction->group);
  if (state->n_groups == 1 || !state->serves) return;

  const Cover *own = &state->covers[state->index];
  for (size_t g = 0; g < state->n_groups; g++) {
    if (g == state->index) continue;
    real *out = state->sent + state->sent_at[g];
    for (size_t i = 0; i < own->count; i++) {
      pack_slice(reduction, own->nodes[i], state->slices[g], out);
      out += range_count(state->slices[g]);
    }
  }
  MPI_CHECK(MPI_Alltoallv(state->sent, state->sent_count, state->sent_at, mpi_real(),
                          state->received, state->received_count, state->received_at, mpi_real(),
                          state->channel));
}

static void publish(GradientReduction *reduction) {
  GroupedState *state = reduction->state;
  if (state->n_groups > 1 && state->serves) {
    MPI_CHECK(MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, reduction->parameters,
                             state->slice_count, state->slice_at, mpi_real(), state->channel));
  }
  node_group_wait(reduction->group);
}

static double bytes_per_step(const GradientReduction *reduction) {
  const GroupedState *state = reduction->state;
  if (state->n_groups == 1 || !state->serves) return 0;
  double elements = (double)range_count(reduction->slice) * (double)(state->n_groups - 1);
  for (size_t g = 0; g < state->n_groups; g++) elements += state->sent_count[g];
  return elements * sizeof(real);
}

const ReductionKind grouped_reduction = {
    .create = create,
    .destroy = destroy,
    .exchange = exchange,
    .publish = publish,
    .bytes_per_step = bytes_per_step,
};
