#pragma once
/* The half of a checkpoint that makes it a Keras model file: model_config and /model_weights.
 *
 * Source      keras/src/legacy/saving/legacy_h5_format.py (Keras 3), tf_keras/src/saving/legacy
 * Ranks       local
 */

#include "io/h5.h"
#include "model/model.h"

/* Writes the root attributes and the weights. Shapes: parameters: the flat vector */
void keras_model_write(H5File *file, const Model *model, const real *parameters);

/* The path of a tensor's dataset: "/model_weights/dense/dense/kernel:0". */
enum { KERAS_PATH_BYTES = 256 };
char *keras_tensor_path(const ParameterTensor *tensor, char out[KERAS_PATH_BYTES]);
