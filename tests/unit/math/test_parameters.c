/* math/parameters: the flat vector, its padding, its blocks and slices, and its hash. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "math/parameters.h"

#include <cmocka.h>

/* Tensors of 2500, 1, 1024, 5 and 2048 elements: 3, 1, 1, 1 and 2 blocks. */
static ParameterMap several_tensors(void) {
  ParameterMap map = {0};
  parameter_map_add(&map, "dense", "kernel", (Shape){2, {50, 50}});
  parameter_map_add(&map, "dense", "bias", (Shape){1, {1}});
  parameter_map_add(&map, "dense_1", "kernel", (Shape){2, {32, 32}});
  parameter_map_add(&map, "dense_1", "bias", (Shape){1, {5}});
  parameter_map_add(&map, "dense_2", "kernel", (Shape){3, {2, 2, 512}});
  return map;
}

/* ---- the map ---- */

static void map_keeps_what_is_added(void **state) {
  (void)state;
  ParameterMap map = {0};
  assert_int_equal(parameter_map_add(&map, "dense", "kernel", (Shape){2, {3, 4}}), 0);
  assert_int_equal(parameter_map_add(&map, "dense", "bias", (Shape){1, {4}}), 1);
  assert_int_equal(map.n_tensors, 2);
  assert_int_equal(map.count, 16);
  assert_string_equal(map.tensors[1].layer, "dense");
  assert_string_equal(map.tensors[1].name, "bias");
  assert_int_equal(map.tensors[0].shape.dims[1], 4);
  assert_int_equal(map.tensors[0].count, 12);
  parameter_map_release(&map);
}

static void tensors_begin_on_cache_lines_and_do_not_overlap(void **state) {
  (void)state;
  ParameterMap map = several_tensors();
  size_t end = 0;
  for (size_t t = 0; t < map.n_tensors; t++) {
    const ParameterTensor *tensor = &map.tensors[t];
    assert_int_equal(tensor->offset * sizeof(real) % CACHE_LINE_BYTES, 0);
    assert_true(tensor->offset >= end);
    assert_true(tensor->offset - end < CACHE_LINE_BYTES / sizeof(real));
    end = tensor->offset + tensor->count;
  }
  assert_true(map.length >= end);
  parameter_map_release(&map);
}

static void released_map_is_empty(void **state) {
  (void)state;
  ParameterMap map = several_tensors();
  parameter_map_release(&map);
  assert_null(map.tensors);
  assert_int_equal(map.length + map.count + map.n_tensors, 0);
}

/* ---- the hash ---- */

static void hash_is_that_of_the_packed_floats(void **state) {
  (void)state;
  ParameterMap map = {0};
  char hash[HASH_TEXT_BYTES];
  parameter_map_add(&map, "a", "kernel", (Shape){1, {4}});
  parameter_map_add(&map, "b", "kernel", (Shape){1, {2}});
  real *values = NEW_ARRAY(real, map.length);
  for (size_t i = 0; i < 4; i++) values[map.tensors[0].offset + i] = (real)(1 + i);
  for (size_t i = 0; i < 2; i++) values[map.tensors[1].offset + i] = (real)(5 + i);
  parameters_hash(&map, values, hash);
  /* python3: xxhash.xxh3_128_hexdigest(struct.pack("<6f", 1, 2, 3, 4, 5, 6)) */
  assert_string_equal(hash, "22f9f05544bb8065da5bf39245eec019");
  memory_release(values);
  parameter_map_release(&map);
}

static void hash_of_a_long_tensor_is_known(void **state) {
  (void)state;
  ParameterMap map = {0};
  char hash[HASH_TEXT_BYTES];
  parameter_map_add(&map, "a", "kernel", (Shape){2, {50, 50}});
  real *values = NEW_ARRAY(real, map.length);
  for (size_t i = 0; i < 2500; i++) values[i] = (real)0.25 * (real)i;
  parameters_hash(&map, values, hash);
  /* python3: xxhash.xxh3_128_hexdigest(struct.pack("<2500f", *[0.25 * i for i in range(2500)])) */
  assert_string_equal(hash, "28565280730f28449871c5aba11736a3");
  memory_release(values);
  parameter_map_release(&map);
}

static void hash_sees_every_element_and_no_padding(void **state) {
  (void)state;
  ParameterMap map = several_tensors();
  real *values = NEW_ARRAY(real, map.length);
  bool *used = NEW_ARRAY(bool, map.length);
  char zeros[HASH_TEXT_BYTES], hash[HASH_TEXT_BYTES];
  for (size_t t = 0; t < map.n_tensors; t++) {
    for (size_t i = 0; i < map.tensors[t].count; i++) used[map.tensors[t].offset + i] = true;
  }
  parameters_hash(&map, values, zeros);
  for (size_t i = 0; i < map.length; i++) {
    values[i] = -(real)0.0; /* one bit */
    parameters_hash(&map, values, hash);
    assert_int_equal(strcmp(hash, zeros) != 0, used[i]);
    values[i] = 0;
  }
  memory_release(used);
  memory_release(values);
  parameter_map_release(&map);
}

static void parameters_that_are_not_finite_are_found_anywhere_but_in_the_padding(void **state) {
  (void)state;
  static const real bad[] = {NAN, INFINITY, -INFINITY};
  ParameterMap map = several_tensors();
  real *values = NEW_ARRAY(real, map.length);
  assert_true(parameters_are_finite(&map, values));
  for (size_t t = 0; t < map.n_tensors; t++) {
    const ParameterTensor *tensor = &map.tensors[t];
    for (size_t i = 0; i < tensor->count; i += tensor->count - (tensor->count > 1)) {
      values[tensor->offset + i] = bad[t % 3];
      assert_false(parameters_are_finite(&map, values));
      values[tensor->offset + i] = 0;
      if (tensor->count == 1) break;
    }
  }
  values[map.tensors[1].offset + 1] = NAN; /* behind the only element of its tensor */
  assert_true(parameters_are_finite(&map, values));
  memory_release(values);
  parameter_map_release(&map);
}

/* ---- blocks and slices ---- */

static void blocks_hold_every_element_once_counted_from_their_tensor(void **state) {
  (void)state;
  ParameterMap map = several_tensors();
  ParameterBlock blocks[8];
  assert_int_equal(parameter_block_count(&map), 8);
  parameter_blocks(&map, blocks);
  size_t block = 0;
  for (size_t t = 0; t < map.n_tensors; t++) {
    for (size_t i = 0; i < map.tensors[t].count; i += PARAMETER_BLOCK, block++) {
      size_t left = map.tensors[t].count - i;
      assert_int_equal(blocks[block].tensor, t);
      assert_int_equal(blocks[block].offset, map.tensors[t].offset + i);
      assert_int_equal(blocks[block].count, left < PARAMETER_BLOCK ? left : PARAMETER_BLOCK);
    }
  }
  assert_int_equal(block, 8);
  parameter_map_release(&map);
}

static void slice_reaches_from_its_first_block_to_its_last(void **state) {
  (void)state;
  ParameterMap map = several_tensors();
  ParameterBlock blocks[8];
  parameter_blocks(&map, blocks);
  for (size_t begin = 0; begin < 8; begin++) {
    for (size_t end = begin + 1; end <= 8; end++) {
      Range slice = parameter_slice(&map, (Range){begin, end});
      assert_int_equal(slice.begin, blocks[begin].offset);
      assert_int_equal(slice.end, blocks[end - 1].offset + blocks[end - 1].count);
    }
  }
  parameter_map_release(&map);
}

static void slice_of_no_blocks_is_empty(void **state) {
  (void)state;
  ParameterMap map = several_tensors();
  assert_int_equal(range_count(parameter_slice(&map, (Range){0, 0})), 0);
  assert_int_equal(range_count(parameter_slice(&map, (Range){8, 8})), 0);
  parameter_map_release(&map);
}

static void map_without_tensors_has_no_blocks(void **state) {
  (void)state;
  ParameterMap map = {0};
  assert_int_equal(parameter_block_count(&map), 0);
  assert_int_equal(range_count(parameter_slice(&map, (Range){0, 0})), 0);
  assert_true(parameters_are_finite(&map, NULL));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(map_keeps_what_is_added),
      cmocka_unit_test(tensors_begin_on_cache_lines_and_do_not_overlap),
      cmocka_unit_test(released_map_is_empty),
      cmocka_unit_test(hash_is_that_of_the_packed_floats),
      cmocka_unit_test(hash_of_a_long_tensor_is_known),
      cmocka_unit_test(hash_sees_every_element_and_no_padding),
      cmocka_unit_test(parameters_that_are_not_finite_are_found_anywhere_but_in_the_padding),
      cmocka_unit_test(blocks_hold_every_element_once_counted_from_their_tensor),
      cmocka_unit_test(slice_reaches_from_its_first_block_to_its_last),
      cmocka_unit_test(slice_of_no_blocks_is_empty),
      cmocka_unit_test(map_without_tensors_has_no_blocks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
