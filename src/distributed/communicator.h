#pragma once
/* The ranks of a run, and the few ways in which they exchange plain data.
 *
 * Ranks       everything here but the accessors is collective: all ranks call, in the same order.
 *             A failing MPI call ends all ranks.
 */

#include <stdbool.h>
#include <stddef.h>

typedef struct Communicator Communicator;

/* Starts MPI and returns all ranks, numbered host by host in whatever order the launcher has dealt
 * them, so that the ranks of a host carry a run of shards; rank 0 stays rank 0. A program that was
 * started without mpirun is a run of one rank.
 *
 * Ranks       collective, once per process; a fatal error then ends all ranks
 * Ownership   communicator_close
 */
Communicator *communicator_open(void);

/* Ends MPI. Ranks: collective. */
void communicator_close(Communicator *communicator);

/* This rank, from 0, and how many there are. */
int communicator_rank(const Communicator *communicator);
int communicator_size(const Communicator *communicator);

/* Hosts that the ranks run on, and how many ranks share this rank's host. */
int communicator_hosts(const Communicator *communicator);
int communicator_ranks_here(const Communicator *communicator);

/* This rank's host name; borrowed. */
const char *communicator_host(const Communicator *communicator);

/* True if a launcher such as mpirun started this process, before MPI is started. Ranks: local. */
bool communicator_is_launched(void);

/* The rank that the launcher gave this process, before MPI is started; 0 without a launcher. */
int communicator_expected_rank(void);

/* "Open MPI v4.1.4, ..."; borrowed. Ranks: local, needs no started MPI. */
const char *communicator_library(void);

/* Collects every rank's bytes at all ranks, in rank order.
 *
 * Shapes      bytes_of_rank (size), equal on all ranks; all (sum of bytes_of_rank)
 */
void communicator_collect(Communicator *communicator, const void *mine, const size_t *bytes_of_rank,
                          void *all);

/* The largest of a number over all ranks, at all ranks. */
double communicator_max(Communicator *communicator, double value);

/* Returns when all ranks have called. */
void communicator_wait(Communicator *communicator);
