/* Weights whose variance follows from the fans of the layer.
 *
 * Formula     variance = scale / fan;   glorot: scale 1, fan (in + out) / 2
 *                                       he:     scale 2, fan in
 *                                       lecun:  scale 1, fan in
 *             uniform: w in [-sqrt(3 variance), sqrt(3 variance))
 *             normal:  w = sqrt(variance) / 0.87962566 n, n standard normal within two deviations
 * Source      Glorot and Bengio 2010; He et al. 2015; LeCun et al. 1998; Keras, VarianceScaling
 */

#include <math.h>

#include "model/initializer.h"

/* Standard deviation of a standard normal that is cut at two standard deviations. */
static const double TRUNCATED_DEVIATION = 0.87962566103423978;

static double glorot_fan(const InitializerTarget *target) {
  return ((double)target->fan_in + (double)target->fan_out) / 2;
}

static void fill_scaled_uniform(double variance, const InitializerTarget *target) {
  real limit = (real)sqrt(3 * variance);
  random_fill_uniform(&target->stream, 0, 0, target->count, target->values);
  for (size_t i = 0; i < target->count; i++) {
    target->values[i] = (2 * target->values[i] - 1) * limit;
  }
}

static void fill_scaled_normal(double variance, const InitializerTarget *target) {
  real deviation = (real)(sqrt(variance) / TRUNCATED_DEVIATION);
  random_fill_truncated_normal(&target->stream, target->count, target->values);
  for (size_t i = 0; i < target->count; i++) target->values[i] *= deviation;
}

static void fill_glorot_uniform(const void *options, const InitializerTarget *target) {
  (void)options;
  fill_scaled_uniform(1 / glorot_fan(target), target);
}

static void fill_glorot_normal(const void *options, const InitializerTarget *target) {
  (void)options;
  fill_scaled_normal(1 / glorot_fan(target), target);
}

static void fill_he_uniform(const void *options, const InitializerTarget *target) {
  (void)options;
  fill_scaled_uniform(2 / (double)target->fan_in, target);
}

static void fill_he_normal(const void *options, const InitializerTarget *target) {
  (void)options;
  fill_scaled_normal(2 / (double)target->fan_in, target);
}

static void fill_lecun_uniform(const void *options, const InitializerTarget *target) {
  (void)options;
  fill_scaled_uniform(1 / (double)target->fan_in, target);
}

static void fill_lecun_normal(const void *options, const InitializerTarget *target) {
  (void)options;
  fill_scaled_normal(1 / (double)target->fan_in, target);
}

const InitializerKind glorot_uniform_initializer = {
    .kind = {.name = "glorot_uniform", .summary = "uniform, variance 2 / (fan in + fan out)"},
    .fill = fill_glorot_uniform,
};

const InitializerKind glorot_normal_initializer = {
    .kind = {.name = "glorot_normal", .summary = "normal, variance 2 / (fan in + fan out)"},
    .fill = fill_glorot_normal,
};

const InitializerKind he_uniform_initializer = {
    .kind = {.name = "he_uniform", .summary = "uniform, variance 2 / fan in"},
    .fill = fill_he_uniform,
};

const InitializerKind he_normal_initializer = {
    .kind = {.name = "he_normal", .summary = "normal, variance 2 / fan in"},
    .fill = fill_he_normal,
};

const InitializerKind lecun_uniform_initializer = {
    .kind = {.name = "lecun_uniform", .summary = "uniform, variance 1 / fan in"},
    .fill = fill_lecun_uniform,
};

const InitializerKind lecun_normal_initializer = {
    .kind = {.name = "lecun_normal", .summary = "normal, variance 1 / fan in"},
    .fill = fill_lecun_normal,
};
