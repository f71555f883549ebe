#pragma once
/* The inside of distributed/gradient_reduction.h: what every path has, and what each does its way.
 *
 * A path is one file in distributed/reductions/.
 */

#include "distributed/gradient_reduction.h"
#include "distributed/mpi_door.h"
#include "math/tree_sum.h"

typedef struct ReductionKind {
  /* Sets blocks_of_rank, slice and parameters; with pool_elements pool, else own and sum; and order
   * if somebody waits for parts. Ranks: collective. */
  void (*create)(GradientReduction *reduction);
  void (*destroy)(GradientReduction *reduction);
  void (*begin)(GradientReduction *reduction);
  void (*exchange)(GradientReduction *reduction);
  void (*publish)(GradientReduction *reduction);
  double (*bytes_per_step)(const GradientReduction *reduction);
} ReductionKind;

extern const ReductionKind grouped_reduction, allreduce_reduction;

struct GradientReduction {
  Communicator *communicator;
  const ShardPlan *plan;
  const ParameterMap *map;
  ReductionPath path;
  size_t pool_elements;
  const ReductionKind *kind;
  NodeGroup *group;
  void *state; /* of the kind */

  real *parameters;
  real *pool;            /* in common; NULL but on the pooled path */
  real *own;             /* this rank's partial sums, whole vectors, one after the other */
  Range *blocks_of_rank; /* per rank: the blocks that it updates */
  Range slice;           /* this rank's blocks as a flat range */
  TreeSum sum;           /* its sources begin at the slice's first element */
  PartOrder order;       /* in which partial sums are wanted; count 0: in any */
  size_t n_rows;         /* of the batch */

  double *block_values;  /* one per block of the map */
  int *counts, *offsets; /* per rank, in the form that MPI takes them */
};

/* The partial sums that a rank publishes: how many, and the index of the first in the plan. Ranks:
 * local. */
size_t reduction_node_count(const GradientReduction *reduction, size_t rank);
size_t reduction_first_node(const GradientReduction *reduction, size_t rank);
