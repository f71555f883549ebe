/* Gradients that are computed part by part: in any order of the parts, the bits are those of a
 * gradient that is computed at once, and a part has them when it is announced. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "math/product.h"
#include "model/gradient.h"
#include "support/networks.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum { D = 40, N_SAMPLES = 1300, MOST_PARTS = 12 };

/* Parts cut the rows of 70 and of 3 elements, and not those of 1,024. */
static const char *const MODEL =
    "{input: 40, layers: [{dense: {units: 70, activation: tanh}}, {dropout: 0.2}, "
    "{dense: {units: 1024, activation: relu}}, {dense: {units: 3, activation: softmax}}]}";

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

/* Somebody who waits for parts: looks at each when it is announced. */
typedef struct Reader {
  Range parts[MOST_PARTS];
  size_t n_parts, n_seen;
  const real *expected, *found;
  const char *what;
} Reader;

static void look_at_part(void *context, size_t part) {
  Reader *reader = context;
  assert_int_equal(part, reader->n_seen++);
  const ParameterMap *map = &network->model->map;
  for (size_t t = 0; t < map->n_tensors; t++) {
    size_t begin = map->tensors[t].offset, end = begin + map->tensors[t].count;
    Range part_range = reader->parts[part];
    if (begin < part_range.begin) begin = part_range.begin;
    if (end > part_range.end) end = part_range.end;
    if (begin >= end) continue;
    assert_same_bits(reader->what, end - begin, reader->found + begin, reader->expected + begin);
  }
}

/* The parts in the order first, first + step, ...; step and number have no common divisor. */
static void cut_into_parts(Reader *reader, size_t n_parts, size_t first, size_t step) {
  const ParameterMap *map = &network->model->map;
  size_t n_blocks = parameter_block_count(map);
  reader->n_parts = n_parts;
  for (size_t i = 0; i < n_parts; i++) {
    Range blocks = shard_rows(n_blocks, n_parts, (first + i * step) % n_parts);
    reader->parts[i] = parameter_slice(map, blocks);
  }
}

static void assert_parts(Reader *reader, size_t n_rows, size_t n_shards) {
  char what[64];
  snprintf(what, sizeof what, "%zu rows, %zu shards, %zu parts", n_rows, n_shards, reader->n_parts);
  size_t length = network->model->map.length, n_sums = model_sum_count(network->model);
  real *expected = NEW_ARRAY(real, length), *found = NEW_ARRAY(real, length);
  double *expected_sums = NEW_ARRAY(double, n_shards *n_sums);
  double *found_sums = NEW_ARRAY(double, n_shards *n_sums);
  Batch batch = network_batch(network, &samples, 0, n_rows, n_shards);
  Gradient *gradient = gradient_create(network->model, n_rows, n_shards, n_shards, 1);
  ShardNode root = shard_root(n_shards);
  gradient_compute(gradient, &batch, root, expected, expected_sums);

  reader->expected = expected, reader->found = found, reader->what = what, reader->n_seen = 0;
  PartOrder order = {reader->n_parts, reader->parts, look_at_part, reader};
  GradientOutput output = {found, found_sums};
  gradient_compute_parts(gradient, &batch, root, &order, &output);
  assert_int_equal(reader->n_seen, reader->n_parts);
  assert_same_bits(what, length, found, expected);
  assert_memory_equal(found_sums, expected_sums, n_shards * n_sums * sizeof(double));
  gradient_destroy(gradient);
  memory_release(expected);
  memory_release(found);
  memory_release(expected_sums);
  memory_release(found_sums);
}

/* One wave, several, and shards of several blocks; the last child of a node with and without rows.
 */
static void parts_have_their_bits_when_they_are_announced(void **state) {
  (void)state;
  if (!product_cuts_freely()) skip();
  static const size_t batches[][2] = {{1, 4}, {60, 8}, {256, 2}, {600, 3}, {1000, 8}, {1300, 2}};
  static const size_t orders[][3] = {{1, 0, 1}, {2, 1, 1}, {5, 3, 2}, {12, 7, 5}};
  for (size_t o = 0; o < COUNT(orders); o++) {
    Reader reader = {0};
    cut_into_parts(&reader, orders[o][0], orders[o][1], orders[o][2]);
    for (size_t i = 0; i < COUNT(batches); i++) {
      assert_parts(&reader, batches[i][0], batches[i][1]);
    }
  }
}

static void nothing_is_announced_without_samples(void **state) {
  (void)state;
  Batch batch = network_batch(network, &samples, 0, 1, 2);
  Gradient *gradient = gradient_create(network->model, 2, 2, 2, 1);
  real *out = NEW_ARRAY(real, network->model->map.length);
  double *sums = NEW_ARRAY(double, 2 * model_sum_count(network->model));
  Reader reader = {0};
  cut_into_parts(&reader, 2, 0, 1);
  PartOrder order = {reader.n_parts, reader.parts, look_at_part, &reader};
  GradientOutput output = {out, sums};
  ShardNode empty = {0, 0}; /* the one sample belongs to the other shard */
  assert_false(gradient_compute_parts(gradient, &batch, empty, &order, &output));
  assert_int_equal(reader.n_seen, 0);
  gradient_destroy(gradient);
  memory_release(out);
  memory_release(sums);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parts_have_their_bits_when_they_are_announced),
      cmocka_unit_test(nothing_is_announced_without_samples),
  };
  return cmocka_run_group_tests(tests, create_samples, destroy_samples);
}
