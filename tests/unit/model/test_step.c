/* One training step of a whole network, against PyTorch: every activation and every loss. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "reference/golden_step.h"
#include "support/networks.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum { N = 6, D = 7, HIDDEN = 5 };

static const real LEARNING_RATE = (real)0.1;
static const double TOLERANCE = 1e-6;

/* One row of golden_step.h: D -> dense HIDDEN, hidden -> dense outputs, output -> loss. */
typedef struct Step {
  const char *hidden, *output, *loss;
  size_t outputs;
  const float *targets;
  size_t target_width;
  const float *expected_loss, *expected_after;
} Step;

#define ARRAYS(name) step_##name##_loss, step_##name##_after

static Network *create_network(const Step *step) {
  char yaml[256];
  snprintf(yaml, sizeof yaml,
           "{input: %d, layers: [{dense: {units: %d, activation: %s}}, "
           "{dense: {units: %zu, activation: %s}}]}",
           D, HIDDEN, step->hidden, step->outputs, step->output);
  Network *network = network_create(yaml, step->loss);
  memcpy(network_tensor(network, "dense", "kernel"), step_w1, sizeof step_w1);
  memcpy(network_tensor(network, "dense", "bias"), step_b1, sizeof step_b1);
  real *w2 = network_tensor(network, "dense_1", "kernel");
  real *b2 = network_tensor(network, "dense_1", "bias");
  for (size_t i = 0; i < HIDDEN * step->outputs; i++) {
    w2[i] = step_w2[i / step->outputs * 3 + i % step->outputs];
  }
  memcpy(b2, step_b2, step->outputs * sizeof(real));
  return network;
}

/* Trains one step on all samples in `n_shards` shards and returns the loss before it. */
static double train(const Network *network, const Step *step, size_t n_shards) {
  ArrayRows rows = {D, step->target_width, step_x, step->targets};
  Batch batch = {.parameters = network->parameters, .n_rows = N, .n_shards = n_shards};
  batch.rows = array_source(&rows);
  size_t length = network->model->map.length, n_sums = model_sum_count(network->model);
  real *gradient = NEW_ARRAY(real, length);
  double *sums = NEW_ARRAY(double, n_shards *n_sums), sum = 0;

  Gradient *worker = gradient_create(network->model, N, n_shards, n_shards, step->target_width);
  gradient_compute(worker, &batch, shard_root(n_shards), gradient, sums);
  for (size_t shard = 0; shard < n_shards; shard++) sum += sums[shard * n_sums];

  Summary summary = model_loss(network->model)->summary;
  real factor = (real)summary_factor(summary, sum, N);
  for (size_t i = 0; i < length; i++) {
    network->parameters[i] -= LEARNING_RATE * (factor * gradient[i]);
  }
  gradient_destroy(worker);
  memory_release(gradient);
  memory_release(sums);
  return summary_value(summary, sum, N);
}

static void assert_step(const Step *step, size_t n_shards) {
  Network *network = create_network(step);
  char what[128];
  snprintf(what, sizeof what, "%s, %s, %s: ", step->hidden, step->output, step->loss);

  real loss = (real)train(network, step, n_shards);
  assert_near(what, 1, &loss, step->expected_loss, TOLERANCE);
  const float *expected = step->expected_after;
  for (size_t i = 0; i < network->model->map.n_tensors; i++) {
    const ParameterTensor *tensor = &network->model->map.tensors[i];
    const real *found = network->parameters + tensor->offset;
    assert_near(what, tensor->count, found, expected, TOLERANCE);
    expected += tensor->count;
  }
  network_destroy(network);
}

/* ---- activations ---- */

#define HIDDEN_STEP(name)                                                                          \
  { #name, "linear", "mse", 3, step_target_values, 3, ARRAYS(name) }

static const Step activation_steps[] = {
    HIDDEN_STEP(linear), HIDDEN_STEP(relu),     HIDDEN_STEP(leaky_relu), HIDDEN_STEP(elu),
    HIDDEN_STEP(selu),   HIDDEN_STEP(gelu),     HIDDEN_STEP(silu),       HIDDEN_STEP(sigmoid),
    HIDDEN_STEP(tanh),   HIDDEN_STEP(softplus), HIDDEN_STEP(softmax),
};

static void a_step_with_every_activation_is_pytorchs(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(activation_steps); i++) {
    assert_step(&activation_steps[i], 1);
    assert_step(&activation_steps[i], 4);
  }
}

static void every_activation_has_a_step(void **state) {
  (void)state;
  for (const Kind *const *kind = activation_kinds.kinds; *kind; kind++) {
    size_t found = 0;
    for (size_t i = 0; i < COUNT(activation_steps); i++) {
      found += strcmp(activation_steps[i].hidden, (*kind)->name) == 0;
    }
    if (!found) fail_msg("no step for %s", (*kind)->name);
  }
}

/* ---- losses ---- */

static const Step loss_steps[] = {
    {"tanh", "linear", "mean_squared_error", 3, step_target_values, 3, ARRAYS(mean_squared_error)},
    {"tanh", "linear", "mean_squared_error: {half: true}", 3, step_target_values, 3,
     ARRAYS(half_mean_squared_error)},
    {"tanh", "linear", "root_mean_squared_error", 3, step_target_values, 3,
     ARRAYS(root_mean_squared_error)},
    {"tanh", "linear", "mean_absolute_error", 3, step_target_values, 3,
     ARRAYS(mean_absolute_error)},
    {"tanh", "linear", "huber", 3, step_target_values, 3, ARRAYS(huber_1)},
    {"tanh", "linear", "huber: {delta: 0.5}", 3, step_target_values, 3, ARRAYS(huber_0_5)},
    {"tanh", "sigmoid", "binary_cross_entropy", 1, step_target_binary, 1,
     ARRAYS(binary_cross_entropy)},
    {"tanh", "softmax", "categorical_cross_entropy", 3, step_target_index, 1,
     ARRAYS(categorical_cross_entropy_index)},
    {"tanh", "softmax", "categorical_cross_entropy", 3, step_target_one_hot, 3,
     ARRAYS(categorical_cross_entropy_one_hot)},
    {"tanh", "softmax", "categorical_cross_entropy: {label_smoothing: 0.1}", 3, step_target_one_hot,
     3, ARRAYS(categorical_cross_entropy_smoothing)},
    {"tanh", "tanh", "hinge", 1, step_target_binary, 1, ARRAYS(hinge)},
    {"tanh", "linear", "categorical_hinge", 3, step_target_one_hot, 3, ARRAYS(categorical_hinge)},
    {"tanh", "softmax", "kl_divergence", 3, step_target_distribution, 3, ARRAYS(kl_divergence)},
};

static void a_step_with_every_loss_is_pytorchs(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(loss_steps); i++) {
    assert_step(&loss_steps[i], 1);
    assert_step(&loss_steps[i], 4);
  }
}

static void every_loss_has_a_step(void **state) {
  (void)state;
  for (const Kind *const *kind = loss_kinds.kinds; *kind; kind++) {
    size_t found = 0;
    for (size_t i = 0; i < COUNT(loss_steps); i++) {
      found += strncmp(loss_steps[i].loss, (*kind)->name, strlen((*kind)->name)) == 0;
    }
    if (!found) fail_msg("no step for %s", (*kind)->name);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_step_with_every_activation_is_pytorchs),
      cmocka_unit_test(every_activation_has_a_step),
      cmocka_unit_test(a_step_with_every_loss_is_pytorchs),
      cmocka_unit_test(every_loss_has_a_step),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
