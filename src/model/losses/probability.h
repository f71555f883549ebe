#pragma once
/* Probabilities kept away from 0 and 1, where their logarithms and quotients end. */

#include <stdbool.h>

#include "math/real.h"

/* Source      Keras, epsilon of its backend */
static const real PROBABILITY_MARGIN = (real)1e-7;

/* p, but at least PROBABILITY_MARGIN and at most `most`. NaN passes through. */
static inline real probability_clip(real p, real most) {
  real raised = p < PROBABILITY_MARGIN ? PROBABILITY_MARGIN : p;
  return raised > most ? most : raised;
}

/* True where probability_clip changes p, and so passes no gradient on. */
static inline bool probability_is_clipped(real p, real most) {
  return p < PROBABILITY_MARGIN || p > most;
}
