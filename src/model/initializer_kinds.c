#include "model/initializer.h"

extern const InitializerKind glorot_uniform_initializer, glorot_normal_initializer;
extern const InitializerKind he_uniform_initializer, he_normal_initializer;
extern const InitializerKind lecun_uniform_initializer, lecun_normal_initializer;
extern const InitializerKind uniform_initializer, normal_initializer;
extern const InitializerKind constant_initializer, zeros_initializer, ones_initializer;

/* clang-format off */
static const Kind *const kinds[] = {
    &glorot_uniform_initializer.kind,
    &glorot_normal_initializer.kind,
    &he_uniform_initializer.kind,
    &he_normal_initializer.kind,
    &lecun_uniform_initializer.kind,
    &lecun_normal_initializer.kind,
    &uniform_initializer.kind,
    &normal_initializer.kind,
    &constant_initializer.kind,
    &zeros_initializer.kind,
    &ones_initializer.kind,
    NULL,
};
/* clang-format on */

const KindTable initializer_kinds = {"initializer", kinds};
