/* Backpropagation against central differences, in double: every row of the kind tables. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "math/product.h"
#include "model/gradient_check.h"
#include "support/networks.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum { N = 12, D = 6, M = 3, N_SHARDS = 5 };

static const double TOLERANCE = 1e-6;

/* Targets that the loss takes and that keep away from its kinks. */
static void fill_targets(TargetForm form, real targets[N * M]) {
  fill_numbers(2, 0.1, 0.9, N * M, targets);
  for (size_t i = 0; i < N * M; i++) {
    size_t row = i / M, column = i % M;
    if (form == TARGET_NUMBERS) targets[i] = 4 * targets[i] - 2;
    if (form == TARGET_CLASSES && row % 2) targets[i] = (real)(column == row / 2 % M);
    if (form == TARGET_SIGNS) targets[i] = (real)((row + column) % 2);
  }
  for (size_t row = 0; form == TARGET_CLASSES && row < N; row++) {
    real sum = targets[row * M] + targets[row * M + 1] + targets[row * M + 2];
    for (size_t i = 0; i < M; i++) targets[row * M + i] /= sum;
  }
}

static GradientCheck check_network(const Network *network) {
  real x[N * D], targets[N * M];
  fill_numbers(1, -1.5, 1.5, N * D, x);
  fill_targets(model_loss(network->model)->form, targets);
  ArrayRows rows = {.input_width = D, .target_width = M, .x = x, .targets = targets};
  Batch batch = {.parameters = network->parameters, .n_rows = N, .n_shards = N_SHARDS, .seed = 1};
  batch.rows = array_source(&rows);
  return gradient_check(network->model, &batch, 0);
}

/* Checks every parameter of a network that ends in M outputs. */
static void assert_gradient(const char *what, const char *model_yaml, const char *loss_yaml) {
  Network *network = network_create(model_yaml, loss_yaml);
  /* Biases that are not 0, and different from each other. */
  const ParameterMap *map = &network->model->map;
  for (size_t t = 0; t < map->n_tensors; t++) {
    real *values = network->parameters + map->tensors[t].offset;
    if (map->tensors[t].shape.n_dims == 1)
      fill_numbers(t, -0.5, 0.5, map->tensors[t].count, values);
  }

  GradientCheck check = check_network(network);
  for (size_t i = 0; i < check.n_tensors; i++) {
    const TensorCheck *tensor = &check.tensors[i];
    if (tensor->error < TOLERANCE) continue;
    fail_msg("%s: %s/%s[%zu]: backpropagation %.10g, difference %.10g, error %.1e", what,
             tensor->tensor->layer, tensor->tensor->name, tensor->worst, tensor->analytic,
             tensor->numeric, tensor->error);
  }
  assert_true(check.loss > 0 && check.error < TOLERANCE);
  gradient_check_release(&check);
  network_destroy(network);
}

static void every_activation_passes(void **state) {
  (void)state;
  char yaml[256];
  for (const Kind *const *kind = activation_kinds.kinds; *kind; kind++) {
    snprintf(yaml, sizeof yaml,
             "{input: %d, layers: [{dense: {units: 5, activation: %s}}, {dense: %d}]}", D,
             (*kind)->name, M);
    assert_gradient((*kind)->name, yaml, "mse");
    snprintf(yaml, sizeof yaml,
             "{input: %d, layers: [{dense: 5}, {dense: {units: %d, activation: %s}}]}", D, M,
             (*kind)->name);
    assert_gradient((*kind)->name, yaml, "mse");
  }
}

static void activations_with_other_options_pass(void **state) {
  (void)state;
  assert_gradient(
      "leaky_relu",
      "{input: 6, layers: [{dense: {units: 5, activation: {leaky_relu: 0.01}}}, {dense: 3}]}",
      "mse");
  assert_gradient("elu",
                  "{input: 6, layers: [{dense: {units: 5, activation: {elu: 0.3}}}, {dense: 3}]}",
                  "mse");
}

/* An activation whose outputs the loss takes for predictions. */
static const char *output_activation(const LossKind *loss) {
  switch (loss->form) {
  case TARGET_NUMBERS: return "linear";
  case TARGET_CLASSES: return "softmax";
  case TARGET_UNIT: return "sigmoid";
  case TARGET_SIGNS: return "linear";
  }
  return NULL;
}

/* With the activation last, where the loss may take it over, and with a layer after it. */
static void assert_loss_gradient(const char *loss_yaml) {
  KindSetting loss = setting_create(&loss_kinds, loss_yaml);
  const char *activation = output_activation((const LossKind *)loss.kind);
  char yaml[256];
  for (size_t i = 0; i < 2; i++) {
    snprintf(yaml, sizeof yaml,
             "{input: %d, layers: [{dense: {units: 5, activation: tanh}}, "
             "{dense: {units: %d, activation: %s}}%s]}",
             D, M, activation, i ? ", flatten" : "");
    assert_gradient(loss_yaml, yaml, loss_yaml);
  }
  kind_setting_release(&loss);
}

static void every_loss_passes(void **state) {
  (void)state;
  for (const Kind *const *kind = loss_kinds.kinds; *kind; kind++)
    assert_loss_gradient((*kind)->name);
}

static void losses_with_other_options_pass(void **state) {
  (void)state;
  assert_loss_gradient("mse: {half: true}");
  assert_loss_gradient("huber: {delta: 0.3}");
  assert_loss_gradient("bce: {label_smoothing: 0.2}");
  assert_loss_gradient("cross_entropy: {label_smoothing: 0.2}");
}

/* The settings with which a layer is checked, between two dense layers. */
static const char *layer_setting(const char *kind) {
  static const char *const settings[][2] = {
      {"dense", "{dense: {units: 4, activation: gelu}}"},
      {"activation", "{activation: silu}"},
      {"dropout", "{dropout: 0.4}"},
      {"flatten", "flatten"},
  };
  for (size_t i = 0; i < COUNT(settings); i++) {
    if (strcmp(settings[i][0], kind) == 0) return settings[i][1];
  }
  fail_msg("no settings to check the layer %s with", kind);
  return NULL;
}

static void every_layer_passes(void **state) {
  (void)state;
  char yaml[256];
  for (const Kind *const *kind = layer_kinds.kinds; *kind; kind++) {
    const char *setting = layer_setting((*kind)->name);
    snprintf(yaml, sizeof yaml,
             "{input: [3, 2], layers: [flatten, {dense: {units: 5, activation: tanh}}, %s, "
             "{dense: %d}]}",
             setting, M);
    assert_gradient((*kind)->name, yaml, "mse");
  }
}

static void dense_without_bias_passes(void **state) {
  (void)state;
  assert_gradient("dense", "{input: 6, layers: [{dense: {units: 3, use_bias: false}}]}", "mse");
}

/* ---- the check itself ---- */

/* A loss whose gradient is wrong by a part in 10^5. */
static void evaluate_wrongly(const void *options, const LossPass *pass) {
  const LossKind *right = (const LossKind *)kind_find(&loss_kinds, "mse");
  right->evaluate(options, pass);
  if (!pass->gradient) return;
  for (size_t i = 0; i < pass->n * pass->m; i++) pass->gradient[i] *= 1 + 1e-5;
}

static void a_wrong_gradient_is_found(void **state) {
  (void)state;
  Network *network = network_create("{input: 6, layers: [{dense: 3}]}", "mse");
  LossKind wrong = *(const LossKind *)network->loss.kind;
  wrong.evaluate = evaluate_wrongly;
  const Kind *right = network->loss.kind;
  network->loss.kind = &wrong.kind;
  GradientCheck check = check_network(network);
  network->loss.kind = right;
  assert_true(check.error > 0.9e-5 && check.error < 1.1e-5);
  gradient_check_release(&check);
  network_destroy(network);
}

static void a_gradient_that_is_not_finite_is_found(void **state) {
  (void)state;
  Network *network = network_create("{input: 6, layers: [{dense: 3}]}", "mse");
  network_tensor(network, "dense", "bias")[0] = NAN;
  GradientCheck check = check_network(network);
  assert_true(isnan(check.error));
  gradient_check_release(&check);
  network_destroy(network);
}

static void a_check_may_be_cut_short(void **state) {
  (void)state;
  Network *network = network_create("{input: 6, layers: [{dense: 3}]}", "mse");
  real x[N * D], targets[N * M];
  fill_numbers(1, -1, 1, N * D, x);
  fill_numbers(2, -1, 1, N * M, targets);
  ArrayRows rows = {.input_width = D, .target_width = M, .x = x, .targets = targets};
  Batch batch = {.parameters = network->parameters, .n_rows = N, .n_shards = 2};
  batch.rows = array_source(&rows);

  GradientCheck check = gradient_check(network->model, &batch, 7);

  assert_int_equal(check.n_tensors, 2);
  assert_int_equal(check.tensors[0].n_checked, 7);
  assert_int_equal(check.tensors[1].n_checked, 3);
  assert_string_equal(check.tensors[1].tensor->name, "bias");
  gradient_check_release(&check);
  network_destroy(network);
}

/* ---- the double build ---- */

static void engines_without_double_precision_are_refused(void **state) {
  (void)state;
  assert_refused(product_start(PRODUCT_NATIVE), ERR_CONFIG,
                 "compute.engine: native is not in this build, or cannot run on this processor; "
                 "expected another, or auto");
  assert_refused(product_start(PRODUCT_ONEDNN), ERR_CONFIG, "compute.engine: onednn is not in");
  assert_int_equal(product_start(PRODUCT_AUTO), OK);
  assert_int_equal(strncmp(product_engine(), "OpenBLAS ", 9), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_activation_passes),
      cmocka_unit_test(activations_with_other_options_pass),
      cmocka_unit_test(every_loss_passes),
      cmocka_unit_test(losses_with_other_options_pass),
      cmocka_unit_test(every_layer_passes),
      cmocka_unit_test(dense_without_bias_passes),
      cmocka_unit_test(a_wrong_gradient_is_found),
      cmocka_unit_test(a_gradient_that_is_not_finite_is_found),
      cmocka_unit_test(a_check_may_be_cut_short),
      cmocka_unit_test(engines_without_double_precision_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
