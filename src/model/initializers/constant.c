/* The same value everywhere.
 *
 * Formula     w = value;  zeros: w = 0;  ones: w = 1
 * Source      Keras, initializers Constant, Zeros, Ones
 */

#include "config/options.h"
#include "model/initializer.h"

typedef struct ConstantOptions {
  double value;
} ConstantOptions;

static void fill_with(double value, const InitializerTarget *target) {
  for (size_t i = 0; i < target->count; i++) target->values[i] = (real)value;
}

static void fill_constant(const void *options, const InitializerTarget *target) {
  fill_with(((const ConstantOptions *)options)->value, target);
}

static void fill_zeros(const void *options, const InitializerTarget *target) {
  (void)options;
  fill_with(0, target);
}

static void fill_ones(const void *options, const InitializerTarget *target) {
  (void)options;
  fill_with(1, target);
}

static const Option constant_options[] = {
    {.key = "value",
     .type = OPTION_REAL,
     .offset = offsetof(ConstantOptions, value),
     .fallback = "0",
     .help = "the value of every element"},
    {.key = NULL},
};

const InitializerKind constant_initializer = {
    .kind = {.name = "constant",
             .summary = "one value everywhere",
             .options = constant_options,
             .options_size = sizeof(ConstantOptions),
             .short_option = "value"},
    .fill = fill_constant,
};

const InitializerKind zeros_initializer = {
    .kind = {.name = "zeros", .summary = "0 everywhere"},
    .fill = fill_zeros,
};

const InitializerKind ones_initializer = {
    .kind = {.name = "ones", .summary = "1 everywhere"},
    .fill = fill_ones,
};
