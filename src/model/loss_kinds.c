#include "model/loss.h"

extern const LossKind mean_squared_error_loss, root_mean_squared_error_loss;
extern const LossKind mean_absolute_error_loss, huber_loss, binary_cross_entropy_loss;
extern const LossKind categorical_cross_entropy_loss, hinge_loss, categorical_hinge_loss;
extern const LossKind kl_divergence_loss;

/* clang-format off */
static const Kind *const kinds[] = {
    &mean_squared_error_loss.kind,
    &root_mean_squared_error_loss.kind,
    &mean_absolute_error_loss.kind,
    &huber_loss.kind,
    &binary_cross_entropy_loss.kind,
    &categorical_cross_entropy_loss.kind,
    &hinge_loss.kind,
    &categorical_hinge_loss.kind,
    &kl_divergence_loss.kind,
    NULL,
};
/* clang-format on */

const KindTable loss_kinds = {"loss", kinds};
