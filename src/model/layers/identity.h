#pragma once
/* The identity as a layer: what flatten does, and other layers while they are off. */

#include "model/layer.h"

/* y = x */
void layer_copy_forward(const Layer *layer, const LayerPass *pass);

/* dx = dy, where dx is wanted. */
void layer_copy_gradient(const Layer *layer, const LayerPass *pass);
