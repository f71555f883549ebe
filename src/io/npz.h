#pragma once
/* NumPy's .npz: a zip archive of .npy files, each an array named as its file is.
 *
 * Source      numpy/lib/_npyio_impl.py, savez and NpzFile
 */

#include "base/status.h"
#include "io/tensor_list.h"

/* Reads all arrays, in the order of the archive.
 *
 * Range       stored or deflated; `source` names the file in messages
 * Ownership   *out is released with tensor_list_release
 * Errors      ERR_DATA; *out is then empty
 */
Status npz_read(const char *bytes, size_t count, const char *source, TensorList *out);

/* Writes all arrays. The same arrays give the same bytes.
 *
 * Ownership   *bytes belongs to the caller: memory_release
 */
void npz_write(const TensorList *tensors, char **bytes, size_t *count);
