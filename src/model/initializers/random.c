/* Random weights from a range or around a mean, whatever the layer's fans.
 *
 * Formula     uniform: w = min + (max - min) u, u in [0, 1);   normal: w = mean + stddev n
 * Source      Keras, initializers RandomUniform and RandomNormal
 */

#include <math.h>

#include "config/options.h"
#include "model/initializer.h"

typedef struct UniformOptions {
  double min, max;
} UniformOptions;

typedef struct NormalOptions {
  double mean, stddev;
} NormalOptions;

/* values become shift + scale value. */
static void transform(const InitializerTarget *target, double scale, double shift) {
  real factor = (real)scale, offset = (real)shift;
  for (size_t i = 0; i < target->count; i++) {
    target->values[i] = offset + factor * target->values[i];
  }
}

static void fill_uniform(const void *options, const InitializerTarget *target) {
  const UniformOptions *uniform = options;
  random_fill_uniform(&target->stream, 0, 0, target->count, target->values);
  transform(target, uniform->max - uniform->min, uniform->min);
}

static void fill_normal(const void *options, const InitializerTarget *target) {
  const NormalOptions *normal = options;
  random_fill_normal(&target->stream, 0, 0, target->count, target->values);
  transform(target, normal->stddev, normal->mean);
}

static const Option uniform_options[] = {
    {.key = "min",
     .type = OPTION_REAL,
     .offset = offsetof(UniformOptions, min),
     .fallback = "-0.05",
     .help = "lower bound"},
    {.key = "max",
     .type = OPTION_REAL,
     .offset = offsetof(UniformOptions, max),
     .fallback = "0.05",
     .help = "upper bound"},
    {.key = NULL},
};

static const Option normal_options[] = {
    {.key = "mean",
     .type = OPTION_REAL,
     .offset = offsetof(NormalOptions, mean),
     .fallback = "0",
     .help = "mean"},
    {.key = "stddev",
     .type = OPTION_REAL,
     .offset = offsetof(NormalOptions, stddev),
     .fallback = "0.05",
     .min = 0,
     .max = INFINITY,
     .help = "standard deviation"},
    {.key = NULL},
};

static const char *const uniform_aliases[] = {"random_uniform", NULL};
static const char *const normal_aliases[] = {"random_normal", NULL};

const InitializerKind uniform_initializer = {
    .kind = {.name = "uniform",
             .aliases = uniform_aliases,
             .summary = "uniform between two bounds",
             .options = uniform_options,
             .options_size = sizeof(UniformOptions)},
    .fill = fill_uniform,
};

const InitializerKind normal_initializer = {
    .kind = {.name = "normal",
             .aliases = normal_aliases,
             .summary = "normal around a mean",
             .options = normal_options,
             .options_size = sizeof(NormalOptions)},
    .fill = fill_normal,
};
