#pragma once
/* What the files of this folder share of MPI. */

#include <mpi.h>

#include "base/fatal.h"
#include "distributed/communicator.h"
#include "math/real.h"

struct Communicator {
  MPI_Comm world;
  int rank, size;
  int n_hosts, ranks_here;
  char host[MPI_MAX_PROCESSOR_NAME];
};

#define MPI_CHECK(call) CHECK((call) == MPI_SUCCESS, "%s failed", #call)

/* MPI's type of `real`. */
static inline MPI_Datatype mpi_real(void) {
  return sizeof(real) == sizeof(float) ? MPI_FLOAT : MPI_DOUBLE;
}

/* MPI counts in int. */
static inline int as_mpi_count(size_t count) {
  CHECK(count <= 0x7fffffff, "%zu elements are too many for one MPI call", count);
  return (int)count;
}
