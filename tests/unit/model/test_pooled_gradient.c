/* model/pooled_gradient: however the rows are divided among ranks and the parameters in slices, the
 * bits are those of model/gradient. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "math/product.h"
#include "model/gradient.h"
#include "model/pooled_gradient.h"
#include "support/networks.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum { D = 40, N_SAMPLES = 700, MOST_RANKS = 5 };

/* Kernels and biases of several blocks of the map, rows that blocks cut, a layer without
 * parameters. */
static const char *const MODEL =
    "{input: 40, layers: [{dense: {units: 70, activation: tanh}}, {dropout: 0.2}, "
    "{dense: {units: 1100, activation: relu}}, {dense: {units: 3, activation: softmax}}]}";

static Network *network;
static ArrayRows samples;

static int create_samples(void **state) {
  (void)state;
  network = network_create(MODEL, "cross_entropy");
  samples = class_samples_create(N_SAMPLES, D, 3);
  return product_start(PRODUCT_AUTO);
}

static int destroy_samples(void **state) {
  (void)state;
  network_destroy(network);
  class_samples_release(&samples);
  return 0;
}

/* Ranks in one process, with one pool. */
typedef struct Ranks {
  size_t count;
  real *memory;
  PooledGradient *pooled[MOST_RANKS];
  Range blocks[MOST_RANKS];
} Ranks;

static Ranks ranks_create(size_t count, size_t batch_rows) {
  const ParameterMap *map = &network->model->map;
  Ranks ranks = {.count = count};
  ranks.memory = NEW_ARRAY(real, row_pool_elements(network->model, batch_rows));
  for (size_t r = 0; r < count; r++) {
    ranks.blocks[r] = shard_rows(parameter_block_count(map), count, r);
    RowPool *pool = row_pool_create(network->model, batch_rows, ranks.memory);
    size_t own_rows = batch_rows < POOLED_MOST_ROWS ? batch_rows : POOLED_MOST_ROWS;
    ranks.pooled[r] = pooled_gradient_create(network->model, pool, own_rows, 1,
                                             parameter_slice(map, ranks.blocks[r]));
  }
  return ranks;
}

static void ranks_release(Ranks *ranks) {
  for (size_t r = 0; r < ranks->count; r++) pooled_gradient_destroy(ranks->pooled[r]);
  memory_release(ranks->memory);
}

/* The gradient of all ranks' slices, a block at a time as the optimizers read it. */
static void ranks_compute(const Ranks *ranks, const Batch *batch, real *gradient, double *sums) {
  const ParameterMap *map = &network->model->map;
  ParameterBlock *all = NEW_ARRAY(ParameterBlock, parameter_block_count(map));
  parameter_blocks(map, all);
  for (size_t r = 0; r < ranks->count; r++) {
    pooled_gradient_compute(ranks->pooled[r], batch, shard_rows(batch->n_shards, ranks->count, r),
                            sums);
  }
  for (size_t r = 0; r < ranks->count; r++) {
    pooled_gradient_begin_slice(ranks->pooled[r], batch);
    for (size_t b = ranks->blocks[r].begin; b < ranks->blocks[r].end; b++) {
      const real *stretch = pooled_gradient_stretch(ranks->pooled[r], all[b].offset, all[b].count);
      memcpy(gradient + all[b].offset, stretch, all[b].count * sizeof(real));
    }
  }
  memory_release(all);
}

static void assert_as_by_gradient(const Ranks *ranks, size_t n_rows, size_t n_shards) {
  size_t length = network->model->map.length, n_sums = model_sum_count(network->model);
  real *expected = NEW_ARRAY(real, length), *found = NEW_ARRAY(real, length);
  double *expected_sums = NEW_ARRAY(double, n_shards *n_sums);
  double *found_sums = NEW_ARRAY(double, n_shards *n_sums);
  Batch batch = network_batch(network, &samples, 100, n_rows, n_shards);
  Gradient *gradient = gradient_create(network->model, n_rows, n_shards, n_shards, 1);
  gradient_compute(gradient, &batch, shard_root(n_shards), expected, expected_sums);
  ranks_compute(ranks, &batch, found, found_sums);

  char what[64];
  snprintf(what, sizeof what, "%zu rows, %zu shards, %zu ranks", n_rows, n_shards, ranks->count);
  assert_same_bits(what, length, found, expected);
  assert_memory_equal(found_sums, expected_sums, n_shards * n_sums * sizeof(double));
  gradient_destroy(gradient);
  memory_release(expected);
  memory_release(found);
  memory_release(expected_sums);
  memory_release(found_sums);
}

/* Where the engine's bits depend on how products are cut there is nothing to pool. */
static bool cannot_pool(void) {
  if (product_cuts_freely()) return false;
  print_message("the engine's products cannot be cut freely\n");
  return true;
}

static void pooled_gradient_has_the_bits_of_the_tree_on_any_number_of_ranks(void **state) {
  (void)state;
  static const size_t rows[] = {1, 2, 7, 16, 33, 100, 251}, shards[] = {5, 8, 13};
  if (cannot_pool()) skip();
  for (size_t count = 1; count <= MOST_RANKS; count++) {
    for (size_t s = 0; s < COUNT(shards); s++) {
      Ranks ranks = ranks_create(count, 251);
      for (size_t i = 0; i < COUNT(rows); i++) {
        assert_as_by_gradient(&ranks, rows[i], shards[s]);
      }
      ranks_release(&ranks);
    }
  }
}

static void pooled_gradient_takes_as_many_rows_as_its_ranks_have_waves(void **state) {
  (void)state;
  if (cannot_pool()) skip();
  Ranks ranks = ranks_create(2, 2 * POOLED_MOST_ROWS);
  assert_as_by_gradient(&ranks, 2 * POOLED_MOST_ROWS, 2);
  assert_as_by_gradient(&ranks, 2 * POOLED_MOST_ROWS, 4);
  ranks_release(&ranks);
}

/* The first step leaves numbers in the pool that a shorter batch must not see. */
static void pooled_gradient_of_a_short_batch_forgets_the_long_one(void **state) {
  (void)state;
  if (cannot_pool()) skip();
  Ranks ranks = ranks_create(3, 200);
  assert_as_by_gradient(&ranks, 200, 3);
  assert_as_by_gradient(&ranks, 5, 3);
  assert_as_by_gradient(&ranks, 200, 3);
  ranks_release(&ranks);
}

static void pooled_gradient_says_what_memory_it_takes(void **state) {
  (void)state;
  Ranks small = ranks_create(1, 16), large = ranks_create(1, 160);
  size_t activations = (160 - 16) * (D + 2 * (70 + 70 + 1100 + 3)) * sizeof(real);
  assert_true(pooled_gradient_memory_bytes(large.pooled[0]) >=
              pooled_gradient_memory_bytes(small.pooled[0]) + activations);
  ranks_release(&small);
  ranks_release(&large);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pooled_gradient_has_the_bits_of_the_tree_on_any_number_of_ranks),
      cmocka_unit_test(pooled_gradient_takes_as_many_rows_as_its_ranks_have_waves),
      cmocka_unit_test(pooled_gradient_of_a_short_batch_forgets_the_long_one),
      cmocka_unit_test(pooled_gradient_says_what_memory_it_takes),
  };
  return cmocka_run_group_tests(tests, create_samples, destroy_samples);
}
