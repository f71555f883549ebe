/* The identity.
 *
 * Formula     y = x,   dx = dy
 * Source      Keras, Identity
 */

#include "model/layers/identity.h"

#include <string.h>

void layer_copy_forward(const Layer *layer, const LayerPass *pass) {
  memcpy(pass->y, pass->x, pass->n_rows * layer->output_width * sizeof(real));
}

void layer_copy_gradient(const Layer *layer, const LayerPass *pass) {
  if (pass->dx) memcpy(pass->dx, pass->dy, pass->n_rows * layer->output_width * sizeof(real));
}
