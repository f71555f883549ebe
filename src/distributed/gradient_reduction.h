#pragma once
/* From the ranks' partial gradients to the one summed gradient, and back to equal parameters.
 *
 * Order of calls, once a step: every rank writes its partial sums (gradient_reduction_partial), all
 * call gradient_reduction_sum, each updates the blocks that it owns in the parameters, all call
 * gradient_reduction_publish. The sum has the bits of the tree on every path. The reduction owns the
 * memory of the parameters and of the partial gradients, since a path may want it in a special place.
 *
 * Ranks       collective where it says so
 */

#include <stdbool.h>

#include "base/status.h"
#include "distributed/communicator.h"
#include "distributed/shard_plan.h"
#include "math/parameters.h"

/* How the numbers travel. */
typedef enum ReductionPath {
  REDUCTION_AUTO,      /* the fastest that there is */
  REDUCTION_MESSAGE,   /* each rank sums and updates its own slice: exchange, then gather */
  REDUCTION_ALLREDUCE, /* MPI_Allreduce moves all partial sums to all ranks: the plain reference */
} ReductionPath;

extern const char *const reduction_path_names[]; /* NULL-terminated, in the order of the enum */

typedef struct GradientReduction GradientReduction;

/* Prepares the reduction of one flat vector. Plan and map must outlive it.
 *
 * Ranks       local
 * Ownership   gradient_reduction_destroy
 */
GradientReduction *gradient_reduction_create(Communicator *communicator, const ShardPlan *plan,
                                             const ParameterMap *map, ReductionPath path);

/* Releases it; NULL is fine. */
void gradient_reduction_destroy(GradientReduction *reduction);

/* The path in use: never REDUCTION_AUTO. */
ReductionPath gradient_reduction_path(const GradientReduction *reduction);

/* The flat vector of parameters that this rank computes with. */
real *gradient_reduction_parameters(GradientReduction *reduction);

/* Where to write the partial sum of node plan->nodes[node], which is one of this rank's. */
real *gradient_reduction_partial(GradientReduction *reduction, size_t node);

/* The blocks of the map that this rank updates. */
Range gradient_reduction_blocks(const GradientReduction *reduction);

/* Sums the gradient of the blocks that this rank updates, in tree order.
 *
 * Range       n_rows: samples of the batch; nodes without samples are absent from the sum
 * Ranks       collective
 * Ownership   the result, the slice's elements, is borrowed until the next call; it may be changed
 */
real *gradient_reduction_sum(GradientReduction *reduction, size_t n_rows);

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

/* Bytes that this rank sends in one step. */
double gradient_reduction_bytes_per_step(const GradientReduction *reduction);
