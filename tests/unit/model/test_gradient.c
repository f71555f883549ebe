/* model/gradient: whatever is computed together, the bits are those of the definition, with every
 * matrix engine. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "math/product.h"
#include "support/networks.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum { D = 6, M = 3, N_SAMPLES = 1600, FIRST_POSITION = 40 };

/* Dropout makes every sample's gradient depend on its position. */
static const char *const MODEL =
    "{input: 6, layers: [{dense: {units: 9, activation: tanh}}, {dropout: 0.2}, "
    "{dense: {units: 3, activation: softmax}}]}";

/* One network and its samples for all tests. */
static Network *network;
static ArrayRows samples;
static size_t length, n_sums;

static void use_network(const char *yaml) {
  network = network_create(yaml, "cross_entropy");
  length = network->model->map.length;
  n_sums = model_sum_count(network->model);
}

static int create_samples(void **state) {
  (void)state;
  use_network(MODEL);
  samples = class_samples_create(N_SAMPLES, D, M);
  return 0;
}

static int destroy_samples(void **state) {
  (void)state;
  network_destroy(network);
  class_samples_release(&samples);
  return 0;
}

static Batch create_batch(size_t n_rows, size_t n_shards) {
  return network_batch(network, &samples, FIRST_POSITION, n_rows, n_shards);
}

/* A gradient of a node with the sums of all shards; those outside the node stay 0. */
typedef struct Part {
  bool present;
  real *gradient;
  double *sums;
} Part;

static Part part_create(size_t n_shards) {
  return (Part){false, NEW_ARRAY(real, length), NEW_ARRAY(double, n_shards *n_sums)};
}

static void part_release(Part *part) {
  memory_release(part->gradient);
  memory_release(part->sums);
}

/* The right part is added to the left one, where both are present. */
static void part_add(Part *left, const Part *right, size_t n_shards) {
  for (size_t i = 0; i < n_shards * n_sums; i++) left->sums[i] += right->sums[i];
  if (!right->present) return;
  for (size_t i = 0; i < length; i++) {
    left->gradient[i] = left->present ? left->gradient[i] + right->gradient[i] : right->gradient[i];
  }
  left->present = true;
}

static Part part_compute(Gradient *gradient, const Batch *batch, ShardNode node) {
  Part part = part_create(batch->n_shards);
  part.present = gradient_compute(gradient, batch, node, part.gradient, part.sums);
  return part;
}

static void assert_same_part(const Part *found, const Part *expected, const Batch *batch) {
  char what[64];
  snprintf(what, sizeof what, "%zu rows, %zu shards", batch->n_rows, batch->n_shards);
  assert_int_equal(found->present, expected->present);
  assert_same_bits(what, length, found->gradient, expected->gradient);
  assert_memory_equal(found->sums, expected->sums, batch->n_shards * n_sums * sizeof(double));
}

/* ---- the definition ---- */

/* A shard: blocks of GRADIENT_BLOCK_ROWS, each computed as a batch of its own, added from the
 * left. */
static Part define_shard(const Batch *batch, size_t shard) {
  Part sum = part_create(batch->n_shards);
  Range rows = shard_rows(batch->n_rows, batch->n_shards, shard);
  for (size_t begin = rows.begin; begin < rows.end; begin += GRADIENT_BLOCK_ROWS) {
    size_t end = begin + GRADIENT_BLOCK_ROWS < rows.end ? begin + GRADIENT_BLOCK_ROWS : rows.end;
    Batch block = *batch;
    block.first_position += begin;
    block.n_rows = end - begin;
    block.n_shards = 1;
    Gradient *gradient = gradient_create(network->model, end - begin, 1, 1, 1);
    Part part = part_compute(gradient, &block, shard_root(1));
    for (size_t i = 0; i < n_sums; i++) sum.sums[shard * n_sums + i] += part.sums[i];
    part_add(&sum, &part, 0);
    part_release(&part);
    gradient_destroy(gradient);
  }
  return sum;
}

static Part define_node(const Batch *batch, ShardNode node) {
  if (node.index << node.level >= batch->n_shards) return part_create(batch->n_shards);
  if (node.level == 0) return define_shard(batch, node.index);
  Part left = define_node(batch, shard_left(node));
  Part right = define_node(batch, shard_right(node));
  part_add(&left, &right, batch->n_shards);
  part_release(&right);
  return left;
}

/* The root as defined and as computed with memory made for `most_rows`. */
static void assert_root_is_defined(size_t n_rows, size_t n_shards, size_t most_rows) {
  Batch batch = create_batch(n_rows, n_shards);
  Gradient *gradient = gradient_create(network->model, most_rows, n_shards, n_shards, 1);
  Part found = part_compute(gradient, &batch, shard_root(n_shards));
  Part expected = define_node(&batch, shard_root(n_shards));
  assert_same_part(&found, &expected, &batch);
  part_release(&found);
  part_release(&expected);
  gradient_destroy(gradient);
}

static void gradients_of_small_shards_are_as_defined(void **state) {
  (void)state;
  static const size_t shards[] = {1, 2, 3, 5, 7, 8, 16};
  static const size_t rows[] = {1, 2, 16, 37, 100};
  for (size_t s = 0; s < COUNT(shards); s++) {
    for (size_t r = 0; r < COUNT(rows); r++) assert_root_is_defined(rows[r], shards[s], rows[r]);
  }
}

static void gradients_of_several_waves_are_as_defined(void **state) {
  (void)state;
  static const size_t shards[] = {3, 5, 7, 8, 16};
  static const size_t rows[] = {257, 300, 384};
  for (size_t s = 0; s < COUNT(shards); s++) {
    for (size_t r = 0; r < COUNT(rows); r++) assert_root_is_defined(rows[r], shards[s], rows[r]);
  }
}

static void gradients_of_shards_of_several_blocks_are_as_defined(void **state) {
  (void)state;
  assert_root_is_defined(129, 1, 129);
  assert_root_is_defined(384, 1, 384);
  assert_root_is_defined(700, 2, 700);
  assert_root_is_defined(1000, 3, 1000);
  assert_root_is_defined(1500, 8, 1500);
}

static void gradients_of_a_batch_smaller_than_announced_are_as_defined(void **state) {
  (void)state;
  assert_root_is_defined(3, 8, 64);
  assert_root_is_defined(29, 4, 64);
  assert_root_is_defined(50, 8, 64);
  assert_root_is_defined(140, 5, 900);
  assert_root_is_defined(500, 3, 900);
}

static void gradients_of_wide_layers_are_as_defined(void **state) {
  (void)state;
  network_destroy(network);
  use_network("{input: 6, layers: [{dense: 9000}, {dense: {units: 3, activation: softmax}}]}");
  assert_root_is_defined(37, 7, 37);
  assert_root_is_defined(300, 5, 300);
  network_destroy(network);
  use_network(MODEL);
}

/* ---- ranks ---- */

/* What the ranks published: one part for each node of each rank's cover. */
typedef struct Published {
  size_t count;
  ShardNode nodes[SHARD_MOST_NODES];
  Part parts[SHARD_MOST_NODES];
} Published;

/* Each rank computes its covers with memory for its own shards alone. */
static void publish(const Batch *batch, size_t n_ranks, Published *out) {
  out->count = 0;
  size_t n_shards = batch->n_shards;
  for (size_t rank = 0; rank < n_ranks; rank++) {
    Range leaves = {rank * n_shards / n_ranks, (rank + 1) * n_shards / n_ranks};
    ShardNode *nodes = &out->nodes[out->count];
    size_t own = leaves.end - leaves.begin, n_nodes = shard_cover(n_shards, leaves, nodes);
    Gradient *gradient = gradient_create(network->model, batch->n_rows, n_shards, own, 1);
    for (size_t i = 0; i < n_nodes; i++) {
      out->parts[out->count++] = part_compute(gradient, batch, nodes[i]);
    }
    gradient_destroy(gradient);
  }
}

/* Adds what was published below a node, in tree order. */
static Part recombine(const Published *published, size_t n_shards, ShardNode node) {
  Part sum = part_create(n_shards);
  if (node.index << node.level >= n_shards) return sum;
  for (size_t i = 0; i < published->count; i++) {
    if (published->nodes[i].level != node.level || published->nodes[i].index != node.index)
      continue;
    part_add(&sum, &published->parts[i], n_shards);
    return sum;
  }
  part_release(&sum);
  Part left = recombine(published, n_shards, shard_left(node));
  Part right = recombine(published, n_shards, shard_right(node));
  part_add(&left, &right, n_shards);
  part_release(&right);
  return left;
}

static void assert_ranks_do_not_matter(size_t n_rows, size_t n_shards, size_t n_ranks) {
  Batch batch = create_batch(n_rows, n_shards);
  Gradient *gradient = gradient_create(network->model, n_rows, n_shards, n_shards, 1);
  Part whole = part_compute(gradient, &batch, shard_root(n_shards));
  Published published;
  publish(&batch, n_ranks, &published);
  Part sum = recombine(&published, n_shards, shard_root(n_shards));
  assert_same_part(&sum, &whole, &batch);

  for (size_t i = 0; i < published.count; i++) part_release(&published.parts[i]);
  part_release(&sum);
  part_release(&whole);
  gradient_destroy(gradient);
}

static void the_root_is_the_sum_of_the_covers_of_any_number_of_ranks(void **state) {
  (void)state;
  static const size_t shards[] = {1, 2, 3, 5, 7, 8, 16};
  for (size_t s = 0; s < COUNT(shards); s++) {
    for (size_t ranks = 1; ranks <= shards[s]; ranks++) {
      assert_ranks_do_not_matter(100, shards[s], ranks);
    }
  }
}

static void the_root_is_the_sum_of_the_covers_with_fewer_samples_than_shards(void **state) {
  (void)state;
  for (size_t ranks = 1; ranks <= 7; ranks++) assert_ranks_do_not_matter(3, 7, ranks);
  for (size_t ranks = 1; ranks <= 16; ranks++) assert_ranks_do_not_matter(5, 16, ranks);
}

static void the_root_is_the_sum_of_the_covers_of_large_shards(void **state) {
  (void)state;
  for (size_t ranks = 1; ranks <= 5; ranks++) assert_ranks_do_not_matter(900, 5, ranks);
  for (size_t ranks = 1; ranks <= 8; ranks++) assert_ranks_do_not_matter(1024, 8, ranks);
}

/* ---- other properties ---- */

static void a_node_without_samples_is_absent(void **state) {
  (void)state;
  Batch batch = create_batch(1, 4); /* the one sample falls into the last shard */
  Gradient *gradient = gradient_create(network->model, 1, 4, 4, 1);
  real *out = NEW_ARRAY(real, length), *before = NEW_ARRAY(real, length);
  fill_numbers(9, -1, 1, length, out);
  memcpy(before, out, length * sizeof(real));
  double sums[4 * 2] = {1, 1, 1, 1, 1, 1, 1, 1};

  assert_false(gradient_compute(gradient, &batch, (ShardNode){1, 0}, out, sums));

  assert_same_bits("out", length, out, before);
  assert_true(sums[0] == 0 && sums[3] == 0 && sums[4] == 1);
  memory_release(out);
  memory_release(before);
  gradient_destroy(gradient);
}

static void padding_is_left_as_it_is(void **state) {
  (void)state;
  Batch batch = create_batch(300, 4);
  Gradient *gradient = gradient_create(network->model, 300, 4, 4, 1);
  Part part = part_compute(gradient, &batch, shard_root(4));
  const ParameterMap *map = &network->model->map;
  for (size_t t = 0; t < map->n_tensors; t++) {
    size_t end = t + 1 < map->n_tensors ? map->tensors[t + 1].offset : length;
    for (size_t i = map->tensors[t].offset + map->tensors[t].count; i < end; i++) {
      assert_true(part.gradient[i] == 0);
    }
  }
  part_release(&part);
  gradient_destroy(gradient);
}

static void computing_twice_gives_the_same_bits(void **state) {
  (void)state;
  Batch batch = create_batch(300, 5);
  Gradient *gradient = gradient_create(network->model, 300, 5, 5, 1);
  Part first = part_compute(gradient, &batch, shard_root(5));
  Part second = part_compute(gradient, &batch, shard_root(5));
  assert_same_part(&second, &first, &batch);
  part_release(&first);
  part_release(&second);
  gradient_destroy(gradient);
}

static void sums_count_losses_and_right_answers(void **state) {
  (void)state;
  Batch batch = create_batch(64, 4);
  Gradient *gradient = gradient_create(network->model, 64, 4, 4, 1);
  Part part = part_compute(gradient, &batch, shard_root(4));
  for (size_t shard = 0; shard < 4; shard++) {
    double loss = part.sums[shard * n_sums], right = part.sums[shard * n_sums + 1];
    assert_true(loss > 0 && loss < 16 * 5);
    assert_true(right >= 0 && right <= 16 && right == floor(right));
  }
  part_release(&part);
  gradient_destroy(gradient);
}

static void the_memory_that_is_told_covers_activations_and_vectors(void **state) {
  (void)state;
  Gradient *small = gradient_create(network->model, 64, 4, 4, 1);
  Gradient *large = gradient_create(network->model, 1024, 4, 4, 1);
  size_t vectors = 2 * length * sizeof(real);
  assert_true(gradient_memory_bytes(small) >= 64 * (9 + 9 + 3) * sizeof(real));
  assert_true(gradient_memory_bytes(large) >= gradient_memory_bytes(small) + vectors);
  gradient_destroy(small);
  gradient_destroy(large);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gradients_of_small_shards_are_as_defined),
      cmocka_unit_test(gradients_of_several_waves_are_as_defined),
      cmocka_unit_test(gradients_of_shards_of_several_blocks_are_as_defined),
      cmocka_unit_test(gradients_of_a_batch_smaller_than_announced_are_as_defined),
      cmocka_unit_test(gradients_of_wide_layers_are_as_defined),
      cmocka_unit_test(the_root_is_the_sum_of_the_covers_of_any_number_of_ranks),
      cmocka_unit_test(the_root_is_the_sum_of_the_covers_with_fewer_samples_than_shards),
      cmocka_unit_test(the_root_is_the_sum_of_the_covers_of_large_shards),
      cmocka_unit_test(a_node_without_samples_is_absent),
      cmocka_unit_test(padding_is_left_as_it_is),
      cmocka_unit_test(computing_twice_gives_the_same_bits),
      cmocka_unit_test(sums_count_losses_and_right_answers),
      cmocka_unit_test(the_memory_that_is_told_covers_activations_and_vectors),
  };
  int failed = 0;
  for (int engine = PRODUCT_NATIVE; product_engine_names[engine]; engine++) {
    /* An engine that computes wrong numbers is not left out. */
    if (product_start((ProductEngine)engine) == ERR_CONFIG) {
      printf("# %s cannot run here and is not tested\n", product_engine_names[engine]);
      continue;
    }
    failed += cmocka_run_group_tests_name(product_engine_names[engine], tests, create_samples,
                                          destroy_samples);
  }
  return failed;
}
