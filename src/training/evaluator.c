#include "training/evaluator.h"

#include <string.h>

#include "base/memory.h"
#include "training/run_data.h"

/* Who does what: every rank takes a run of blocks, and with them a run of samples. */
typedef struct Shares {
  Range *blocks, *samples; /* per rank */
  size_t rank;
} Shares;

static Shares shares_create(size_t n_samples, size_t n_blocks, const Communicator *communicator) {
  size_t n_ranks = communicator ? (size_t)communicator_size(communicator) : 1;
  Shares shares = {.blocks = NEW_ARRAY(Range, n_ranks), .samples = NEW_ARRAY(Range, n_ranks)};
  shares.rank = communicator ? (size_t)communicator_rank(communicator) : 0;
  for (size_t r = 0; r < n_ranks; r++) {
    shares.blocks[r] = shard_rows(n_blocks, n_ranks, r);
    size_t begin = shares.blocks[r].begin * EVALUATION_BLOCK_ROWS;
    size_t end = shares.blocks[r].end * EVALUATION_BLOCK_ROWS;
    shares.samples[r] =
        (Range){begin < n_samples ? begin : n_samples, end < n_samples ? end : n_samples};
  }
  return shares;
}

static void shares_release(Shares *shares) {
  memory_release(shares->blocks);
  memory_release(shares->samples);
}

/* Collects what every rank computed for its blocks, or samples: `item_bytes` for each. A rank's run
 * is contiguous, so the ranks' pieces lie one after the other. */
static void collect(Communicator *communicator, const Range *pieces, size_t item_bytes, void *all) {
  if (!communicator) return;
  size_t n_ranks = (size_t)communicator_size(communicator);
  size_t rank = (size_t)communicator_rank(communicator);
  size_t *bytes = NEW_ARRAY(size_t, n_ranks);
  for (size_t r = 0; r < n_ranks; r++) bytes[r] = range_count(pieces[r]) * item_bytes;
  void *mine = memory_allocate(bytes[rank]);
  memcpy(mine, (char *)all + pieces[rank].begin * item_bytes, bytes[rank]);
  communicator_collect(communicator, mine, bytes, all);
  memory_release(mine);
  memory_release(bytes);
}

void evaluate_samples(const Model *model, const real *parameters, const Samples *samples,
                      Communicator *communicator, const EvaluatorResult *result) {
  Sampler in_order = {.samples = samples};
  RowSource rows = run_data_rows(&in_order);
  size_t n = samples_count(samples), n_sums = model_sum_count(model);
  Evaluation *evaluation = evaluation_create(model, &rows, n);
  size_t n_blocks = evaluation_block_count(evaluation);
  size_t n_medians = evaluation_median_count(model);
  double *block_sums = NEW_ARRAY(double, n_blocks *n_sums);
  double *ordered = NEW_ARRAY(double, n_medians *n);

  Shares shares = shares_create(n, n_blocks, communicator);
  Range mine = shares.blocks[shares.rank];
  for (size_t b = mine.begin; b < mine.end; b++) {
    evaluation_block(evaluation, parameters, b, block_sums + b * n_sums, ordered);
    if (result->verdicts) evaluation_verdicts(evaluation, b, result->verdicts);
  }
  collect(communicator, shares.blocks, n_sums * sizeof(double), block_sums);
  for (size_t i = 0; i < n_medians; i++) {
    collect(communicator, shares.samples, sizeof(double), ordered + i * n);
  }
  if (result->verdicts) {
    collect(communicator, shares.samples, sizeof(Verdict), result->verdicts);
  }

  double *sums = NEW_ARRAY(double, n_sums);
  for (size_t b = 0; b < n_blocks; b++) {
    for (size_t i = 0; i < n_sums; i++) sums[i] += block_sums[b * n_sums + i];
  }
  evaluation_values(model, (double)n, sums, n, ordered, result->values);

  memory_release(sums);
  shares_release(&shares);
  memory_release(ordered);
  memory_release(block_sums);
  evaluation_destroy(evaluation);
}
