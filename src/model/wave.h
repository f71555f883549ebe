#pragma once
/* A wave: rows of a batch that go through the model together, forward and backward.
 *
 * No result of a row depends on the other rows; sums over rows are formed shard by shard, in the
 * order of the wave's program.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/step_clock.h"
#include "math/shard_tree.h"
#include "model/model.h"

/* The batch of a step. */
typedef struct Batch {
  const real *parameters;
  size_t n_rows;   /* samples of this batch */
  size_t n_shards; /* S */
  uint64_t seed;   /* of the run */
  uint32_t epoch;
  uint64_t first_position; /* of the first sample in the epoch's order */
  RowSource rows;          /* by position in the epoch's order */
  StepClock *clock;        /* NULL: nobody asks where the time goes */
} Batch;

typedef struct Wave {
  const Batch *batch;
  Range rows;                  /* of the batch */
  Range shards;                /* that the rows belong to */
  const ShardProgram *program; /* of the rows, counted from the first */
} Wave;

/* Where the gradient of the parameters goes. */
typedef struct WaveGradient {
  real *gradient;  /* the flat vector */
  bool accumulate; /* add to what it holds */
} WaveGradient;

/* Reads the rows, goes forward, and from the last layer to the first backward.
 *
 * Shapes      sums (S, model_sum_count): the rows' losses and metrics are added to their shards'
 *             out: NULL: the parameters' gradients are left for later
 */
void wave_compute(const Model *model, const Workspace *workspace, const Wave *wave, double *sums,
                  const WaveGradient *out);

/* A layer's pass over the wave's rows, when they lie in a workspace. */
LayerPass wave_pass(const Workspace *workspace, const Wave *wave, size_t layer);
