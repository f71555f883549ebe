/* model/layers: golden arrays, adjointness, dropout's masks, layers that compute the same. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "reference/golden_dense.h"
#include "support/networks.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

/* A network and memory for one pass of its first layer. */
typedef struct Bench {
  Network *network;
  const Layer *layer;
  LayerPass pass;
  ShardProgram *program; /* all rows as one run */
  real *x, *y, *cache, *dy, *dx, *scratch;
} Bench;

static Bench bench_create(const char *model_yaml, size_t n_rows) {
  Bench bench = {.network = network_create(model_yaml, "mse")};
  const Layer *layer = bench.layer = &bench.network->model->layers[0];
  bench.x = NEW_ARRAY(real, n_rows * layer->input_width);
  bench.y = NEW_ARRAY(real, n_rows * layer->output_width);
  bench.cache = NEW_ARRAY(real, n_rows * layer->cache_width);
  bench.dy = NEW_ARRAY(real, n_rows * layer->output_width);
  bench.dx = NEW_ARRAY(real, n_rows * layer->input_width);
  bench.program = NEW(ShardProgram);
  shard_program_single(n_rows, bench.program);
  if (layer->kind->scratch) bench.scratch = NEW_ARRAY(real, layer->kind->scratch(layer, n_rows));
  bench.pass = (LayerPass){.program = bench.program,
                           .n_rows = n_rows,
                           .training = true,
                           .seed = 5,
                           .parameters = bench.network->parameters,
                           .x = bench.x,
                           .y = bench.y,
                           .cache = bench.cache,
                           .dy = bench.dy,
                           .dx = bench.dx,
                           .scratch = bench.scratch};
  fill_numbers(1, -1, 1, n_rows * layer->input_width, bench.x);
  fill_numbers(2, -1, 1, n_rows * layer->output_width, bench.dy);
  return bench;
}

static void bench_release(Bench *bench) {
  network_destroy(bench->network);
  memory_release(bench->program);
  memory_release(bench->x);
  memory_release(bench->y);
  memory_release(bench->cache);
  memory_release(bench->dy);
  memory_release(bench->dx);
  memory_release(bench->scratch);
}

static void bench_forward(const Bench *bench) {
  bench->layer->kind->forward(bench->layer, &bench->pass);
}

static void bench_input_gradient(const Bench *bench) {
  bench->layer->kind->input_gradient(bench->layer, &bench->pass);
}

/* Writes to a flat vector, or adds to it. */
static void bench_parameter_gradient(const Bench *bench, bool accumulate, real *gradient) {
  layer_parameter_gradient(bench->layer, &bench->pass, accumulate, gradient);
}

/* A flat vector of the bench's network. */
static real *bench_vector(const Bench *bench) {
  return NEW_ARRAY(real, bench->network->model->map.length);
}

static double inner_product(size_t count, const real *a, const real *b) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += (double)a[i] * (double)b[i];
  return sum;
}

/* ---- dense ---- */

static void dense_matches_pytorch(void **state) {
  (void)state;
  Bench bench = bench_create("{input: 7, layers: [{dense: 4}]}", 5);
  memcpy(bench.x, dense_x, sizeof dense_x);
  memcpy(bench.dy, dense_dy, sizeof dense_dy);
  memcpy(network_tensor(bench.network, "dense", "kernel"), dense_w, sizeof dense_w);
  memcpy(network_tensor(bench.network, "dense", "bias"), dense_b, sizeof dense_b);
  real *gradient = bench_vector(&bench);

  bench_forward(&bench);
  bench_input_gradient(&bench);
  bench_parameter_gradient(&bench, false, gradient);

  assert_near("y", 5 * 4, bench.y, dense_y, 2e-6);
  assert_near("dx", 5 * 7, bench.dx, dense_dx, 2e-6);
  assert_near("dw", 7 * 4, gradient + bench.layer->tensors[0].offset, dense_dw, 2e-6);
  assert_near("db", 4, gradient + bench.layer->tensors[1].offset, dense_db, 2e-6);
  memory_release(gradient);
  bench_release(&bench);
}

/* <dy, x w> = <dy w^T, x> = <x^T dy, w> */
static void dense_backward_is_the_adjoint_of_forward(void **state) {
  (void)state;
  enum { N = 9, D = 13, M = 6 };
  Bench bench = bench_create("{input: 13, layers: [{dense: {units: 6, use_bias: false}}]}", N);
  real *dw = bench_vector(&bench);

  bench_forward(&bench);
  bench_input_gradient(&bench);
  bench_parameter_gradient(&bench, false, dw);

  double forward = inner_product(N * M, bench.dy, bench.y);
  double by_input = inner_product(N * D, bench.dx, bench.x);
  double by_weight = inner_product(D * M, dw, bench.network->parameters);
  assert_true(fabs(by_input - forward) < 1e-5 && fabs(by_weight - forward) < 1e-5);
  assert_int_equal(bench.layer->n_tensors, 1);
  memory_release(dw);
  bench_release(&bench);
}

static void dense_touches_its_own_tensors_alone(void **state) {
  (void)state;
  Bench bench = bench_create("{input: 7, layers: [{dense: 4}, {dense: 3}]}", 5);
  size_t length = bench.network->model->map.length;
  real *gradient = bench_vector(&bench), *before = bench_vector(&bench);
  fill_numbers(3, -1, 1, length, gradient);
  memcpy(before, gradient, length * sizeof(real));
  bench_input_gradient(&bench);
  bench_parameter_gradient(&bench, false, gradient);
  /* The kernel of 28 elements, padding, the bias of 4, padding, the next layer. */
  size_t bias = bench.layer->tensors[1].offset;
  assert_true(gradient[0] != before[0] && gradient[27] != before[27]);
  assert_true(gradient[bias] != before[bias] && gradient[bias + 3] != before[bias + 3]);
  assert_same_bits("between", bias - 28, gradient + 28, before + 28);
  assert_same_bits("after", length - bias - 4, gradient + bias + 4, before + bias + 4);
  memory_release(gradient);
  memory_release(before);
  bench_release(&bench);
}

static void dense_adds_onto_a_gradient_when_asked(void **state) {
  (void)state;
  Bench bench = bench_create("{input: 7, layers: [{dense: 4}]}", 5);
  size_t length = bench.network->model->map.length;
  real *apart = bench_vector(&bench), *onto = bench_vector(&bench);
  fill_numbers(3, -1, 1, length, onto);
  bench_input_gradient(&bench);
  bench_parameter_gradient(&bench, false, apart);
  for (size_t i = 0; i < length; i++) apart[i] += onto[i];
  bench_parameter_gradient(&bench, true, onto);
  assert_same_bits("gradient", length, onto, apart);
  memory_release(apart);
  memory_release(onto);
  bench_release(&bench);
}

/* Adds the gradient of some rows alone. */
static void add_rows_alone(const Bench *bench, Range rows, real *gradient) {
  Bench alone = *bench;
  ShardProgram program;
  shard_program_single(range_count(rows), &program);
  alone.pass.program = &program;
  alone.pass.n_rows = range_count(rows);
  alone.pass.x += rows.begin * bench->layer->input_width;
  alone.pass.dy += rows.begin * bench->layer->output_width;
  bench_parameter_gradient(&alone, true, gradient);
}

static void dense_adds_shards_in_the_order_of_the_program(void **state) {
  (void)state;
  enum { N = 20 };
  Bench bench = bench_create("{input: 7, layers: [{dense: 4}]}", N);
  size_t length = bench.network->model->map.length;
  real *left = bench_vector(&bench), *right = bench_vector(&bench), *found = bench_vector(&bench);
  shard_program(N, 4, shard_root(4), bench.program);
  bench_parameter_gradient(&bench, false, found);

  add_rows_alone(&bench, (Range){0, 5}, left);
  add_rows_alone(&bench, (Range){5, 10}, left);
  add_rows_alone(&bench, (Range){10, 15}, right);
  add_rows_alone(&bench, (Range){15, 20}, right);
  for (size_t i = 0; i < length; i++) left[i] += right[i];
  assert_same_bits("gradient", length, found, left);
  memory_release(left);
  memory_release(right);
  memory_release(found);
  bench_release(&bench);
}

/* ---- dropout ---- */

static void dropout_is_off_in_evaluation(void **state) {
  (void)state;
  Bench bench = bench_create("{input: 50, layers: [{dropout: 0.9}]}", 4);
  bench.pass.training = false;
  bench_forward(&bench);
  bench_input_gradient(&bench);
  assert_same_bits("y", 200, bench.y, bench.x);
  assert_same_bits("dx", 200, bench.dx, bench.dy);
  bench_release(&bench);
}

static void dropout_of_rate_0_changes_nothing(void **state) {
  (void)state;
  Bench bench = bench_create("{input: 50, layers: [{dropout: 0}]}", 4);
  bench_forward(&bench);
  bench_input_gradient(&bench);
  assert_same_bits("y", 200, bench.y, bench.x);
  assert_same_bits("dx", 200, bench.dx, bench.dy);
  bench_release(&bench);
}

static void dropout_keeps_the_mean(void **state) {
  (void)state;
  enum { N = 400, M = 250 };
  Bench bench = bench_create("{input: 250, layers: [{dropout: 0.25}]}", N);
  for (size_t i = 0; i < N * M; i++) bench.x[i] = 1;
  bench_forward(&bench);
  size_t dropped = 0;
  for (size_t i = 0; i < N * M; i++) {
    assert_true(bench.y[i] == 0 || bench.y[i] == (real)(1 / 0.75));
    dropped += bench.y[i] == 0;
  }
  /* Five standard deviations of the share of 100,000 units. */
  assert_true(fabs((double)dropped / (N * M) - 0.25) < 5 * 0.00137);
  bench_release(&bench);
}

static void dropout_keeps_a_unit_iff_its_number_reaches_the_rate(void **state) {
  (void)state;
  enum { N = 3, M = 10 };
  Bench bench = bench_create("{input: 10, layers: [{dropout: 0.4}]}", N);
  bench.pass.epoch = 2;
  bench.pass.first_position = 77;
  bench_forward(&bench);
  RandomStream stream = {.seed = 5, .purpose = RANDOM_DROPOUT, .stream = 0, .epoch = 2};
  for (uint32_t row = 0; row < N; row++) {
    for (uint32_t unit = 0; unit < M; unit++) {
      uint32_t words[4];
      random_words(&stream, 77 + row, unit / 4, words);
      bool kept = random_uniform(words[unit % 4]) >= 0.4f;
      assert_int_equal(bench.cache[row * M + unit] != 0, kept);
    }
  }
  bench_release(&bench);
}

static void dropout_masks_do_not_depend_on_how_rows_are_cut_into_runs(void **state) {
  (void)state;
  enum { N = 12, M = 13 };
  Bench bench = bench_create("{input: 13, layers: [{dropout: 0.5}]}", N);
  bench.pass.first_position = 1000;
  bench_forward(&bench);

  real pieces[N * M];
  const size_t cuts[] = {0, 1, 6, 7, 12};
  for (size_t i = 0; i < 4; i++) {
    LayerPass piece = bench.pass;
    ShardProgram program;
    piece.n_rows = cuts[i + 1] - cuts[i];
    shard_program_single(piece.n_rows, &program);
    piece.program = &program;
    piece.first_position += cuts[i];
    piece.x += cuts[i] * M;
    piece.cache += cuts[i] * M;
    piece.y = pieces + cuts[i] * M;
    bench.layer->kind->forward(bench.layer, &piece);
  }
  assert_same_bits("y", N * M, pieces, bench.y);
  bench_release(&bench);
}

/* Share of units that two masks treat alike; 1/2 if they are independent. */
static double likeness(const Bench *bench, const LayerPass *pass) {
  size_t count = pass->n_rows * bench->layer->output_width, alike = 0;
  real *cache = NEW_ARRAY(real, count);
  bench->layer->kind->forward(bench->layer, &bench->pass);
  memcpy(cache, bench->cache, count * sizeof(real));
  bench->layer->kind->forward(bench->layer, pass);
  for (size_t i = 0; i < count; i++) alike += cache[i] == bench->cache[i];
  memory_release(cache);
  return (double)alike / (double)count;
}

static void dropout_masks_differ_by_seed_epoch_and_position(void **state) {
  (void)state;
  Bench bench = bench_create("{input: 100, layers: [{dropout: 0.5}]}", 100);
  LayerPass same = bench.pass, seed = same, epoch = same, position = same;
  seed.seed++;
  epoch.epoch++;
  position.first_position += 100;
  assert_true(likeness(&bench, &same) == 1);
  assert_true(fabs(likeness(&bench, &seed) - 0.5) < 0.025);
  assert_true(fabs(likeness(&bench, &epoch) - 0.5) < 0.025);
  assert_true(fabs(likeness(&bench, &position) - 0.5) < 0.025);
  bench_release(&bench);
}

static void dropout_masks_differ_by_layer(void **state) {
  (void)state;
  enum { COUNT = 100 * 100 };
  Bench bench = bench_create("{input: 100, layers: [{dropout: 0.5}, {dropout: 0.5}]}", 100);
  const Layer *second = &bench.network->model->layers[1];
  real *first_mask = NEW_ARRAY(real, COUNT);
  bench_forward(&bench);
  memcpy(first_mask, bench.cache, COUNT * sizeof(real));
  second->kind->forward(second, &bench.pass);
  size_t alike = 0;
  for (size_t i = 0; i < COUNT; i++) alike += first_mask[i] == bench.cache[i];
  assert_true(fabs((double)alike / COUNT - 0.5) < 0.025);
  memory_release(first_mask);
  bench_release(&bench);
}

static void dropout_backward_is_the_adjoint_of_forward(void **state) {
  (void)state;
  enum { COUNT = 8 * 30 };
  Bench bench = bench_create("{input: 30, layers: [{dropout: 0.3}]}", 8);
  bench_forward(&bench);
  bench_input_gradient(&bench);
  double forward = inner_product(COUNT, bench.dy, bench.y);
  assert_true(fabs(inner_product(COUNT, bench.dx, bench.x) - forward) < 1e-5);
  bench_release(&bench);
}

static void dropout_works_without_an_input_gradient(void **state) {
  (void)state;
  Bench bench = bench_create("{input: 4, layers: [{dropout: 0.5}]}", 2);
  bench.pass.dx = NULL;
  bench_forward(&bench);
  bench_input_gradient(&bench);
  bench_release(&bench);
}

static void dropout_rates_out_of_range_are_refused(void **state) {
  (void)state;
  KindSetting setting;
  Status status = kind_setting_read(&layer_kinds, "dropout: {rate: 1}", &setting);
  assert_refused(status, ERR_CONFIG, "rate: found '1', expected a number from 0 to below 1");
  status = kind_setting_read(&layer_kinds, "dropout: -0.1", &setting);
  assert_refused(status, ERR_CONFIG, "rate: found '-0.1', expected a number from 0 to below 1");
  status = kind_setting_read(&layer_kinds, "dropout", &setting);
  assert_refused(status, ERR_CONFIG, "rate: missing");
}

/* ---- flatten ---- */

static void flatten_makes_one_dimension_of_any_shape(void **state) {
  (void)state;
  Bench bench = bench_create("{input: [4, 3, 2], layers: [flatten, {dense: 5}]}", 2);
  bench_forward(&bench);
  bench_input_gradient(&bench);
  assert_int_equal(bench.layer->output.n_dims, 1);
  assert_int_equal(bench.layer->output_width, 24);
  assert_int_equal(bench.network->model->layers[1].input_width, 24);
  assert_same_bits("y", 48, bench.y, bench.x);
  assert_same_bits("dx", 48, bench.dx, bench.dy);
  bench_release(&bench);
}

/* ---- activation ---- */

/* The gradient of the whole network for 5 samples. */
static void network_gradient(const Network *network, const ArrayRows *rows, real *out) {
  Batch batch = {.parameters = network->parameters, .n_rows = 5, .n_shards = 2};
  batch.rows = array_source(rows);
  Gradient *gradient = gradient_create(network->model, 5, 2, 2, rows->target_width);
  double sums[2 * 2];
  assert_true(gradient_compute(gradient, &batch, shard_root(2), out, sums));
  gradient_destroy(gradient);
}

/* Two ways to write the same network must give the same gradient. */
static void assert_same_network(const char *one_yaml, const char *other_yaml, const char *loss) {
  Network *one = network_create(one_yaml, loss), *other = network_create(other_yaml, loss);
  size_t length = one->model->map.length;
  assert_int_equal(other->model->map.length, length);
  real x[5 * 6], *of_one = NEW_ARRAY(real, length), *of_other = NEW_ARRAY(real, length);
  const real targets[] = {0, 2, 1, 1, 0};
  fill_numbers(4, -2, 2, 5 * 6, x);
  ArrayRows rows = {.input_width = 6, .target_width = 1, .x = x, .targets = targets};

  network_gradient(one, &rows, of_one);
  network_gradient(other, &rows, of_other);
  assert_same_bits(other_yaml, length, of_other, of_one);

  memory_release(of_one);
  memory_release(of_other);
  network_destroy(one);
  network_destroy(other);
}

static void activation_layers_are_denses_own_activation(void **state) {
  (void)state;
  assert_same_network("{input: 6, layers: [{dense: {units: 4, activation: tanh}}, {dense: 3}]}",
                      "{input: 6, layers: [{dense: 4}, {activation: tanh}, {dense: 3}]}", "mse");
}

static void activation_layers_need_no_cache(void **state) {
  (void)state;
  assert_same_network("{input: 6, layers: [{dense: {units: 4, activation: gelu}}, {dense: 3}]}",
                      "{input: 6, layers: [{dense: 4}, {activation: gelu}, {dense: 3}]}", "mse");
}

static void activation_layers_take_options_of_their_function(void **state) {
  (void)state;
  const char *own =
      "{input: 6, layers: [{dense: {units: 4, activation: {leaky_relu: 0.1}}}, {dense: 3}]}";
  const char *apart = "{input: 6, layers: [{dense: 4}, "
                      "{activation: {leaky_relu: {negative_slope: 0.1}}}, {dense: 3}]}";
  assert_same_network(own, apart, "mse");
}

static void activation_layers_at_the_end_go_to_the_loss(void **state) {
  (void)state;
  assert_same_network("{input: 6, layers: [{dense: {units: 3, activation: softmax}}]}",
                      "{input: 6, layers: [{dense: 3}, {activation: softmax}]}", "cross_entropy");
}

static void activation_layers_apply_softmax_to_the_last_dimension(void **state) {
  (void)state;
  Bench bench = bench_create("{input: [3, 4], layers: [{activation: softmax}, flatten]}", 2);
  bench_forward(&bench);
  for (size_t row = 0; row < 2 * 3; row++) {
    double sum = 0;
    for (size_t i = 0; i < 4; i++) sum += (double)bench.y[row * 4 + i];
    assert_true(fabs(sum - 1) < 1e-6);
  }
  bench_release(&bench);
}

/* ---- all kinds ---- */

static void every_layer_names_its_class_of_keras(void **state) {
  (void)state;
  for (const Kind *const *kind = layer_kinds.kinds; *kind; kind++) {
    if (!((const LayerKind *)*kind)->keras_class) fail_msg("%s names none", (*kind)->name);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(dense_matches_pytorch),
      cmocka_unit_test(dense_backward_is_the_adjoint_of_forward),
      cmocka_unit_test(dense_touches_its_own_tensors_alone),
      cmocka_unit_test(dense_adds_onto_a_gradient_when_asked),
      cmocka_unit_test(dense_adds_shards_in_the_order_of_the_program),
      cmocka_unit_test(dropout_is_off_in_evaluation),
      cmocka_unit_test(dropout_of_rate_0_changes_nothing),
      cmocka_unit_test(dropout_keeps_the_mean),
      cmocka_unit_test(dropout_keeps_a_unit_iff_its_number_reaches_the_rate),
      cmocka_unit_test(dropout_masks_do_not_depend_on_how_rows_are_cut_into_runs),
      cmocka_unit_test(dropout_masks_differ_by_seed_epoch_and_position),
      cmocka_unit_test(dropout_masks_differ_by_layer),
      cmocka_unit_test(dropout_backward_is_the_adjoint_of_forward),
      cmocka_unit_test(dropout_works_without_an_input_gradient),
      cmocka_unit_test(dropout_rates_out_of_range_are_refused),
      cmocka_unit_test(flatten_makes_one_dimension_of_any_shape),
      cmocka_unit_test(activation_layers_are_denses_own_activation),
      cmocka_unit_test(activation_layers_need_no_cache),
      cmocka_unit_test(activation_layers_take_options_of_their_function),
      cmocka_unit_test(activation_layers_at_the_end_go_to_the_loss),
      cmocka_unit_test(activation_layers_apply_softmax_to_the_last_dimension),
      cmocka_unit_test(every_layer_names_its_class_of_keras),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
