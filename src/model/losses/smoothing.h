#pragma once
/* Label smoothing: the settings of the cross-entropies, and what they do to a target. */

#include "config/options.h"
#include "math/real.h"

typedef struct SmoothingOptions {
  double label_smoothing;
} SmoothingOptions;

extern const Option smoothing_options[];

/* A target with the share `label_smoothing` of it spread evenly over the classes.
 *
 * Formula     s = (1 - smoothing) t + smoothing / n_classes
 */
static inline real smoothed_target(const void *options, real target, size_t n_classes) {
  real smoothing = (real)((const SmoothingOptions *)options)->label_smoothing;
  return (1 - smoothing) * target + smoothing / (real)n_classes;
}
