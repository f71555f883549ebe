#include "optim/optimizer.h"

extern const OptimizerKind sgd_optimizer, rmsprop_optimizer, adagrad_optimizer, adam_optimizer,
    adamw_optimizer;

/* clang-format off */
static const Kind *const kinds[] = {
    &sgd_optimizer.kind,
    &rmsprop_optimizer.kind,
    &adagrad_optimizer.kind,
    &adam_optimizer.kind,
    &adamw_optimizer.kind,
    NULL,
};
/* clang-format on */

const KindTable optimizer_kinds = {"optimizer", kinds};
