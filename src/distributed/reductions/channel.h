#pragma once
/* A channel: what the ranks that serve one part of the vector, one of every group, send each other.
 *
 * The part is cut into a slice for each group. A rank sends every other group its own group's
 * partial sums of that group's slice, in a few messages that can leave one by one as the gradient
 * is being computed, and gets the other groups' sums of its own slice. Later it sends the others
 * its updated slice of the parameters.
 *
 * Order of calls, once a step: channel_begin, channel_send for every message, with channel_poke in
 * between, channel_finish, channel_gather.
 */

#include "distributed/reduction_kind.h"

typedef struct Channel Channel;

/* What a channel is made from; the same on all ranks but for `index`. */
typedef struct ChannelPlan {
  size_t n_groups, index; /* of groups; this one */
  size_t n_cuts;          /* messages per slice and node */
  /* The flat range of one cut of a group's slice of this channel. */
  Range (*cut)(const GradientReduction *reduction, size_t group, size_t cut);
} ChannelPlan;

/* Opens the channel of this rank's place in its group, and adds what it will receive to the
 * reduction's sum.
 *
 * Ownership   channel_destroy; reduction and own_sum, the partial sums of this group, must outlive
 *             it
 * Ranks       collective over the ranks of `communicator`, which the channel takes
 */
Channel *channel_create(GradientReduction *reduction, const TreeSum *own_sum,
                        const ChannelPlan *plan, MPI_Comm communicator);

/* Closes it; NULL is fine. Ranks: collective over the channel. */
void channel_destroy(Channel *channel);

/* Gets ready to receive. Ranks: local. */
void channel_begin(Channel *channel);

/* Number of messages that this rank sends. Ranks: local. */
size_t channel_message_count(const Channel *channel);

/* Sends one message. `message` is cut (message % cuts) of the slice of the group that is
 * 1 + message / cuts after this one. The partial sums that it is made of must be there. Ranks:
 * local.
 */
void channel_send(Channel *channel, size_t message);

/* Lets messages move on: MPI moves them only while it is called. Ranks: local. */
void channel_poke(Channel *channel);

/* Returns when all messages have left and come. Ranks: collective over the channel. */
void channel_finish(Channel *channel);

/* Brings every group's slice of the parameters to all. Ranks: collective over the channel. */
void channel_gather(Channel *channel, real *parameters);

/* Bytes that this rank sends in one step. Ranks: local. */
double channel_bytes_per_step(const Channel *channel);
