/* model/initializers: moments and bounds of every kind; values as functions of their own index. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "model/initializer.h"
#include "support/networks.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum { FAN_IN = 300, FAN_OUT = 100, N = 200000 };

/* What a kind promises for fans of 300 and 100. */
typedef struct Promise {
  const char *setting;
  double mean, variance;
  double least, most; /* the farthest value's distance from the mean, in standard deviations */
} Promise;

/* sqrt(3); 2 / 0.87962566 of a normal distribution cut at 2; what N normal numbers reach. */
#define UNIFORM   1.732, 1.7320509
#define TRUNCATED 2.27, 2.2736937
#define NORMAL    4, 5.77

static const Promise *find_promise(const char *kind) {
  static const Promise promises[] = {
      {"glorot_uniform", 0, 2.0 / 400, UNIFORM},
      {"glorot_normal", 0, 2.0 / 400, TRUNCATED},
      {"he_uniform", 0, 2.0 / 300, UNIFORM},
      {"he_normal", 0, 2.0 / 300, TRUNCATED},
      {"lecun_uniform", 0, 1.0 / 300, UNIFORM},
      {"lecun_normal", 0, 1.0 / 300, TRUNCATED},
      {"uniform: {min: -1, max: 3}", 1, 16.0 / 12, UNIFORM},
      {"normal: {mean: 2, stddev: 0.5}", 2, 0.25, NORMAL},
      {"constant: 0.25", 0.25, 0, 0, 0},
      {"zeros", 0, 0, 0, 0},
      {"ones", 1, 0, 0, 0},
  };
  for (size_t i = 0; i < COUNT(promises); i++) {
    if (strncmp(promises[i].setting, kind, strlen(kind)) == 0) return &promises[i];
  }
  fail_msg("no promise about %s", kind);
  return NULL;
}

/* The first `count` values of a tensor of FAN_IN times FAN_OUT or whatever elements. */
static void fill_tensor(const char *yaml, uint32_t tensor, size_t count, real *out) {
  KindSetting setting = setting_create(&initializer_kinds, yaml);
  InitializerTarget target = {.stream = {.seed = 7, .purpose = RANDOM_WEIGHTS, .stream = tensor},
                              .fan_in = FAN_IN,
                              .fan_out = FAN_OUT,
                              .count = count,
                              .values = out};
  ((const InitializerKind *)setting.kind)->fill(setting.options, &target);
  kind_setting_release(&setting);
}

static void assert_promise(const Promise *promise, const real *values) {
  double sum = 0, squares = 0, farthest = 0, deviation = sqrt(promise->variance);
  for (size_t i = 0; i < N; i++) {
    double distance = (double)values[i] - promise->mean;
    sum += distance;
    squares += distance * distance;
    farthest = fmax(farthest, fabs(distance));
  }
  /* Five standard deviations of the mean, and more than that of the variance. */
  if (fabs(sum / N) > 5 * deviation / sqrt(N)) fail_msg("%s: mean", promise->setting);
  if (fabs(squares / N - promise->variance) > 0.02 * promise->variance) {
    fail_msg("%s: found the variance %g", promise->setting, squares / N);
  }
  if (farthest < promise->least * deviation || farthest > promise->most * deviation) {
    fail_msg("%s: reaches %g deviations", promise->setting, farthest / deviation);
  }
}

static void every_initializer_keeps_its_promise(void **state) {
  (void)state;
  real *values = NEW_ARRAY(real, N);
  for (const Kind *const *kind = initializer_kinds.kinds; *kind; kind++) {
    const Promise *promise = find_promise((*kind)->name);
    fill_tensor(promise->setting, 1, N, values);
    assert_promise(promise, values);
  }
  memory_release(values);
}

/* Shares of the unit normal distribution within 1/2, 1 and 3/2, and cut at 2. */
static void normal_values_are_distributed_normally(void **state) {
  (void)state;
  const double deviation = sqrt(2.0 / 400) / 0.87962566;
  real *values = NEW_ARRAY(real, N);
  fill_tensor("glorot_normal", 1, N, values);
  for (double reach = 0.5; reach < 2; reach += 0.5) {
    size_t within = 0;
    for (size_t i = 0; i < N; i++) within += fabs((double)values[i]) < reach * deviation;
    double expected = erf(reach / sqrt(2)) / erf(sqrt(2));
    assert_true(fabs((double)within / N - expected) < 5 * 0.5 / sqrt(N));
  }
  memory_release(values);
}

/* ---- functions of the index ---- */

static void values_do_not_depend_on_the_size_of_the_tensor(void **state) {
  (void)state;
  enum { LARGE = 5000 };
  static const size_t sizes[] = {1, 3, 130, 1023};
  real large[LARGE], small[LARGE];
  for (const Kind *const *kind = initializer_kinds.kinds; *kind; kind++) {
    fill_tensor((*kind)->name, 2, LARGE, large);
    for (size_t i = 0; i < COUNT(sizes); i++) {
      fill_tensor((*kind)->name, 2, sizes[i], small);
      assert_same_bits((*kind)->name, sizes[i], small, large);
    }
  }
}

static void tensors_of_the_same_kind_differ(void **state) {
  (void)state;
  enum { SIZE = 1000 };
  real one[SIZE], other[SIZE];
  fill_tensor("he_normal", 0, SIZE, one);
  fill_tensor("he_normal", 1, SIZE, other);
  size_t equal = 0;
  for (size_t i = 0; i < SIZE; i++) equal += one[i] == other[i];
  assert_true(equal < 3);
}

/* ---- whole models ---- */

static void a_models_tensors_do_not_depend_on_layers_after_them(void **state) {
  (void)state;
  Network *one = network_create("{input: 9, layers: [{dense: 20}]}", "mse");
  Network *other = network_create("{input: 9, layers: [{dense: 20}, {dense: 4}]}", "mse");
  assert_same_bits("kernel", 9 * 20, network_tensor(other, "dense", "kernel"),
                   network_tensor(one, "dense", "kernel"));
  network_destroy(one);
  network_destroy(other);
}

static void a_models_parameters_are_a_function_of_the_seed(void **state) {
  (void)state;
  Network *network = network_create("{input: 9, layers: [{dense: 20}]}", "mse");
  size_t length = network->model->map.length;
  real *again = NEW_ARRAY(real, length);
  model_initialize(network->model, 1, again);
  assert_same_bits("seed 1", length, again, network->parameters);
  model_initialize(network->model, 2, again);
  assert_true(memcmp(again, network->parameters, length * sizeof(real)) != 0);
  memory_release(again);
  network_destroy(network);
}

static void a_models_kernels_are_glorot_uniform_and_its_biases_0(void **state) {
  (void)state;
  Network *network = network_create("{input: 30, layers: [{dense: 20}]}", "mse");
  const real *kernel = network_tensor(network, "dense", "kernel");
  double limit = sqrt(6.0 / 50), largest = 0;
  for (size_t i = 0; i < 30 * 20; i++) largest = fmax(largest, fabs((double)kernel[i]));
  assert_true(largest <= limit && largest > 0.95 * limit);
  for (size_t i = 0; i < 20; i++) assert_true(network_tensor(network, "dense", "bias")[i] == 0);
  network_destroy(network);
}

static void a_models_initializers_may_be_chosen(void **state) {
  (void)state;
  Network *network =
      network_create("{input: 3, layers: [{dense: {units: 2, kernel_initializer: ones, "
                     "bias_initializer: {constant: 0.5}}}]}",
                     "mse");
  const real kernel[] = {1, 1, 1, 1, 1, 1}, bias[] = {0.5f, 0.5f};
  assert_same_bits("kernel", 6, network_tensor(network, "dense", "kernel"), kernel);
  assert_same_bits("bias", 2, network_tensor(network, "dense", "bias"), bias);
  network_destroy(network);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_initializer_keeps_its_promise),
      cmocka_unit_test(normal_values_are_distributed_normally),
      cmocka_unit_test(values_do_not_depend_on_the_size_of_the_tensor),
      cmocka_unit_test(tensors_of_the_same_kind_differ),
      cmocka_unit_test(a_models_tensors_do_not_depend_on_layers_after_them),
      cmocka_unit_test(a_models_parameters_are_a_function_of_the_seed),
      cmocka_unit_test(a_models_kernels_are_glorot_uniform_and_its_biases_0),
      cmocka_unit_test(a_models_initializers_may_be_chosen),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
