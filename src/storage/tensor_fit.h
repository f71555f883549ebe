#pragma once
/* A model's parameters out of the tensors of a file.
 *
 * By name: LAYER/TENSOR or LAYER.TENSOR, as the model calls them, if the file has all of these.
 * Else by order: from the input to the output, of each layer the kernel before the bias. A list
 * that is known to stand in the order of the layers is taken so, since other programs number names
 * as they like; in one that is sorted by name, numbers within the names tell the order.
 * A tensor whose name ends in `weight` is (outputs, inputs), as PyTorch has it; every other is
 * (inputs, outputs).
 *
 * Ranks       local
 */

#include "base/status.h"
#include "io/tensor_list.h"
#include "math/parameters.h"

/* Fills a flat vector.
 *
 * Range       `source` names the file in messages
 * Errors      ERR_DATA for another number of tensors, another shape, numbers that are not finite,
 *             or an order that cannot be told; the vector is then undefined
 */
Status tensor_fit(const TensorList *tensors, const char *source, const ParameterMap *map,
                  real *parameters);
