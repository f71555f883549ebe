/* io/onnx: the bytes are a model of ONNX with what was put in. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <onnx.pb-c.h>

#include "base/memory.h"
#include "io/onnx.h"

#include <cmocka.h>

/* Ends the graph and reads its bytes. */
static Onnx__ModelProto *finish(OnnxGraph *graph, OnnxValue value, const Shape *output) {
  char *bytes;
  size_t count;
  onnx_finish(graph, value, output, &bytes, &count);
  Onnx__ModelProto *model = onnx__model_proto__unpack(NULL, count, (const uint8_t *)bytes);
  assert_non_null(model);
  memory_release(bytes);
  return model;
}

static void assert_shape(const Onnx__ValueInfoProto *value, size_t n, const int64_t *dims) {
  const Onnx__TypeProto__Tensor *tensor = value->type->tensor_type;
  assert_int_equal(tensor->elem_type, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT);
  assert_int_equal(tensor->shape->n_dim, n + 1);
  assert_string_equal(tensor->shape->dim[0]->dim_param, "N");
  for (size_t i = 0; i < n; i++) assert_int_equal(tensor->shape->dim[i + 1]->dim_value, dims[i]);
}

static void model_says_what_it_is(void **state) {
  (void)state;
  OnnxGraph *graph = onnx_begin("net", &(Shape){2, {28, 27}});
  OnnxValue y = onnx_add_unary(graph, "Flatten", onnx_input(graph));
  onnx_set_property(graph, "data_scale", "255");
  Onnx__ModelProto *model = finish(graph, y, &(Shape){1, {756}});
  assert_int_equal(model->ir_version, 8);
  assert_int_equal(model->opset_import[0]->version, 17);
  assert_string_equal(model->producer_name, "lockstep");
  assert_string_equal(model->graph->name, "net");
  assert_string_equal(model->graph->input[0]->name, "input");
  assert_string_equal(model->graph->output[0]->name, "output");
  assert_shape(model->graph->input[0], 2, (int64_t[]){28, 27});
  assert_shape(model->graph->output[0], 1, (int64_t[]){756});
  assert_int_equal(model->n_metadata_props, 1);
  assert_string_equal(model->metadata_props[0]->key, "data_scale");
  assert_string_equal(model->metadata_props[0]->value, "255");
  onnx__model_proto__free_unpacked(model, NULL);
}

static void nodes_are_linked_by_their_values(void **state) {
  (void)state;
  static const float kernel[] = {1, 2, 3, 4, 5, 6};
  OnnxGraph *graph = onnx_begin("net", &(Shape){1, {3}});
  OnnxValue w = onnx_add_tensor(graph, "dense/kernel", &(Shape){2, {3, 2}}, kernel);
  onnx_begin_part(graph, "dense");
  OnnxValue z = onnx_add_ternary(graph, "Gemm", onnx_input(graph), w, NULL);
  OnnxValue y = onnx_add_binary(graph, "Mul", z, onnx_add_number(graph, 0.5));
  OnnxValue last = onnx_add_unary(graph, "Elu", y);
  onnx_set_real(graph, "alpha", 0.25);
  onnx_set_whole(graph, "other", -7);
  Onnx__ModelProto *model = finish(graph, last, &(Shape){1, {2}});

  Onnx__NodeProto **node = model->graph->node;
  assert_int_equal(model->graph->n_node, 3);
  assert_string_equal(node[0]->op_type, "Gemm");
  assert_int_equal(node[0]->n_input, 2);
  assert_string_equal(node[0]->input[0], "input");
  assert_string_equal(node[0]->input[1], "dense/kernel");
  assert_string_equal(node[1]->input[0], node[0]->output[0]);
  assert_string_equal(node[1]->input[1], model->graph->initializer[1]->name);
  assert_string_equal(node[2]->input[0], node[1]->output[0]);
  assert_string_equal(node[2]->output[0], "output");
  assert_true(node[2]->attribute[0]->f == 0.25f);
  assert_int_equal(node[2]->attribute[1]->i, -7);

  Onnx__TensorProto *tensor = model->graph->initializer[0];
  assert_int_equal(tensor->n_dims, 2);
  assert_int_equal(tensor->dims[0] * 10 + tensor->dims[1], 32);
  assert_int_equal(tensor->n_float_data, 6);
  assert_memory_equal(tensor->float_data, kernel, sizeof kernel);
  assert_int_equal(model->graph->initializer[1]->n_dims, 0);
  assert_true(model->graph->initializer[1]->float_data[0] == 0.5f);
  onnx__model_proto__free_unpacked(model, NULL);
}

static void graph_without_nodes_gives_its_input(void **state) {
  (void)state;
  OnnxGraph *graph = onnx_begin("net", &(Shape){1, {3}});
  Onnx__ModelProto *model = finish(graph, onnx_input(graph), &(Shape){1, {3}});
  assert_int_equal(model->graph->n_node, 1);
  assert_string_equal(model->graph->node[0]->op_type, "Identity");
  assert_string_equal(model->graph->node[0]->input[0], "input");
  assert_string_equal(model->graph->node[0]->output[0], "output");
  onnx__model_proto__free_unpacked(model, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(model_says_what_it_is),
      cmocka_unit_test(nodes_are_linked_by_their_values),
      cmocka_unit_test(graph_without_nodes_gives_its_input),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
