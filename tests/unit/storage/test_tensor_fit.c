/* storage/tensor_fit: tensors find their place by name or by order, weights are turned into
 * kernels, and what does not fit or cannot be told is refused. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "storage/tensor_fit.h"
#include "support/networks.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

/* Two layers of the same shape, then another. */
static Network *network;

static int make_network(void **state) {
  (void)state;
  network = network_create("{input: 3, layers: [dense: {units: 3, name: first}, dense: {units: 3, "
                           "name: second}, dense: {units: 2, name: last}]}",
                           "mean_squared_error");
  return 0;
}

static int drop_network(void **state) {
  (void)state;
  network_destroy(network);
  return 0;
}

/* Appends a tensor of the model under another name; `transposed` as PyTorch has it. */
static void add(TensorList *list, const char *name, size_t tensor, bool transposed) {
  const ParameterTensor *from = &network->model->map.tensors[tensor];
  Array array = parameters_array(from, network->parameters);
  if (transposed) {
    Shape shape = {2, {from->shape.dims[1], from->shape.dims[0]}};
    Array turned = array_create(DTYPE_F32, shape);
    for (size_t i = 0; i < from->count; i++) {
      size_t row = i / shape.dims[0], column = i % shape.dims[0];
      ((float *)turned.values)[column * shape.dims[1] + row] = ((float *)array.values)[i];
    }
    array_release(&array);
    array = turned;
  }
  tensor_list_add(list, name, array);
}

/* A list of all tensors under these names, in this order of the model's tensors. */
static TensorList list_of(const char *const names[6], const size_t tensors[6]) {
  TensorList list = {0};
  for (size_t i = 0; i < 6; i++) {
    add(&list, names[i], tensors[i], strstr(names[i], "weight") != NULL);
  }
  return list;
}

static Status fit(TensorList *list, TensorOrder order, real *parameters) {
  list->order = order;
  return tensor_fit(list, "test", &network->model->map, parameters);
}

/* Fails unless the list gives the network's parameters. Releases the list. */
static void assert_fits(TensorList list, TensorOrder order) {
  size_t length = network->model->map.length;
  real *found = NEW_ARRAY(real, length);
  if (fit(&list, order, found) != OK) fail_msg("%s", status_message());
  assert_same_bits("parameters", length, found, network->parameters);
  memory_release(found);
  tensor_list_release(&list);
}

static void assert_unfit(TensorList list, TensorOrder order, const char *words) {
  real *found = NEW_ARRAY(real, network->model->map.length);
  assert_refused(fit(&list, order, found), ERR_DATA, words);
  memory_release(found);
  tensor_list_release(&list);
}

static const size_t in_order[] = {0, 1, 2, 3, 4, 5};

static void names_of_the_model_are_found_in_any_order(void **state) {
  (void)state;
  static const char *const slashes[] = {"last/bias",   "second/kernel", "first/bias",
                                        "last/kernel", "second/bias",   "first/kernel"};
  static const char *const dots[] = {"last.bias",   "second.kernel", "first.bias",
                                     "last.kernel", "second.bias",   "first.kernel"};
  static const size_t tensors[] = {5, 2, 1, 4, 3, 0};
  assert_fits(list_of(slashes, tensors), ORDER_OF_SAVING);
  assert_fits(list_of(slashes, tensors), ORDER_UNUSED);
  assert_fits(list_of(dots, tensors), ORDER_OF_NAMES);
}

static void other_names_are_taken_in_the_order_of_the_layers(void **state) {
  (void)state;
  static const char *const names[] = {"z", "y", "x", "w", "v", "u"};
  assert_fits(list_of(names, in_order), ORDER_OF_LAYERS);
  assert_fits(list_of(names, in_order), ORDER_OF_SAVING);
}

static void order_of_the_layers_counts_more_than_names(void **state) {
  (void)state;
  static const char *const names[] = {"second/kernel", "second/bias", "first/kernel",
                                      "first/bias",    "last/kernel", "last/bias"};
  assert_fits(list_of(names, in_order), ORDER_OF_LAYERS);
}

static void weights_are_turned_into_kernels(void **state) {
  (void)state;
  static const char *const names[] = {"z.weight", "z.bias", "y.weight",
                                      "y.bias",   "weight", "x.bias"};
  assert_fits(list_of(names, in_order), ORDER_OF_LAYERS);
}

static void numbers_tell_the_order_where_names_are_sorted(void **state) {
  (void)state;
  static const char *const sorted[] = {"net.0.bias",    "net.0.weight", "net.10.bias",
                                       "net.10.weight", "net.2.bias",   "net.2.weight"};
  static const size_t tensors[] = {1, 0, 5, 4, 3, 2};
  assert_fits(list_of(sorted, tensors), ORDER_OF_NAMES);
}

static void layers_of_one_shape_without_numbers_cannot_be_told_apart(void **state) {
  (void)state;
  static const char *const names[] = {"a.weight", "a.bias",   "b.weight",
                                      "b.bias",   "c.weight", "c.bias"};
  assert_unfit(list_of(names, in_order), ORDER_OF_NAMES,
               "test: found 'a.weight' and 'b.weight' of the same shape");
}

static void names_alone_count_where_they_are_the_programs_own(void **state) {
  (void)state;
  static const char *const names[] = {"first/kernel", "first/bias",   "second/kernel",
                                      "second/bias",  "third/kernel", "third/bias"};
  assert_unfit(list_of(names, in_order), ORDER_UNUSED,
               "test: another model: it has no tensor kernel of a layer last");
}

static void another_number_of_tensors_is_refused(void **state) {
  (void)state;
  TensorList list = {0};
  assert_unfit(list, ORDER_OF_LAYERS, "test: another model: found 0 tensors, expected 6");
}

static void another_shape_is_refused_with_both(void **state) {
  (void)state;
  static const char *const names[] = {"0.weight", "0.bias",   "1.weight",
                                      "1.bias",   "2.weight", "2.bias"};
  static const size_t kernel_last[] = {0, 1, 4, 3, 2, 5};
  assert_unfit(list_of(names, kernel_last), ORDER_OF_LAYERS,
               "test: 1.weight: another model: found the shape 2x3, expected 3x3 for kernel of "
               "layer second");
}

static void numbers_that_are_not_finite_are_refused(void **state) {
  (void)state;
  static const char *const names[] = {"a", "b", "c", "d", "e", "f"};
  TensorList list = list_of(names, in_order);
  ((float *)list.items[3].array.values)[2] = NAN;
  assert_unfit(list, ORDER_OF_LAYERS, "test: d: found nan at index 2, expected finite numbers");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_of_the_model_are_found_in_any_order),
      cmocka_unit_test(other_names_are_taken_in_the_order_of_the_layers),
      cmocka_unit_test(order_of_the_layers_counts_more_than_names),
      cmocka_unit_test(weights_are_turned_into_kernels),
      cmocka_unit_test(numbers_tell_the_order_where_names_are_sorted),
      cmocka_unit_test(layers_of_one_shape_without_numbers_cannot_be_told_apart),
      cmocka_unit_test(names_alone_count_where_they_are_the_programs_own),
      cmocka_unit_test(another_number_of_tensors_is_refused),
      cmocka_unit_test(another_shape_is_refused_with_both),
      cmocka_unit_test(numbers_that_are_not_finite_are_refused),
  };
  return cmocka_run_group_tests(tests, make_network, drop_network);
}
