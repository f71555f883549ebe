#include "distributed/communicator.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/memory.h"
#include "distributed/mpi_door.h"

static void abort_all_ranks(const char *message) {
  (void)message;
  MPI_Abort(MPI_COMM_WORLD, EX_SOFTWARE);
}

bool communicator_is_launched(void) {
  return getenv("OMPI_COMM_WORLD_SIZE") || getenv("PMIX_RANK") || getenv("PMI_RANK");
}

int communicator_expected_rank(void) {
  static const char *const variables[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", NULL};
  for (const char *const *name = variables; *name; name++) {
    const char *value = getenv(*name);
    if (value) return atoi(value);
  }
  return 0;
}

/* The ranks of every host, one after the other: hosts in the order of their lowest ranks. */
static void number_by_host(Communicator *communicator) {
  int rank = 0, size = 0, lowest = 0;
  MPI_Comm here;
  MPI_CHECK(MPI_Comm_rank(MPI_COMM_WORLD, &rank));
  MPI_CHECK(MPI_Comm_size(MPI_COMM_WORLD, &size));
  MPI_CHECK(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &here));
  MPI_CHECK(MPI_Allreduce(&rank, &lowest, 1, MPI_INT, MPI_MIN, here));
  MPI_CHECK(MPI_Comm_free(&here));

  int *lowest_of = NEW_ARRAY(int, (size_t)size), key = 0;
  MPI_CHECK(MPI_Allgather(&lowest, 1, MPI_INT, lowest_of, 1, MPI_INT, MPI_COMM_WORLD));
  for (int other = 0; other < size; other++) {
    bool before = lowest_of[other] < lowest || (lowest_of[other] == lowest && other < rank);
    key += before;
  }
  memory_release(lowest_of);
  MPI_CHECK(MPI_Comm_split(MPI_COMM_WORLD, 0, key, &communicator->world));
  MPI_CHECK(MPI_Comm_rank(communicator->world, &communicator->rank));
  MPI_CHECK(MPI_Comm_size(communicator->world, &communicator->size));
}

/* One rank of every host is its lowest; their number is the number of hosts. */
static void find_hosts(Communicator *communicator) {
  MPI_Comm here;
  MPI_CHECK(MPI_Comm_split_type(communicator->world, MPI_COMM_TYPE_SHARED, communicator->rank,
                                MPI_INFO_NULL, &here));
  int rank_here = 0;
  MPI_CHECK(MPI_Comm_rank(here, &rank_here));
  MPI_CHECK(MPI_Comm_size(here, &communicator->ranks_here));
  MPI_CHECK(MPI_Comm_free(&here));

  int is_lowest = rank_here == 0;
  MPI_CHECK(
      MPI_Allreduce(&is_lowest, &communicator->n_hosts, 1, MPI_INT, MPI_SUM, communicator->world));
  int length = 0;
  MPI_CHECK(MPI_Get_processor_name(communicator->host, &length));
}

/* Without a launcher Open MPI would look for ssh to start its own daemon. And it would share a
 * folder below /tmp with all others like it, each of which removes the folder at its end: sometimes
 * between another's looking and making. A lone rank needs no such folder. */
static void prepare_lone_rank(void) {
  setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
  setenv("OMPI_MCA_orte_create_session_dirs", "0", 0);
}

Communicator *communicator_open(void) {
  if (!communicator_is_launched()) prepare_lone_rank();
  MPI_CHECK(MPI_Init(NULL, NULL));
  fatal_set_hook(abort_all_ranks);

  Communicator *communicator = NEW(Communicator);
  number_by_host(communicator);
  find_hosts(communicator);
  return communicator;
}

void communicator_close(Communicator *communicator) {
  MPI_CHECK(MPI_Comm_free(&communicator->world));
  memory_release(communicator);
  fatal_set_hook(NULL);
  MPI_CHECK(MPI_Finalize());
}

int communicator_rank(const Communicator *communicator) {
  return communicator->rank;
}

int communicator_size(const Communicator *communicator) {
  return communicator->size;
}

int communicator_hosts(const Communicator *communicator) {
  return communicator->n_hosts;
}

int communicator_ranks_here(const Communicator *communicator) {
  return communicator->ranks_here;
}

const char *communicator_host(const Communicator *communicator) {
  return communicator->host;
}

const char *communicator_library(void) {
  static char version[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  MPI_CHECK(MPI_Get_library_version(version, &length));
  char *end = strchr(version, ',');
  if (end) *end = '\0';
  return version;
}

void communicator_collect(Communicator *communicator, const void *mine, const size_t *bytes_of_rank,
                          void *all) {
  size_t n_ranks = (size_t)communicator->size;
  int *counts = NEW_ARRAY(int, n_ranks), *offsets = NEW_ARRAY(int, n_ranks);
  size_t total = 0;
  for (size_t r = 0; r < n_ranks; r++) {
    counts[r] = as_mpi_count(bytes_of_rank[r]);
    offsets[r] = as_mpi_count(total);
    total += bytes_of_rank[r];
  }
  MPI_CHECK(MPI_Allgatherv(mine, counts[communicator->rank], MPI_BYTE, all, counts, offsets,
                           MPI_BYTE, communicator->world));
  memory_release(counts);
  memory_release(offsets);
}

double communicator_max(Communicator *communicator, double value) {
  double largest = value;
  MPI_CHECK(MPI_Allreduce(&value, &largest, 1, MPI_DOUBLE, MPI_MAX, communicator->world));
  return largest;
}

void communicator_wait(Communicator *communicator) {
  MPI_CHECK(MPI_Barrier(communicator->world));
}
