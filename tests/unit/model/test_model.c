/* model/model: names, shapes and their errors, the flat vector, forward passes and scores. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "support/networks.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

/* What model_create says about a model. */
static Status try_model(const char *yaml) {
  Network *network;
  Status status = network_try(yaml, "mse", &network);
  assert_true((status == OK) == (network != NULL));
  network_destroy(network);
  return status;
}

/* A workspace of `n` rows with inputs, over which the model has run forward. */
static Workspace *run_forward(const Network *network, size_t n, bool training) {
  Workspace *workspace = workspace_create(network->model, n, 1, false);
  fill_numbers(1, -1, 1, n * model_input_width(network->model), workspace->x);
  ShardProgram program;
  shard_program_single(n, &program);
  RowRun run = {.program = &program, .training = training, .seed = 1};
  model_forward(network->model, workspace, network->parameters, &run);
  return workspace;
}

/* ---- names ---- */

static void layers_are_named_after_their_kind_and_counted_from_the_second_on(void **state) {
  (void)state;
  Network *network = network_create("{input: 4, layers: [{dense: 3}, {dropout: 0.5}, {dense: 3}, "
                                    "{activation: relu}, {dense: 2}]}",
                                    "mse");
  const char *const names[] = {"dense", "dropout", "dense_1", "activation", "dense_2"};
  assert_int_equal(network->model->n_layers, 5);
  for (size_t i = 0; i < 5; i++) assert_string_equal(network->model->layers[i].name, names[i]);
  network_destroy(network);
}

static void layers_may_be_named(void **state) {
  (void)state;
  Network *network =
      network_create("{input: 4, layers: [{dense: {units: 3, name: hidden}}, {dense: 2}]}", "mse");
  assert_string_equal(network->model->layers[0].name, "hidden");
  assert_string_equal(network->model->layers[1].name, "dense_1");
  assert_string_equal(network->model->map.tensors[0].layer, "hidden");
  assert_string_equal(network->model->map.tensors[1].name, "bias");
  network_destroy(network);
}

static void a_name_that_stands_twice_is_refused(void **state) {
  (void)state;
  Status status = try_model("{input: 4, layers: [{dense: {units: 3, name: a}}, "
                            "{dense: {units: 2, name: a}}]}");
  assert_refused(status, ERR_CONFIG, "layers[1]: a second layer named 'a'");
}

static void a_name_that_meets_a_made_one_is_refused(void **state) {
  (void)state;
  Status status = try_model("{input: 4, layers: [{dense: {units: 3, name: dense_1}}, {dense: 2}]}");
  assert_refused(status, ERR_CONFIG, "a second layer named 'dense_1'");
}

static void names_with_a_slash_or_without_a_letter_are_refused(void **state) {
  (void)state;
  assert_refused(try_model("{input: 4, layers: [{dense: {units: 3, name: a/b}}]}"), ERR_CONFIG,
                 "layers[0]: found the name 'a/b', expected text without '/'");
  assert_refused(try_model("{input: 4, layers: [{dense: {units: 3, name: ''}}]}"), ERR_CONFIG,
                 "found the name ''");
}

/* ---- shapes ---- */

static void shapes_pass_from_layer_to_layer(void **state) {
  (void)state;
  Network *network = network_create(
      "{input: [4, 3], layers: [{dropout: 0.1}, {activation: relu}, flatten, {dense: 5}]}", "mse");
  const Layer *layers = network->model->layers;
  assert_int_equal(model_input_width(network->model), 12);
  assert_int_equal(layers[1].output.n_dims, 2);
  assert_int_equal(layers[3].input.n_dims, 1);
  assert_int_equal(layers[3].input_width, 12);
  assert_int_equal(model_output_width(network->model), 5);
  network_destroy(network);
}

static void dense_refuses_a_shape_and_names_the_remedy(void **state) {
  (void)state;
  Status status = try_model("{input: [28, 28, 1], layers: [{dense: 10}]}");
  assert_refused(status, ERR_CONFIG,
                 "layers[0]: dense takes a plain number of inputs, found the shape 28x28x1; put a "
                 "flatten layer before it");
}

static void a_model_without_layers_is_refused(void **state) {
  (void)state;
  assert_refused(try_model("{input: 4, layers: []}"), ERR_CONFIG,
                 "model.layers: found no layer, expected at least one");
}

static void inputs_without_or_with_too_many_dimensions_are_refused(void **state) {
  (void)state;
  assert_refused(try_model("{input: [], layers: [{dense: 3}]}"), ERR_CONFIG,
                 "model.input: found 0 dimensions, expected 1 to 8");
  assert_refused(try_model("{input: [1, 1, 1, 1, 1, 1, 1, 1, 1], layers: [flatten]}"), ERR_CONFIG,
                 "model.input: found 9 dimensions, expected 1 to 8");
}

/* ---- the flat vector ---- */

static void tensors_lie_on_cache_lines_in_the_order_of_the_layers(void **state) {
  (void)state;
  Network *network = network_create("{input: 5, layers: [{dense: 7}, {dense: 3}]}", "mse");
  const ParameterMap *map = &network->model->map;
  const char *const names[] = {"kernel", "bias", "kernel", "bias"};
  const size_t counts[] = {35, 7, 21, 3};
  assert_int_equal(map->n_tensors, 4);
  assert_int_equal(map->count, 66);
  for (size_t i = 0; i < 4; i++) {
    assert_string_equal(map->tensors[i].name, names[i]);
    assert_int_equal(map->tensors[i].count, counts[i]);
    assert_int_equal(map->tensors[i].offset * sizeof(real) % CACHE_LINE_BYTES, 0);
  }
  network_destroy(network);
}

/* ---- loss and metrics ---- */

static void the_losss_own_activation_is_left_to_it(void **state) {
  (void)state;
  Network *network = network_create(
      "{input: 5, layers: [{dense: {units: 3, activation: softmax}}]}", "cross_entropy");
  Workspace *workspace = run_forward(network, 2, false);
  const real *p = workspace->prediction;
  assert_null(network->model->layers[0].activation);
  assert_string_equal(network->model->output_activation->kind->name, "softmax");
  assert_true(fabs((double)(p[3] + p[4] + p[5]) - 1) < 1e-6);
  assert_true(memcmp(p, workspace->y[0], 6 * sizeof(real)) != 0);
  workspace_destroy(workspace, network->model);
  network_destroy(network);
}

static void another_last_activation_stays_with_its_layer(void **state) {
  (void)state;
  Network *network =
      network_create("{input: 5, layers: [{dense: {units: 3, activation: softmax}}]}", "kld");
  Workspace *workspace = run_forward(network, 2, false);
  assert_null(network->model->output_activation);
  assert_same_bits("prediction", 6, workspace->prediction, workspace->y[0]);
  workspace_destroy(workspace, network->model);
  network_destroy(network);
}

static void the_default_metric_follows_from_the_loss(void **state) {
  (void)state;
  Network *numbers = network_create("{input: 5, layers: [{dense: 3}]}", "huber");
  Network *classes = network_create("{input: 5, layers: [{dense: 3}]}", "categorical_hinge");
  assert_int_equal(model_sum_count(numbers->model), 2);
  assert_string_equal(numbers->model->metrics[0]->kind.name, "mean_absolute_error");
  assert_string_equal(classes->model->metrics[0]->kind.name, "accuracy");
  network_destroy(numbers);
  network_destroy(classes);
}

static void scores_are_losses_and_then_metrics_of_every_row(void **state) {
  (void)state;
  enum { N = 5 };
  Network *network = network_create("{input: 4, layers: [{dense: 1}]}", "mse");
  Workspace *workspace = run_forward(network, N, false);
  real gradient[N];
  model_score(network->model, workspace, N, gradient);
  for (size_t row = 0; row < N; row++) {
    double error = (double)workspace->prediction[row];
    assert_true(fabs(workspace->values[row] - error * error) < 1e-6);
    assert_true(fabs(workspace->values[N + row] - fabs(error)) < 1e-6);
    assert_true(fabs((double)gradient[row] - 2 * error) < 1e-6);
  }
  workspace_destroy(workspace, network->model);
  network_destroy(network);
}

static void sums_take_the_rows_of_a_range_and_add(void **state) {
  (void)state;
  enum { N = 5 };
  Network *network = network_create("{input: 4, layers: [{dense: 1}]}", "mse");
  Workspace *workspace = run_forward(network, N, false);
  double expected_loss = 0, expected_metric = 0, sums[2] = {100, 1000};
  for (size_t row = 1; row < N; row++) {
    double error = (double)workspace->prediction[row];
    expected_loss += error * error;
    expected_metric += fabs(error);
  }
  model_score(network->model, workspace, N, NULL);
  model_add_sums(network->model, workspace, N, (Range){1, N}, sums);
  assert_true(fabs(sums[0] - 100 - expected_loss) < 1e-6);
  assert_true(fabs(sums[1] - 1000 - expected_metric) < 1e-6);
  workspace_destroy(workspace, network->model);
  network_destroy(network);
}

/* ---- forward ---- */

static void evaluation_leaves_nothing_out(void **state) {
  (void)state;
  Network *with =
      network_create("{input: 4, layers: [{dense: 3}, {dropout: 0.5}, {dense: 2}]}", "mse");
  Network *without = network_create("{input: 4, layers: [{dense: 3}, {dense: 2}]}", "mse");
  assert_int_equal(with->model->map.length, without->model->map.length);
  Workspace *of_with = run_forward(with, 6, false), *of_without = run_forward(without, 6, false);
  assert_same_bits("prediction", 12, of_with->prediction, of_without->prediction);

  Workspace *of_training = run_forward(with, 6, true);
  assert_true(memcmp(of_training->prediction, of_with->prediction, 12 * sizeof(real)) != 0);
  workspace_destroy(of_with, with->model);
  workspace_destroy(of_training, with->model);
  workspace_destroy(of_without, without->model);
  network_destroy(with);
  network_destroy(without);
}

static void destroying_nothing_is_fine(void **state) {
  (void)state;
  model_destroy(NULL);
  workspace_destroy(NULL, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(layers_are_named_after_their_kind_and_counted_from_the_second_on),
      cmocka_unit_test(layers_may_be_named),
      cmocka_unit_test(a_name_that_stands_twice_is_refused),
      cmocka_unit_test(a_name_that_meets_a_made_one_is_refused),
      cmocka_unit_test(names_with_a_slash_or_without_a_letter_are_refused),
      cmocka_unit_test(shapes_pass_from_layer_to_layer),
      cmocka_unit_test(dense_refuses_a_shape_and_names_the_remedy),
      cmocka_unit_test(a_model_without_layers_is_refused),
      cmocka_unit_test(inputs_without_or_with_too_many_dimensions_are_refused),
      cmocka_unit_test(tensors_lie_on_cache_lines_in_the_order_of_the_layers),
      cmocka_unit_test(the_losss_own_activation_is_left_to_it),
      cmocka_unit_test(another_last_activation_stays_with_its_layer),
      cmocka_unit_test(the_default_metric_follows_from_the_loss),
      cmocka_unit_test(scores_are_losses_and_then_metrics_of_every_row),
      cmocka_unit_test(sums_take_the_rows_of_a_range_and_add),
      cmocka_unit_test(evaluation_leaves_nothing_out),
      cmocka_unit_test(destroying_nothing_is_fine),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
