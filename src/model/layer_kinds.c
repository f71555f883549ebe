#include "model/layer.h"

extern const LayerKind dense_layer, activation_layer, dropout_layer, flatten_layer;

/* clang-format off */
static const Kind *const kinds[] = {
    &dense_layer.kind,
    &activation_layer.kind,
    &dropout_layer.kind,
    &flatten_layer.kind,
    NULL,
};
/* clang-format on */

const KindTable layer_kinds = {"layer", kinds};
