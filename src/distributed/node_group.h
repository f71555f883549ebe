#pragma once
/* Ranks that share memory: the ranks of one host, or fewer where that is asked for.
 *
 * Ranks are numbered host by host (distributed/communicator.h), so a group is a run of ranks, and
 * carries a run of shards. Memory that a group shares is read and written directly; node_group_wait
 * orders the accesses.
 *
 * Ranks       collective over the communicator, or over the group where it says so
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/range.h"
#include "distributed/communicator.h"

typedef struct NodeGroup NodeGroup;

/* Divides the ranks into groups of at most `most_ranks` that share a host; 0: as many as there are.
 *
 * Ownership   node_group_destroy, before the communicator is closed
 */
NodeGroup *node_group_create(Communicator *communicator, size_t most_ranks);

/* Releases the group and the memory that it shares; NULL is fine. Ranks: collective. */
void node_group_destroy(NodeGroup *group);

/* Number of groups, this rank's group, and the ranks of a group. */
size_t node_group_count(const NodeGroup *group);
size_t node_group_index(const NodeGroup *group);
Range node_group_ranks(const NodeGroup *group, size_t index);

/* This rank's place in its group, from 0. */
size_t node_group_place(const NodeGroup *group);

/* True if every group's host has room for this many bytes of shared memory, summed over the ranks
 * of the group. Containers often have 64 MiB. Ranks: collective.
 */
bool node_group_has_room(NodeGroup *group, Communicator *communicator, size_t bytes_of_rank);

/* Allocates zeroed memory that all ranks of the group can use; each rank brings its own part.
 *
 * Shapes      parts (ranks of the group): where each rank's part begins
 * Ownership   lives until node_group_destroy
 * Ranks       collective over the group
 */
void node_group_allocate(NodeGroup *group, size_t bytes_of_rank, void **parts);

/* Returns when all ranks of the group have called; what they wrote before is then visible to all.
 *
 * Waits actively for a moment, then yields the core. A rank that does not come within the time that
 * node_group_set_patience sets ends the run, by name.
 * Ranks       collective over the group
 */
void node_group_wait(NodeGroup *group);

/* Says how far this rank has come since the latest node_group_wait, and asks whether all ranks of
 * the group have come so far since then; what they wrote before is then visible. Nobody waits.
 *
 * Range       marks from 1, in ascending order, below 2^32
 * Ranks       local
 */
void node_group_mark(NodeGroup *group, size_t mark);
bool node_group_all_marked(const NodeGroup *group, size_t mark);

/* Seconds that this rank has spent in node_group_wait so far. Ranks: local. */
double node_group_waited_s(const NodeGroup *group);

/* Sets how long node_group_wait waits for a rank. Range: seconds > 0. Ranks: local. */
void node_group_set_patience(NodeGroup *group, double seconds);
