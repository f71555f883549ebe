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
 * What is sent is computed first: every rank of a group computes the gradient of the other groups'
 * slices before its own group's, in a few cuts, each of which leaves as soon as all ranks of the
 * group have computed it. Groups differ in where they begin, so that all links are in use.
 *
 * Groups of one rank each are the path of plain messages: exchange of slices, then gather.
 */

#include <string.h>

#include "base/memory.h"
#include "distributed/reduction_kind.h"
#include "distributed/reductions/channel.h"

typedef struct GroupedState {
  size_t n_groups, index; /* of groups; this one */
  size_t n_channels, n_cuts;
  bool serves;      /* this rank serves the channel of its place */
  Channel *channel; /* only with several groups, and if it serves */
  TreeSum own_sum;  /* the partial sums of this group, whole vectors */

  /* Of the step: parts are cuts of slices, channel by channel. */
  Range *parts;
  size_t messages_sent;
} GroupedState;

static Range blocks_of_channel(const GradientReduction *reduction, size_t channel) {
  const GroupedState *state = reduction->state;
  return shard_rows(parameter_block_count(reduction->map), state->n_channels, channel);
}

/* Some of the blocks: piece `index` of `count`. */
static Range piece_of(Range blocks, size_t count, size_t index) {
  Range piece = shard_rows(range_count(blocks), count, index);
  return (Range){blocks.begin + piece.begin, blocks.begin + piece.end};
}

/* The blocks of a group's slice of a channel. */
static Range blocks_of_slice(const GradientReduction *reduction, size_t channel, size_t group) {
  const GroupedState *state = reduction->state;
  return piece_of(blocks_of_channel(reduction, channel), state->n_groups, group);
}

static Range cut_of_slice(const GradientReduction *reduction, size_t channel, size_t group,
                          size_t cut) {
  const GroupedState *state = reduction->state;
  Range slice = blocks_of_slice(reduction, channel, group);
  return parameter_slice(reduction->map, piece_of(slice, state->n_cuts, cut));
}

static Range cut_of_own_channel(const GradientReduction *reduction, size_t group, size_t cut) {
  return cut_of_slice(reduction, node_group_place(reduction->group), group, cut);
}

/* Messages of 1 MiB and more: over TCP, several smaller ones take longer than one. */
static size_t choose_cuts(size_t blocks_of_slice) {
  enum { BLOCKS_PER_CUT = 256, MOST_CUTS = 4 };
  size_t cuts = blocks_of_slice / BLOCKS_PER_CUT;
  return cuts < 1 ? 1 : cuts < MOST_CUTS ? cuts : MOST_CUTS;
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
  state->n_cuts =
      choose_cuts(parameter_block_count(reduction->map) / (state->n_channels * state->n_groups));

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

/* The first group after this one comes first, this one last; within a cut, all channels. */
static void order_parts(GradientReduction *reduction) {
  GroupedState *state = reduction->state;
  size_t count = state->n_groups * state->n_cuts * state->n_channels, part = 0;
  state->parts = NEW_ARRAY(Range, count);
  for (size_t distance = 1; distance <= state->n_groups; distance++) {
    size_t group = (state->index + distance) % state->n_groups;
    for (size_t cut = 0; cut < state->n_cuts; cut++) {
      for (size_t channel = 0; channel < state->n_channels; channel++) {
        state->parts[part++] = cut_of_slice(reduction, channel, group, cut);
      }
    }
  }
  reduction->order.count = count;
  reduction->order.parts = state->parts;
}

/* Sends what all ranks of the group have computed, and no more. */
static void send_finished(GradientReduction *reduction) {
  GroupedState *state = reduction->state;
  size_t place = node_group_place(reduction->group);
  while (state->messages_sent < channel_message_count(state->channel)) {
    size_t part = state->messages_sent * state->n_channels + place;
    if (!node_group_all_marked(reduction->group, part + 1)) break;
    channel_send(state->channel, state->messages_sent++);
  }
}

static void finish_part(void *context, size_t part) {
  GradientReduction *reduction = context;
  GroupedState *state = reduction->state;
  node_group_mark(reduction->group, part + 1);
  if (!state->channel) return;
  send_finished(reduction);
  channel_poke(state->channel);
}

static void create(GradientReduction *reduction) {
  GroupedState *state = NEW(GroupedState);
  reduction->state = state;
  divide(reduction);
  reduction->parameters = allocate_common(reduction->group, reduction->map->length);
  if (reduction->pool_elements > 0) {
    reduction->pool = allocate_common(reduction->group, reduction->pool_elements);
  } else {
    allocate_partials(reduction);
  }
  if (state->n_groups == 1) return;

  order_parts(reduction);
  reduction->order.finished = finish_part;
  reduction->order.context = reduction;
  int colour = state->serves ? (int)node_group_place(reduction->group) : MPI_UNDEFINED;
  MPI_Comm members;
  MPI_CHECK(MPI_Comm_split(reduction->communicator->world, colour, reduction->communicator->rank,
                           &members));
  ChannelPlan plan = {state->n_groups, state->index, state->n_cuts, cut_of_own_channel};
  if (state->serves) {
    state->channel = channel_create(reduction, &state->own_sum, &plan, members);
  }
}

static void destroy(GradientReduction *reduction) {
  GroupedState *state = reduction->state;
  channel_destroy(state->channel);
  tree_sum_release(&state->own_sum);
  memory_release(state->parts);
  memory_release(state);
}

static void begin(GradientReduction *reduction) {
  GroupedState *state = reduction->state;
  state->messages_sent = 0;
  if (state->channel) channel_begin(state->channel);
}

static void exchange(GradientReduction *reduction) {
  GroupedState *state = reduction->state;
  node_group_wait(reduction->group);
  if (!state->channel) return;
  while (state->messages_sent < channel_message_count(state->channel)) {
    channel_send(state->channel, state->messages_sent++);
  }
  channel_finish(state->channel);
}

static void publish(GradientReduction *reduction) {
  GroupedState *state = reduction->state;
  if (state->channel) channel_gather(state->channel, reduction->parameters);
  node_group_wait(reduction->group);
}

static double bytes_per_step(const GradientReduction *reduction) {
  const GroupedState *state = reduction->state;
  return state->channel ? channel_bytes_per_step(state->channel) : 0;
}

const ReductionKind grouped_reduction = {
    .create = create,
    .destroy = destroy,
    .begin = begin,
    .exchange = exchange,
    .publish = publish,
    .bytes_per_step = bytes_per_step,
};
