/* storage/model_file: every format that is written and read gives the parameters back by bits, the
 * same model gives the same bytes, what other programs wrote is read, and what is damaged or
 * unknown is refused. The files of other programs are from tests/interop. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/file.h"
#include "io/h5.h"
#include "storage/model_file.h"
#include "storage/tensor_fit.h"
#include "support/networks.h"
#include "support/temp_files.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

#define FIXTURES "tests/interop/fixtures/"

static const char MODEL[] =
    "{input: [2, 3], layers: [flatten, dense: {units: 5, activation: {leaky_relu: 0.1}}, "
    "dropout: 0.5, dense: {units: 4, use_bias: false}, activation: gelu, "
    "dense: {units: 3, activation: softmax}]}";

static Network *network;

static int make_network(void **state) {
  network = network_create(MODEL, "categorical_cross_entropy");
  return temp_folder_create(state);
}

static int drop_network(void **state) {
  network_destroy(network);
  return temp_folder_remove(state);
}

static const ModelFileKind *format(const char *name) {
  return (const ModelFileKind *)kind_find(&model_file_kinds, name);
}

/* Writes a model in a format, under a name that says nothing of it. */
static const char *write_as(const ModelFileKind *kind, const Network *from) {
  ModelExport content = {.model = from->model, .parameters = from->parameters, .data_scale = 255};
  char *bytes;
  size_t count;
  kind->write(&content, &bytes, &count);
  const char *path = temp_write("file", bytes, count);
  memory_release(bytes);
  return path;
}

static TensorList read_good(const char *path) {
  TensorList list;
  if (model_file_read(path, &list) != OK) fail_msg("%s", status_message());
  return list;
}

static void assert_same_parameters(const char *path, const Network *expected) {
  TensorList list = read_good(path);
  size_t length = expected->model->map.length;
  real *found = NEW_ARRAY(real, length);
  if (tensor_fit(&list, path, &expected->model->map, found) != OK) {
    fail_msg("%s", status_message());
  }
  assert_same_bits(path, length, found, expected->parameters);
  memory_release(found);
  tensor_list_release(&list);
}

static void every_format_gives_the_parameters_back(void **state) {
  (void)state;
  size_t tried = 0;
  for (const Kind *const *row = model_file_kinds.kinds; *row; row++) {
    const ModelFileKind *kind = (const ModelFileKind *)*row;
    if (!kind->write || !kind->read) continue;
    assert_same_parameters(write_as(kind, network), network);
    tried++;
  }
  assert_int_equal(tried, 3);
}

static void many_layers_of_one_shape_keep_their_order(void **state) {
  (void)state;
  Network *deep = network_create("{input: 2, layers: [dense: 2, dense: 2, dense: 2, dense: 2, "
                                 "dense: 2, dense: 2, dense: 2, dense: 2, dense: 2, dense: 2, "
                                 "dense: 2, dense: 2]}",
                                 "mean_squared_error");
  fill_numbers(5, -1, 1, deep->model->map.length, deep->parameters);
  for (size_t t = 0; t < deep->model->map.n_tensors; t++) { /* the padding is zero */
    const ParameterTensor *tensor = &deep->model->map.tensors[t];
    size_t end = t + 1 < deep->model->map.n_tensors ? tensor[1].offset : deep->model->map.length;
    for (size_t i = tensor->offset + tensor->count; i < end; i++) deep->parameters[i] = 0;
  }
  assert_same_parameters(write_as(format("safetensors"), deep), deep);
  assert_same_parameters(write_as(format("keras-weights"), deep), deep);
  network_destroy(deep);
}

static void same_model_gives_the_same_bytes(void **state) {
  (void)state;
  for (const Kind *const *row = model_file_kinds.kinds; *row; row++) {
    const ModelFileKind *kind = (const ModelFileKind *)*row;
    if (!kind->write) continue;
    Network *again = network_create(MODEL, "categorical_cross_entropy"); /* in other memory */
    char *once, *twice;
    size_t once_count, twice_count;
    assert_int_equal(file_read(write_as(kind, network), &once, &once_count), OK);
    assert_int_equal(file_read(write_as(kind, again), &twice, &twice_count), OK);
    assert_int_equal(once_count, twice_count);
    assert_memory_equal(once, twice, once_count);
    memory_release(once), memory_release(twice);
    network_destroy(again);
  }
}

static void modules_of_pytorch_are_counted_with_activations_and_dropouts(void **state) {
  (void)state;
  static const char *const names[] = {"1.weight", "1.bias", "4.weight", "6.weight", "6.bias"};
  const char *path = write_as(format("safetensors"), network);
  TensorList list = read_good(path);
  assert_int_equal(list.count, 5);
  for (size_t i = 0; i < 5; i++) assert_non_null(tensor_list_find(&list, names[i]));
  tensor_list_release(&list);

  char *bytes;
  size_t count;
  assert_int_equal(file_read(path, &bytes, &count), OK);
  assert_non_null(strstr(bytes + 8, "\"modules\":\"Sequential(Flatten(), Linear(6, 5), "
                                    "LeakyReLU(0.1), Dropout(0.5), Linear(5, 4, bias=False), "
                                    "GELU(), Linear(4, 3), Softmax(dim=-1))\""));
  assert_non_null(strstr(bytes + 8, "\"data_scale\":\"255\""));
  memory_release(bytes);
}

static void groups_of_keras_are_counted_by_class(void **state) {
  (void)state;
  static const char *const paths[] = {"/layers/flatten/vars",    "/layers/dense/vars/1",
                                      "/layers/dropout/vars",    "/layers/dense_1/vars/0",
                                      "/layers/activation/vars", "/layers/dense_2/vars/1"};
  char *bytes, *scale;
  size_t count;
  H5File *file;
  const char *path = write_as(format("keras-weights"), network);
  assert_int_equal(file_read(path, &bytes, &count), OK);
  assert_int_equal(h5_open(bytes, count, path, &file), OK);
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) assert_true(h5_has(file, paths[i]));
  assert_false(h5_has(file, "/layers/dense_1/vars/1"));
  assert_int_equal(h5_get_text(file, "/", "data_scale", &scale), OK);
  assert_string_equal(scale, "255");
  memory_release(scale);
  h5_close(file);
  memory_release(bytes);
}

static void every_activation_has_its_words_in_onnx_and_pytorch(void **state) {
  (void)state;
  for (const Kind *const *row = activation_kinds.kinds; *row; row++) {
    const ActivationKind *kind = (const ActivationKind *)*row;
    bool is_identity = strcmp((*row)->name, "linear") == 0;
    bool in_onnx = kind->onnx_operator || kind->onnx, in_torch = kind->torch_module || kind->torch;
    if (in_onnx == is_identity || in_torch == is_identity) fail_msg("%s", (*row)->name);
  }
}

/* ---- files of other programs ---- */

static const char *const fixtures[] = {"keras3.h5",   "keras3.keras",        "keras3.weights.h5",
                                       "tf_keras.h5", "tf_keras_weights.h5", "torch.safetensors",
                                       "torch.npz",   "numpy.npz",           "numpy_names.npz"};

enum { FIXTURE_COUNT = sizeof fixtures / sizeof *fixtures };

static Network *fixture_network(void) {
  return network_create("{input: 3, layers: [dense: 5, dense: 4, dense: 2]}", "mean_squared_error");
}

static void files_of_other_programs_hold_the_same_parameters(void **state) {
  (void)state;
  Network *expected = fixture_network();
  const ParameterMap *map = &expected->model->map;
  for (size_t i = 0; i < FIXTURE_COUNT; i++) {
    char path[128];
    snprintf(path, sizeof path, FIXTURES "%s", fixtures[i]);
    TensorList list = read_good(path);
    if (i == 0) assert_int_equal(tensor_fit(&list, path, map, expected->parameters), OK);
    if (i > 0) assert_same_parameters(path, expected);
    tensor_list_release(&list);
  }
  network_destroy(expected);
}

static void other_programs_files_that_are_cut_are_refused(void **state) {
  (void)state;
  const char *cut = temp_path("cut");
  for (size_t i = 0; i < FIXTURE_COUNT; i++) {
    char path[128], *bytes;
    size_t count;
    snprintf(path, sizeof path, FIXTURES "%s", fixtures[i]);
    assert_int_equal(file_read(path, &bytes, &count), OK);
    for (size_t part = 0; part < 40; part++) {
      TensorList list;
      assert_int_equal(file_write(cut, bytes, count * part / 40), OK);
      assert_int_equal(model_file_read(cut, &list), ERR_DATA);
      assert_int_equal(list.count, 0);
      assert_null(strchr(status_message(), '\n'));
    }
    memory_release(bytes);
  }
}

static void file_of_no_known_format_is_refused(void **state) {
  (void)state;
  TensorList list;
  const char *path = temp_write_text("text", "model: {input: 3}\n");
  assert_refused(model_file_read(path, &list), ERR_DATA,
                 "not a Lockstep checkpoint, nor any other file of: checkpoint, keras-legacy, "
                 "keras-weights, keras, safetensors, npz");
  assert_refused(model_file_read(temp_path("none"), &list), ERR_NO_INPUT, "none: cannot open");
  assert_refused(model_file_read(temp_folder(), &list), ERR_NO_INPUT, "found no checkpoint");
}

static void hdf5_file_without_weights_is_refused(void **state) {
  (void)state;
  char *bytes;
  size_t count;
  TensorList list;
  H5File *file = h5_begin(0);
  h5_add_group(file, "/data");
  h5_finish(file, &bytes, &count);
  const char *path = temp_write("data.h5", bytes, count);
  assert_refused(model_file_read(path, &list), ERR_DATA, "data.h5: found no weights of Keras");
  memory_release(bytes);
}

/* A file with these groups, of which those named `vars` have a variable. */
static const char *write_groups(size_t n_groups, const char *const *groups) {
  char *bytes;
  size_t count;
  H5File *file = h5_begin(0);
  for (size_t i = 0; i < n_groups; i++) {
    h5_add_group(file, groups[i]);
    if (strcmp(strrchr(groups[i], '/'), "/vars") != 0) continue;
    char path[128];
    snprintf(path, sizeof path, "%s/0", groups[i]);
    h5_add_array(file, path, DTYPE_F32, &(Shape){1, {1}}, &(float){(float)i});
  }
  h5_finish(file, &bytes, &count);
  const char *path = temp_write("groups.h5", bytes, count);
  memory_release(bytes);
  return path;
}

static void layers_of_an_older_keras_are_read_in_their_order(void **state) {
  (void)state;
  static const char *const groups[] = {
      "/_layer_checkpoint_dependencies",         "/_layer_checkpoint_dependencies/dense_10",
      "/_layer_checkpoint_dependencies/dense",   "/_layer_checkpoint_dependencies/dense_10/vars",
      "/_layer_checkpoint_dependencies/dense_2", "/_layer_checkpoint_dependencies/dense/vars",
      "/_layer_checkpoint_dependencies/dropout", "/_layer_checkpoint_dependencies/dense_2/vars"};
  static const double expected[] = {5, 7, 3}; /* dense, dense_2, dense_10 */
  TensorList list = read_good(write_groups(8, groups));
  assert_int_equal(list.count, 3);
  assert_int_equal(list.order, ORDER_OF_LAYERS);
  for (size_t i = 0; i < 3; i++) {
    assert_true(array_at(&list.items[i].array, 0) == expected[i]);
  }
  tensor_list_release(&list);
}

static void order_that_a_file_of_keras_does_not_tell_is_refused(void **state) {
  (void)state;
  static const char *const classes[] = {"/layers", "/layers/dense", "/layers/dense/vars",
                                        "/layers/my_dense", "/layers/my_dense/vars"};
  static const char *const models[] = {"/layers", "/layers/sequential",
                                       "/layers/sequential/layers"};
  TensorList list;
  assert_refused(model_file_read(write_groups(5, classes), &list), ERR_DATA,
                 "groups.h5: found weights of the layers 'dense' and 'my_dense', of two classes");
  assert_refused(model_file_read(write_groups(3, models), &list), ERR_DATA,
                 "/layers/sequential: found a model within the model, expected layers");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_format_gives_the_parameters_back),
      cmocka_unit_test(many_layers_of_one_shape_keep_their_order),
      cmocka_unit_test(same_model_gives_the_same_bytes),
      cmocka_unit_test(modules_of_pytorch_are_counted_with_activations_and_dropouts),
      cmocka_unit_test(groups_of_keras_are_counted_by_class),
      cmocka_unit_test(every_activation_has_its_words_in_onnx_and_pytorch),
      cmocka_unit_test(files_of_other_programs_hold_the_same_parameters),
      cmocka_unit_test(other_programs_files_that_are_cut_are_refused),
      cmocka_unit_test(file_of_no_known_format_is_refused),
      cmocka_unit_test(hdf5_file_without_weights_is_refused),
      cmocka_unit_test(layers_of_an_older_keras_are_read_in_their_order),
      cmocka_unit_test(order_that_a_file_of_keras_does_not_tell_is_refused),
  };
  return cmocka_run_group_tests(tests, make_network, drop_network);
}
