#pragma once
/* From the ranks' partial gradients to the one summed gradient, and back to equal parameters.
 *
 * On the pooled path there are no partial gradients: the reduction gives the ranks a piece of
 * memory in common, gradient_reduction_exchange waits for what they write there, and the gradient
 * comes out of it elsewhere (model/pooled_gradient.h).
 *
 * Order of calls on all others, once a step: gradient_reduction_begin; every rank writes its
 * partial sums (gradient_reduction_partial), the last of them in the order of
 * gradient_reduction_order; all call gradient_reduction_exchange, each reads the sum of the blocks
 * that it owns, stretch by stretch (gradient_reduction_stretch), and updates them in the
 * parameters, all call gradient_reduction_publish. The sum has the bits of the tree. The reduction
 * owns the memory of the parameters and of the partial gradients, since a path may want it in a
 * special place.
 *
 * Ranks       collective where it says so
 */

#include <stdbool.h>

#include "base/status.h"
#include "distributed/communicator.h"
#include "distributed/node_group.h"
#include "distributed/shard_plan.h"
#include "math/histogram.h"
#include "math/parameters.h"

/* How the numbers travel. */
typedef enum ReductionPath {
  REDUCTION_AUTO,      /* pooled where a pool is offered and all ranks share a host; shared where
                          some do; else message; the first two only where there is room */
  REDUCTION_POOLED,    /* through memory within one host: rows, not gradients */
  REDUCTION_SHARED,    /* through memory within a host, messages between hosts */
  REDUCTION_MESSAGE,   /* messages between all ranks */
  REDUCTION_ALLREDUCE, /* MPI_Allreduce moves all partial sums to all ranks: the plain reference */
} ReductionPath;

extern const char *const reduction_path_names[]; /* NULL-terminated, in the order of the enum */

typedef struct GradientReduction GradientReduction;

/* What a reduction is made for. */
typedef struct ReductionSetup {
  ReductionPath path;
  size_t ranks_per_node; /* a cap on the ranks that share memory, to emulate hosts; 0: none */
  size_t pool_elements;  /* memory in common that the pooled path needs; 0: it is not offered */
} ReductionSetup;

/* Prepares the reduction of one flat vector. Plan and map must outlive it.
 *
 * Range       for REDUCTION_POOLED, the ranks share one host, and pool_elements > 0
 * Ranks       collective
 * Ownership   gradient_reduction_destroy
 */
GradientReduction *gradient_reduction_create(Communicator *communicator, const ShardPlan *plan,
                                             const ParameterMap *map, const ReductionSetup *setup);

/* Releases it; NULL is fine. Ranks: collective. */
void gradient_reduction_destroy(GradientReduction *reduction);

/* The path in use: never REDUCTION_AUTO. */
ReductionPath gradient_reduction_path(const GradientReduction *reduction);

/* The ranks that share memory on this path: each for itself but on pooled and shared. Borrowed. */
NodeGroup *gradient_reduction_group(const GradientReduction *reduction);

/* The flat vector of parameters that this rank computes with. */
real *gradient_reduction_parameters(GradientReduction *reduction);

/* Gives all ranks of a group the parameters that its first rank has written. Ranks: collective. */
void gradient_reduction_share_parameters(GradientReduction *reduction);

/* The memory that all ranks have in common on the pooled path; NULL on others. */
real *gradient_reduction_pool(GradientReduction *reduction);

/* Where to write the partial sum of node plan->nodes[node], which is one of this rank's. */
real *gradient_reduction_partial(GradientReduction *reduction, size_t node);

/* The blocks of the map that this rank updates, and their flat range. */
Range gradient_reduction_blocks(const GradientReduction *reduction);
Range gradient_reduction_slice(const GradientReduction *reduction);

/* Begins with a batch.
 *
 * Range       n_rows: samples of the batch; nodes without samples are absent from the sum
 * Ranks       local
 */
void gradient_reduction_begin(GradientReduction *reduction, size_t n_rows);

/* The order in which the parts of this rank's last partial sum are wanted, since they travel while
 * others are computed; NULL: in any. To announce a part that is not the last sum's, or that is not
 * finished, is an error; to announce none only costs time. Borrowed.
 */
const PartOrder *gradient_reduction_order(const GradientReduction *reduction);

/* Brings the partial sums of this rank's blocks within its reach. Ranks: collective. */
void gradient_reduction_exchange(GradientReduction *reduction);

/* The summed gradient of `count` elements from flat position `offset`, which lie in one of this
 * rank's blocks, in tree order.
 *
 * Ownership   borrowed until the next call
 */
const real *gradient_reduction_stretch(const GradientReduction *reduction, size_t offset,
                                       size_t count);

/* Makes the parameters equal on all ranks after each has updated its blocks. Ranks: collective. */
void gradient_reduction_publish(GradientReduction *reduction);

/* Collects a vector that is divided like the gradient, such as an optimizer slot, at rank 0.
 *
 * Shapes      slice: this rank's elements   whole: the flat vector, on rank 0 alone
 * Ranks       collective
 */
void gradient_reduction_collect(GradientReduction *reduction, const real *slice, real *whole);

/* Adds one number per block, held by the blocks' owners, in block order: the same at all ranks.
 *
 * Shapes      partials: one per block of this rank
 * Ranks       collective
 */
double gradient_reduction_add_blocks(GradientReduction *reduction, const double *partials);

/* Widens ranges of numbers that each rank has found in its blocks to those of all blocks.
 *
 * Ranks       collective
 */
void gradient_reduction_widen(GradientReduction *reduction, size_t count, HistogramRange *ranges);

/* Adds what each rank has counted in its blocks.
 *
 * Ranks       collective
 */
void gradient_reduction_add_counts(GradientReduction *reduction, size_t count, int64_t *counts);

/* Bytes that this rank sends to others in one step; memory that is shared is not sent. */
double gradient_reduction_bytes_per_step(const GradientReduction *reduction);
