#pragma once
/* Samples as pictures, where their numbers are pixels.
 *
 * Ranks       local
 */

#include <stdbool.h>
#include <stdint.h>

#include "data/samples.h"
#include "model/model.h"

/* Finds how high and wide samples are as pictures.
 *
 * Shapes      *out (H,W,1) or (H,W,3), as the data or else the model's input says, or a square
 *             number of inputs
 * Range       description NULL: there are no data
 * Errors      false if they are no pictures
 */
bool sample_picture_shape(const DatasetDescription *description, const Model *model, Shape *out);

/* Draws samples: the least number of all of them is black, the largest white.
 *
 * Shapes      which (n): indices of samples;   the result (n, inputs of a sample)
 * Ownership   memory_release
 */
uint8_t *sample_picture_pixels(const Samples *samples, const size_t *which, size_t n);
