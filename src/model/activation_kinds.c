#include "model/activation.h"

extern const ActivationKind linear_activation, relu_activation, leaky_relu_activation;
extern const ActivationKind elu_activation, selu_activation, gelu_activation, silu_activation;
extern const ActivationKind sigmoid_activation, tanh_activation, softplus_activation;
extern const ActivationKind softmax_activation;

/* clang-format off */
static const Kind *const kinds[] = {
    &linear_activation.kind,
    &relu_activation.kind,
    &leaky_relu_activation.kind,
    &elu_activation.kind,
    &selu_activation.kind,
    &gelu_activation.kind,
    &silu_activation.kind,
    &sigmoid_activation.kind,
    &tanh_activation.kind,
    &softplus_activation.kind,
    &softmax_activation.kind,
    NULL,
};
/* clang-format on */

const KindTable activation_kinds = {"activation", kinds};
