#include "io/onnx.h"

#include <onnx.pb-c.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* Old enough for every reader in use, new enough for every operator that is. */
enum { IR_VERSION = 8, OPERATOR_SET = 17 };

static const char INPUT[] = "input", OUTPUT[] = "output", SAMPLES[] = "N";

struct OnnxGraph {
  Onnx__ModelProto *model; /* owns all that hangs below it */
  Onnx__GraphProto *graph;
  char *part; /* that nodes are added to */
};

/* Everything below the model is allocated as the rest of the program does. */
static void *allocate(void *context, size_t bytes) {
  (void)context;
  return memory_allocate(bytes);
}

static void release(void *context, void *block) {
  (void)context;
  memory_release(block);
}

static ProtobufCAllocator allocator = {allocate, release, NULL};

static void *new_message(const ProtobufCMessageDescriptor *descriptor) {
  void *message = memory_allocate(descriptor->sizeof_message);
  protobuf_c_message_init(descriptor, message);
  return message;
}

#define APPEND(list, count, item)                                                                  \
  do {                                                                                             \
    size_t old_bytes_ = (count) * sizeof *(list);                                                  \
    (list) = memory_grow((list), old_bytes_, old_bytes_ + sizeof *(list));                         \
    (list)[(count)++] = (item);                                                                    \
  } while (0)

/* A value of float32: any number of samples of a shape. */
static Onnx__ValueInfoProto *describe_value(const char *name, const Shape *sample) {
  Onnx__TensorShapeProto *shape = new_message(&onnx__tensor_shape_proto__descriptor);
  for (size_t i = 0; i <= sample->n_dims; i++) {
    Onnx__TensorShapeProto__Dimension *dimension =
        new_message(&onnx__tensor_shape_proto__dimension__descriptor);
    if (i == 0) {
      dimension->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
      dimension->dim_param = memory_copy_text(SAMPLES);
    } else {
      dimension->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
      dimension->dim_value = (int64_t)sample->dims[i - 1];
    }
    APPEND(shape->dim, shape->n_dim, dimension);
  }
  Onnx__ValueInfoProto *value = new_message(&onnx__value_info_proto__descriptor);
  value->name = memory_copy_text(name);
  value->type = new_message(&onnx__type_proto__descriptor);
  value->type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
  value->type->tensor_type = new_message(&onnx__type_proto__tensor__descriptor);
  value->type->tensor_type->has_elem_type = true;
  value->type->tensor_type->elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
  value->type->tensor_type->shape = shape;
  return value;
}

OnnxGraph *onnx_begin(const char *name, const Shape *input) {
  OnnxGraph *graph = NEW(OnnxGraph);
  Onnx__OperatorSetIdProto *operators = new_message(&onnx__operator_set_id_proto__descriptor);
  operators->has_version = true;
  operators->version = OPERATOR_SET;

  graph->model = new_message(&onnx__model_proto__descriptor);
  graph->model->has_ir_version = true;
  graph->model->ir_version = IR_VERSION;
  graph->model->producer_name = memory_copy_text("lockstep");
  graph->model->producer_version = memory_copy_text(LOCKSTEP_VERSION);
  APPEND(graph->model->opset_import, graph->model->n_opset_import, operators);

  graph->graph = graph->model->graph = new_message(&onnx__graph_proto__descriptor);
  graph->graph->name = memory_copy_text(name);
  APPEND(graph->graph->input, graph->graph->n_input, describe_value(INPUT, input));
  return graph;
}

OnnxValue onnx_input(const OnnxGraph *graph) {
  return graph->graph->input[0]->name;
}

void onnx_begin_part(OnnxGraph *graph, const char *name) {
  memory_release(graph->part);
  graph->part = memory_copy_text(name);
}

/* A name of this part that nothing else in the graph has. */
static char *new_name(const OnnxGraph *graph, const char *what, size_t number) {
  Text name = {0};
  text_append(&name, "%s/%s_%zu", graph->part ? graph->part : "", what, number);
  return text_take(&name);
}

OnnxValue onnx_add_tensor(OnnxGraph *graph, const char *name, const Shape *shape,
                          const float *values) {
  Onnx__TensorProto *tensor = new_message(&onnx__tensor_proto__descriptor);
  tensor->name = memory_copy_text(name);
  tensor->has_data_type = true;
  tensor->data_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
  for (size_t i = 0; i < shape->n_dims; i++) {
    APPEND(tensor->dims, tensor->n_dims, (int64_t)shape->dims[i]);
  }
  tensor->n_float_data = shape_count(shape);
  tensor->float_data = NEW_ARRAY(float, tensor->n_float_data);
  memcpy(tensor->float_data, values, tensor->n_float_data * sizeof(float));
  APPEND(graph->graph->initializer, graph->graph->n_initializer, tensor);
  return tensor->name;
}

OnnxValue onnx_add_number(OnnxGraph *graph, double value) {
  char *name = new_name(graph, "number", graph->graph->n_initializer);
  OnnxValue number = onnx_add_tensor(graph, name, &(Shape){0}, &(float){(float)value});
  memory_release(name);
  return number;
}

OnnxValue onnx_add_ternary(OnnxGraph *graph, const char *operator, OnnxValue a, OnnxValue b,
                           OnnxValue c) {
  Onnx__NodeProto *node = new_message(&onnx__node_proto__descriptor);
  const OnnxValue inputs[] = {a, b, c};
  for (size_t i = 0; i < sizeof inputs / sizeof *inputs && inputs[i]; i++) {
    APPEND(node->input, node->n_input, memory_copy_text(inputs[i]));
  }
  node->op_type = memory_copy_text(operator);
  node->name = new_name(graph, operator, graph->graph->n_node);
  APPEND(node->output, node->n_output, memory_copy_text(node->name));
  APPEND(graph->graph->node, graph->graph->n_node, node);
  return node->output[0];
}

OnnxValue onnx_add_unary(OnnxGraph *graph, const char *operator, OnnxValue x) {
  return onnx_add_ternary(graph, operator, x, NULL, NULL);
}

OnnxValue onnx_add_binary(OnnxGraph *graph, const char *operator, OnnxValue a, OnnxValue b) {
  return onnx_add_ternary(graph, operator, a, b, NULL);
}

static Onnx__AttributeProto *add_attribute(OnnxGraph *graph, const char *name,
                                           Onnx__AttributeProto__AttributeType type) {
  Onnx__NodeProto *node = graph->graph->node[graph->graph->n_node - 1];
  Onnx__AttributeProto *attribute = new_message(&onnx__attribute_proto__descriptor);
  attribute->name = memory_copy_text(name);
  attribute->has_type = true;
  attribute->type = type;
  APPEND(node->attribute, node->n_attribute, attribute);
  return attribute;
}

void onnx_set_real(OnnxGraph *graph, const char *name, double value) {
  Onnx__AttributeProto *attribute =
      add_attribute(graph, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT);
  attribute->has_f = true;
  attribute->f = (float)value;
}

void onnx_set_whole(OnnxGraph *graph, const char *name, int64_t value) {
  Onnx__AttributeProto *attribute =
      add_attribute(graph, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);
  attribute->has_i = true;
  attribute->i = value;
}

void onnx_set_property(OnnxGraph *graph, const char *name, const char *text) {
  Onnx__StringStringEntryProto *property =
      new_message(&onnx__string_string_entry_proto__descriptor);
  property->key = memory_copy_text(name);
  property->value = memory_copy_text(text);
  APPEND(graph->model->metadata_props, graph->model->n_metadata_props, property);
}

void onnx_finish(OnnxGraph *graph, OnnxValue value, const Shape *output, char **bytes,
                 size_t *count) {
  /* The node that gives the value gives it under the output's name; an input needs one that does.
   */
  if (value == onnx_input(graph)) value = onnx_add_unary(graph, "Identity", value);
  for (size_t i = 0; i < graph->graph->n_node; i++) {
    char **name = &graph->graph->node[i]->output[0];
    if (*name != value) continue;
    memory_release(*name);
    *name = memory_copy_text(OUTPUT);
    break;
  }
  APPEND(graph->graph->output, graph->graph->n_output, describe_value(OUTPUT, output));

  *count = onnx__model_proto__get_packed_size(graph->model);
  *bytes = memory_allocate(*count);
  onnx__model_proto__pack(graph->model, (uint8_t *)*bytes);
  onnx__model_proto__free_unpacked(graph->model, &allocator);
  memory_release(graph->part);
  memory_release(graph);
}
