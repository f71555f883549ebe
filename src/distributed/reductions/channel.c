#include "distributed/reductions/channel.h"

#include <string.h>

#include "base/memory.h"

/* The nodes of the tree that a group can add up by itself. */
typedef struct Cover {
  size_t count;
  ShardNode nodes[SHARD_MOST_NODES];
} Cover;

/* One cut of one node's sum over another group's slice. */
typedef struct Message {
  ShardNode node;
  Range range; /* flat */
  real *packed;
} Message;

struct Channel {
  GradientReduction *reduction;
  const TreeSum *own_sum;
  ChannelPlan plan;
  MPI_Comm members;
  Cover *covers; /* per group */
  size_t n_messages;
  Message *messages; /* own nodes of every message, one after the other */
  size_t n_sends, n_receives;
  MPI_Request *requests; /* persistent: sends, in the order of `messages`, then receives */
  real *sent, *received;
  size_t sent_elements;
  int *slice_count, *slice_at; /* per group */
};

static size_t group_after(const Channel *channel, size_t distance) {
  return (channel->plan.index + distance) % channel->plan.n_groups;
}

static Range cut_of(const Channel *channel, size_t group, size_t cut) {
  return channel->plan.cut(channel->reduction, group, cut);
}

/* All cuts of a group's slice. */
static Range slice_of(const Channel *channel, size_t group) {
  Range slice = {0, 0};
  for (size_t c = 0; c < channel->plan.n_cuts; c++) {
    Range cut = cut_of(channel, group, c);
    if (range_count(cut) == 0) continue;
    if (range_count(slice) == 0) slice.begin = cut.begin;
    slice.end = cut.end;
  }
  return slice;
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

static int tag_of(size_t cut, size_t node) {
  return (int)(cut * SHARD_MOST_NODES + node);
}

static void plan_sends(Channel *channel) {
  const ChannelPlan *plan = &channel->plan;
  const Cover *own = &channel->covers[plan->index];
  for (size_t m = 0; m < channel->n_messages; m++) {
    Range range = cut_of(channel, group_after(channel, 1 + m / plan->n_cuts), m % plan->n_cuts);
    channel->sent_elements += own->count * range_count(range);
  }
  channel->sent = NEW_ARRAY(real, channel->sent_elements);
  real *packed = channel->sent;
  for (size_t m = 0; m < channel->n_messages; m++) {
    size_t group = group_after(channel, 1 + m / plan->n_cuts), cut = m % plan->n_cuts;
    for (size_t i = 0; i < own->count; i++) {
      size_t index = m * own->count + i;
      Message *message = &channel->messages[index];
      *message = (Message){own->nodes[i], cut_of(channel, group, cut), packed};
      size_t count = range_count(message->range);
      packed += count;
      MPI_CHECK(MPI_Send_init(message->packed, as_mpi_count(count), mpi_real(), (int)group,
                              tag_of(cut, i), channel->members, &channel->requests[index]));
    }
  }
}

/* Where the others' sums of this rank's slice will lie, node by node. */
static void plan_receives(Channel *channel) {
  const ChannelPlan *plan = &channel->plan;
  Range slice = slice_of(channel, plan->index);
  size_t length = range_count(slice), n_nodes = 0;
  for (size_t d = 1; d < plan->n_groups; d++) {
    n_nodes += channel->covers[group_after(channel, d)].count;
  }
  channel->received = NEW_ARRAY(real, n_nodes * length);
  real *sum = channel->received;
  MPI_Request *request = channel->requests + channel->n_sends;
  for (size_t d = 1; d < plan->n_groups; d++) {
    size_t group = group_after(channel, d);
    for (size_t i = 0; i < channel->covers[group].count; i++, sum += length) {
      tree_sum_add(&channel->reduction->sum, channel->covers[group].nodes[i], sum);
      for (size_t c = 0; c < plan->n_cuts; c++) {
        Range range = cut_of(channel, plan->index, c);
        size_t offset = range_count(range) > 0 ? range.begin - slice.begin : 0;
        MPI_CHECK(MPI_Recv_init(sum + offset, as_mpi_count(range_count(range)), mpi_real(),
                                (int)group, tag_of(c, i), channel->members, request++));
      }
    }
  }
}

static void plan_gather(Channel *channel) {
  size_t n = channel->plan.n_groups;
  channel->slice_count = NEW_ARRAY(int, n);
  channel->slice_at = NEW_ARRAY(int, n);
  for (size_t g = 0; g < n; g++) {
    Range slice = slice_of(channel, g);
    channel->slice_count[g] = as_mpi_count(range_count(slice));
    channel->slice_at[g] = as_mpi_count(slice.begin);
  }
}

Channel *channel_create(GradientReduction *reduction, const TreeSum *own_sum,
                        const ChannelPlan *plan, MPI_Comm communicator) {
  Channel *channel = NEW(Channel);
  *channel =
      (Channel){.reduction = reduction, .own_sum = own_sum, .plan = *plan, .members = communicator};
  channel->covers = NEW_ARRAY(Cover, plan->n_groups);
  for (size_t g = 0; g < plan->n_groups; g++) {
    channel->covers[g] = cover_of_group(reduction, g);
    if (g != plan->index) channel->n_receives += channel->covers[g].count * plan->n_cuts;
  }
  channel->n_messages = (plan->n_groups - 1) * plan->n_cuts;
  channel->n_sends = channel->n_messages * channel->covers[plan->index].count;
  channel->messages = NEW_ARRAY(Message, channel->n_sends);
  channel->requests = NEW_ARRAY(MPI_Request, channel->n_sends + channel->n_receives);
  plan_sends(channel);
  plan_receives(channel);
  plan_gather(channel);
  return channel;
}

void channel_destroy(Channel *channel) {
  if (!channel) return;
  for (size_t i = 0; i < channel->n_sends + channel->n_receives; i++) {
    MPI_CHECK(MPI_Request_free(&channel->requests[i]));
  }
  MPI_CHECK(MPI_Comm_free(&channel->members));
  memory_release(channel->covers);
  memory_release(channel->messages);
  memory_release(channel->requests);
  memory_release(channel->sent);
  memory_release(channel->received);
  memory_release(channel->slice_count);
  memory_release(channel->slice_at);
  memory_release(channel);
}

void channel_begin(Channel *channel) {
  MPI_CHECK(MPI_Startall(as_mpi_count(channel->n_receives), channel->requests + channel->n_sends));
}

size_t channel_message_count(const Channel *channel) {
  return channel->n_messages;
}

/* This group's sum of one node over a range. A node without samples is sent as it is: nobody reads
 * it. */
static void pack(const Channel *channel, const Message *message) {
  Range range = message->range;
  size_t n_rows = channel->reduction->n_rows;
  for (size_t begin = range.begin; begin < range.end; begin += PARAMETER_BLOCK) {
    size_t left = range.end - begin, count = left < PARAMETER_BLOCK ? left : PARAMETER_BLOCK;
    const real *sum = tree_sum_stretch(channel->own_sum, message->node, n_rows, begin, count);
    if (sum) memcpy(message->packed + (begin - range.begin), sum, count * sizeof(real));
  }
}

void channel_send(Channel *channel, size_t message) {
  size_t count = channel->covers[channel->plan.index].count, first = message * count;
  for (size_t i = first; i < first + count; i++) pack(channel, &channel->messages[i]);
  MPI_CHECK(MPI_Startall(as_mpi_count(count), channel->requests + first));
}

void channel_poke(Channel *channel) {
  int done;
  MPI_CHECK(MPI_Testall(as_mpi_count(channel->n_sends + channel->n_receives), channel->requests,
                        &done, MPI_STATUSES_IGNORE));
}

void channel_finish(Channel *channel) {
  MPI_CHECK(MPI_Waitall(as_mpi_count(channel->n_sends + channel->n_receives), channel->requests,
                        MPI_STATUSES_IGNORE));
}

void channel_gather(Channel *channel, real *parameters) {
  MPI_CHECK(MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, parameters, channel->slice_count,
                           channel->slice_at, mpi_real(), channel->members));
}

double channel_bytes_per_step(const Channel *channel) {
  double parameters = (double)range_count(slice_of(channel, channel->plan.index)) *
                      (double)(channel->plan.n_groups - 1);
  return (parameters + (double)channel->sent_elements) * sizeof(real);
}
