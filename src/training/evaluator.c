#include "training/evaluator.h"

#include <string.h>

#include "base/memory.h"
#include "training/run_data.h"

/* Collects what every rank computed for its blocks: `width` numbers for each of `per_block` things.
 * A rank's blocks are contiguous, so the ranks' pieces lie one after the other. */
static void collect(Communicator *communicator, const Range *pieces, size_t width, double *all) {
  if (!communicator) return;
  size_t n_ranks = (size_t)communicator_size(communicator);
  size_t rank = (size_t)communicator_rank(communicator);
  size_t *bytes = NEW_ARRAY(size_t, n_ranks);
  for (size_t r = 0; r < n_ranks; r++) bytes[r] = range_count(pieces[r]) * width * sizeof(double);
  double *mine = memory_allocate(bytes[rank]);
  memcpy(mine, all + pieces[rank].begin * width, bytes[rank]);
  communicator_collect(communicator, mine, bytes, all);
  memory_release(mine);
  memory_release(bytes);
}

void evaluate_samples(const Model *model, const real *parameters, const Samples *samples,
                      Communicator *communicator, double *values) {
  Sampler in_order = {.samples = samples};
  RowSource rows = run_data_rows(&in_order);
  size_t n = samples_count(samples), n_sums = model_sum_count(model);
  Evaluation *evaluation = evaluation_create(model, &rows, n);
  size_t n_blocks = evaluation_block_count(evaluation);
  size_t n_medians = evaluation_median_count(model);
  double *block_sums = NEW_ARRAY(double, n_blocks *n_sums);
  double *ordered = NEW_ARRAY(double, n_medians *n);

  /* Every rank takes a run of blocks. */
  size_t n_ranks = communicator ? (size_t)communicator_size(communicator) : 1;
  size_t rank = communicator ? (size_t)communicator_rank(communicator) : 0;
  Range *blocks = NEW_ARRAY(Range, n_ranks), *sample_ranges = NEW_ARRAY(Range, n_ranks);
  for (size_t r = 0; r < n_ranks; r++) {
    blocks[r] = shard_rows(n_blocks, n_ranks, r);
    size_t begin = blocks[r].begin * EVALUATION_BLOCK_ROWS;
    size_t end = blocks[r].end * EVALUATION_BLOCK_ROWS;
    sample_ranges[r] = (Range){begin < n ? begin : n, end < n ? end : n};
  }
  for (size_t b = blocks[rank].begin; b < blocks[rank].end; b++) {
    evaluation_block(evaluation, parameters, b, block_sums + b * n_sums, ordered);
  }
  collect(communicator, blocks, n_sums, block_sums);
  for (size_t i = 0; i < n_medians; i++) {
    collect(communicator, sample_ranges, 1, ordered + i * n);
  }

  double *sums = NEW_ARRAY(double, n_sums);
  for (size_t b = 0; b < n_blocks; b++) {
    for (size_t i = 0; i < n_sums; i++) sums[i] += block_sums[b * n_sums + i];
  }
  evaluation_values(model, (double)n, sums, n, ordered, values);

  memory_release(sums);
  memory_release(blocks);
  memory_release(sample_ranges);
  memory_release(ordered);
  memory_release(block_sums);
  evaluation_destroy(evaluation);
}
