#pragma once
/* The reduction of this program beside MPI_Allreduce, on vectors of one size.
 *
 * Ranks       collective
 */

#include "base/spread.h"
#include "distributed/gradient_reduction.h"

typedef struct ReductionTimes {
  ReductionPath path; /* in use */
  Spread own;         /* s: exchange, sum of this rank's slice into the parameters, publication */
  Spread allreduce;   /* s: MPI_Allreduce of the same vector, in place, MPI_SUM */
  Spread ratio;       /* own / allreduce, pair by pair */
} ReductionTimes;

/* Measures both in turn, `rounds` times. Range: bytes >= 4; rounds from 1 to 1000. */
ReductionTimes reduction_benchmark(Communicator *communicator, size_t bytes, size_t rounds);
