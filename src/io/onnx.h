#pragma once
/* ONNX models, written: the only door to the protocol buffers of ONNX.
 *
 * A graph is built along its values: a value is known by its name, which the graph owns, and every
 * node gives a new one. Nothing is read. Building cannot fail but for memory, which is fatal. Order
 * of calls: onnx_begin, any of the others, onnx_finish. The same calls give the same bytes.
 *
 * Source      onnx.proto of ONNX; the operators of opset 17, https://onnx.ai/onnx/operators
 */

#include <stddef.h>
#include <stdint.h>

#include "base/array.h"

typedef struct OnnxGraph OnnxGraph;

/* A value that flows through the graph; borrowed, it lives as long as the graph. */
typedef const char *OnnxValue;

/* Begins a graph with one input of float32.
 *
 * Shapes      input: of one sample; the graph's first dimension is N
 * Ownership   ended by onnx_finish
 */
OnnxGraph *onnx_begin(const char *name, const Shape *input);

/* The graph's input. */
OnnxValue onnx_input(const OnnxGraph *graph);

/* Nodes that are added from here on belong to this part, and are named so: "dense/Gemm_0". */
void onnx_begin_part(OnnxGraph *graph, const char *name);

/* Adds constant numbers: named parameters, or one number. Copies the values. */
OnnxValue onnx_add_tensor(OnnxGraph *graph, const char *name, const Shape *shape,
                          const float *values);
OnnxValue onnx_add_number(OnnxGraph *graph, double value);

/* Adds a node of an operator and returns its output. Range: the last input of three may be NULL,
 * where the operator does without. */
OnnxValue onnx_add_unary(OnnxGraph *graph, const char *operator, OnnxValue x);
OnnxValue onnx_add_binary(OnnxGraph *graph, const char *operator, OnnxValue a, OnnxValue b);
OnnxValue onnx_add_ternary(OnnxGraph *graph, const char *operator, OnnxValue a, OnnxValue b,
                           OnnxValue c);

/* Sets an attribute of the latest node. */
void onnx_set_real(OnnxGraph *graph, const char *name, double value);
void onnx_set_whole(OnnxGraph *graph, const char *name, int64_t value);

/* Sets a property of the model: texts for people and programs, without a meaning to ONNX. */
void onnx_set_property(OnnxGraph *graph, const char *name, const char *text);

/* Ends the graph with `value` as its output: the model's bytes. No node may take `value`.
 *
 * Shapes      output: of one sample
 * Ownership   *bytes belongs to the caller: memory_release; `graph` is released
 */
void onnx_finish(OnnxGraph *graph, OnnxValue value, const Shape *output, char **bytes,
                 size_t *count);
