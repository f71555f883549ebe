#pragma once
/* safetensors: a JSON header with names, types, shapes and places, then the numbers.
 *
 * Source      huggingface/safetensors, README, "Format"; safetensors/src/tensor.rs
 */

#include "base/status.h"
#include "io/json.h"
#include "io/tensor_list.h"

/* Reads all tensors. Their order is that of their names, as the format's own writer sorts them.
 *
 * Range       F32 and F64; `source` names the file in messages
 * Ownership   *out is released with tensor_list_release
 * Errors      ERR_DATA; *out is then empty
 */
Status safetensors_read(const char *bytes, size_t count, const char *source, TensorList *out);

/* Writes all tensors, in order.
 *
 * Range       arrays of float32; metadata: an object whose members are texts
 * Ownership   takes `metadata`; *bytes belongs to the caller: memory_release
 */
void safetensors_write(const TensorList *tensors, Json *metadata, char **bytes, size_t *count);
