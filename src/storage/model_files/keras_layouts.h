#pragma once
/* The two layouts in which Keras keeps weights in HDF5: the legacy one, whole models or weights
 * alone, and that of .weights.h5.
 *
 * Source      Keras 3: keras/src/legacy/saving/legacy_h5_format.py, keras/src/saving/saving_lib.py;
 *             tf_keras/src/saving/legacy/hdf5_format.py
 * Ranks       local
 */

#include <stdbool.h>
#include <stddef.h>

#include "io/h5.h"
#include "io/tensor_list.h"

/* True for the bytes of an HDF5 file without a user block, which Keras never writes. */
bool keras_is_hdf5(const char *bytes, size_t count);

/* The group of the legacy layout's layers, with a slash at the end: of a whole model, or of weights
 * alone; NULL if the file has another layout. */
const char *keras_legacy_group(const H5File *file);

/* The tensors of a file with the legacy layout, in the order of the layers, named LAYER/TENSOR.
 *
 * Ownership   *out is released with tensor_list_release
 * Errors      ERR_DATA; *out is then empty
 */
Status keras_legacy_read(const H5File *file, const char *source, TensorList *out);
