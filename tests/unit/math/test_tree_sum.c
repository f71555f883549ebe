/* math/tree_sum: whichever nodes are given, the bits are those of the definition. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "math/random.h"
#include "math/tree_sum.h"
#include "support/networks.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

enum { MOST_SHARDS = 17, MOST_LEVEL = 5, LENGTH = 2 * PARAMETER_BLOCK + 301 };

/* Random whole numbers below some bound, from a seed on. */
typedef struct Dice {
  RandomStream stream;
  uint32_t position;
} Dice;

static Dice dice_create(uint64_t seed) {
  return (Dice){.stream = {.seed = seed, .purpose = RANDOM_DATA}};
}

static size_t roll(Dice *dice, size_t below) {
  uint32_t words[4];
  random_words(&dice->stream, dice->position++, 0, words);
  return words[0] % below;
}

/* ---- the definition ---- */

/* A batch whose shards have given sums, and the sums of all nodes by the rule of the tree. */
typedef struct TestBatch {
  size_t n_rows, n_shards;
  real *sums[MOST_LEVEL + 1][MOST_SHARDS]; /* (level, index): (LENGTH); NULL: no rows */
} TestBatch;

static const real *sum_of(const TestBatch *batch, ShardNode node) {
  return node.index << node.level < batch->n_shards ? batch->sums[node.level][node.index] : NULL;
}

/* Numbers of very different sizes, so that the order of additions is visible. */
static void fill_shard(size_t shard, real *out) {
  fill_numbers(shard, -1, 1, LENGTH, out);
  for (size_t i = 0; i < LENGTH; i++) {
    if ((i + shard) % 3 == 0) out[i] *= (real)1e7;
  }
}

static real *define_sum(const TestBatch *batch, ShardNode node) {
  Range rows = shard_node_rows(batch->n_rows, batch->n_shards, node);
  if (range_count(rows) == 0) return NULL;
  real *out = NEW_ARRAY(real, LENGTH);
  if (node.level == 0) {
    fill_shard(node.index, out);
    return out;
  }
  const real *left = sum_of(batch, shard_left(node)), *right = sum_of(batch, shard_right(node));
  for (size_t i = 0; i < LENGTH; i++) {
    out[i] = left && right ? left[i] + right[i] : left ? left[i] : right[i];
  }
  return out;
}

static TestBatch batch_create(size_t n_rows, size_t n_shards) {
  TestBatch batch = {.n_rows = n_rows, .n_shards = n_shards};
  for (unsigned level = 0; level <= shard_root(n_shards).level; level++) {
    for (size_t index = 0; index << level < n_shards; index++) {
      batch.sums[level][index] = define_sum(&batch, (ShardNode){level, index});
    }
  }
  return batch;
}

static void batch_release(TestBatch *batch) {
  for (unsigned level = 0; level <= MOST_LEVEL; level++) {
    for (size_t index = 0; index < MOST_SHARDS; index++) memory_release(batch->sums[level][index]);
  }
}

/* ---- nodes that are added ---- */

/* Disjoint nodes that cover the tree. */
typedef struct Cover {
  size_t count;
  ShardNode nodes[MOST_SHARDS];
} Cover;

/* One node of a cover after the other, in any order; those without rows have no sum to show. */
static TreeSum sum_create(const TestBatch *batch, const Cover *cover, Dice *dice) {
  static const real nobody_reads[1] = {NAN};
  Cover left = *cover;
  TreeSum sum = tree_sum_create(batch->n_shards, cover->count);
  while (left.count > 0) {
    size_t pick = roll(dice, left.count);
    const real *source = sum_of(batch, left.nodes[pick]);
    tree_sum_add(&sum, left.nodes[pick], source ? source : nobody_reads);
    left.nodes[pick] = left.nodes[--left.count];
  }
  return sum;
}

static void assert_stretch(const TestBatch *batch, const TreeSum *sum, ShardNode node,
                           Range stretch) {
  size_t count = range_count(stretch);
  const real *expected = sum_of(batch, node);
  const real *found = tree_sum_stretch(sum, node, batch->n_rows, stretch.begin, count);
  assert_int_equal(found != NULL, expected != NULL);
  if (expected) assert_same_bits("sum", count, found, expected + stretch.begin);
}

/* Block by block, and a few odd stretches. */
static void assert_node(const TestBatch *batch, const TreeSum *sum, ShardNode node, Dice *dice) {
  for (size_t begin = 0; begin < LENGTH; begin += PARAMETER_BLOCK) {
    size_t end = begin + PARAMETER_BLOCK < LENGTH ? begin + PARAMETER_BLOCK : LENGTH;
    assert_stretch(batch, sum, node, (Range){begin, end});
  }
  for (size_t i = 0; i < 3; i++) {
    size_t begin = roll(dice, LENGTH), most = LENGTH - begin;
    size_t count = roll(dice, most < PARAMETER_BLOCK ? most : PARAMETER_BLOCK);
    assert_stretch(batch, sum, node, (Range){begin, begin + count});
  }
}

/* All nodes that consist of nodes of the cover. */
static void assert_cover(const TestBatch *batch, const Cover *cover, Dice *dice) {
  TreeSum sum = sum_create(batch, cover, dice);
  for (size_t i = 0; i < cover->count; i++) {
    ShardNode node = cover->nodes[i], root = shard_root(batch->n_shards);
    for (; node.level <= root.level; node = (ShardNode){node.level + 1, node.index / 2}) {
      assert_node(batch, &sum, node, dice);
    }
  }
  tree_sum_release(&sum);
}

/* ---- covers ---- */

static Cover cover_of_ranks(size_t n_shards, size_t n_ranks) {
  Cover cover = {0};
  for (size_t rank = 0; rank < n_ranks; rank++) {
    ShardNode nodes[SHARD_MOST_NODES];
    Range leaves = {rank * n_shards / n_ranks, (rank + 1) * n_shards / n_ranks};
    size_t count = shard_cover(n_shards, leaves, nodes);
    for (size_t i = 0; i < count; i++) cover.nodes[cover.count++] = nodes[i];
  }
  return cover;
}

static void sums_are_as_defined_for_any_number_of_ranks(void **state) {
  (void)state;
  Dice dice = dice_create(1);
  for (size_t n_shards = 1; n_shards <= MOST_SHARDS; n_shards++) {
    TestBatch batch = batch_create(4 * n_shards + 3, n_shards);
    for (size_t n_ranks = 1; n_ranks <= n_shards; n_ranks++) {
      Cover cover = cover_of_ranks(n_shards, n_ranks);
      assert_cover(&batch, &cover, &dice);
    }
    batch_release(&batch);
  }
}

static void shards_without_rows_are_left_out(void **state) {
  (void)state;
  Dice dice = dice_create(2);
  for (size_t n_shards = 2; n_shards <= MOST_SHARDS; n_shards++) {
    for (size_t n_rows = 1; n_rows < n_shards; n_rows++) {
      TestBatch batch = batch_create(n_rows, n_shards);
      Cover cover = cover_of_ranks(n_shards, 1 + roll(&dice, n_shards));
      assert_cover(&batch, &cover, &dice);
      batch_release(&batch);
    }
  }
}

/* A node as a whole, or both of its halves. */
static void append_random(size_t n_shards, ShardNode node, Dice *dice, Cover *cover) {
  if (range_count(shard_node_leaves(n_shards, node)) == 0) return;
  if (node.level == 0 || roll(dice, 3) == 0) {
    cover->nodes[cover->count++] = node;
    return;
  }
  append_random(n_shards, shard_left(node), dice, cover);
  append_random(n_shards, shard_right(node), dice, cover);
}

static void sums_are_as_defined_for_random_nodes(void **state) {
  (void)state;
  Dice dice = dice_create(3);
  for (size_t i = 0; i < 300; i++) {
    size_t n_shards = 1 + roll(&dice, MOST_SHARDS);
    TestBatch batch = batch_create(1 + roll(&dice, 3 * n_shards), n_shards);
    Cover cover = {0};
    append_random(n_shards, shard_root(n_shards), &dice, &cover);
    assert_cover(&batch, &cover, &dice);
    batch_release(&batch);
  }
}

/* A rank adds up what it has, though the rest of the tree is missing. */
static void sums_of_a_part_of_the_tree_need_no_other_part(void **state) {
  (void)state;
  Dice dice = dice_create(4);
  TestBatch batch = batch_create(50, 13);
  Cover cover = {3, {{0, 8}, {0, 9}, {1, 5}}};
  TreeSum sum = sum_create(&batch, &cover, &dice);
  assert_node(&batch, &sum, (ShardNode){1, 4}, &dice);
  assert_node(&batch, &sum, (ShardNode){2, 2}, &dice);
  tree_sum_release(&sum);
  batch_release(&batch);
}

/* ---- memory ---- */

static void a_sum_that_was_added_is_returned_in_place(void **state) {
  (void)state;
  real whole[10] = {0};
  TreeSum sum = tree_sum_create(5, 2);
  tree_sum_add(&sum, (ShardNode){2, 0}, whole);
  tree_sum_add(&sum, (ShardNode){2, 1}, whole + 5);
  assert_ptr_equal(tree_sum_stretch(&sum, (ShardNode){2, 0}, 20, 3, 2), whole + 3);
  /* Of a batch of one row only the last shard has any. */
  assert_ptr_equal(tree_sum_stretch(&sum, shard_root(5), 1, 2, 1), whole + 5 + 2);
  tree_sum_release(&sum);
}

static void a_batch_without_rows_has_no_sum(void **state) {
  (void)state;
  real whole[1] = {1};
  TreeSum sum = tree_sum_create(4, 1);
  tree_sum_add(&sum, shard_root(4), whole);
  assert_null(tree_sum_stretch(&sum, shard_root(4), 0, 0, 1));
  tree_sum_release(&sum);
}

static void sources_stay_as_they_are(void **state) {
  (void)state;
  Dice dice = dice_create(5);
  TestBatch batch = batch_create(40, 7), fresh = batch_create(40, 7);
  Cover cover = cover_of_ranks(7, 7);
  assert_cover(&batch, &cover, &dice);
  for (size_t shard = 0; shard < 7; shard++) {
    assert_same_bits("source", LENGTH, batch.sums[0][shard], fresh.sums[0][shard]);
  }
  batch_release(&batch);
  batch_release(&fresh);
}

static void order_is_visible_in_the_numbers_of_these_tests(void **state) {
  (void)state;
  TestBatch batch = batch_create(40, 7);
  size_t differing = 0;
  for (size_t i = 0; i < LENGTH; i++) {
    real in_order = 0;
    for (size_t shard = 0; shard < 7; shard++) in_order += batch.sums[0][shard][i];
    differing += in_order != sum_of(&batch, shard_root(7))[i];
  }
  assert_true(differing > LENGTH / 4);
  batch_release(&batch);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sums_are_as_defined_for_any_number_of_ranks),
      cmocka_unit_test(shards_without_rows_are_left_out),
      cmocka_unit_test(sums_are_as_defined_for_random_nodes),
      cmocka_unit_test(sums_of_a_part_of_the_tree_need_no_other_part),
      cmocka_unit_test(a_sum_that_was_added_is_returned_in_place),
      cmocka_unit_test(a_batch_without_rows_has_no_sum),
      cmocka_unit_test(sources_stay_as_they_are),
      cmocka_unit_test(order_is_visible_in_the_numbers_of_these_tests),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
