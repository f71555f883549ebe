#pragma once
/* What a step of a run costs, and what of it is matrix products.
 *
 * Steps, the products alone at the same shapes by the same engine, and the sum over ranks alone are
 * timed in turn, so that the noise of the machine hits all of them.
 *
 * Ranks       collective; the times are this rank's
 */

#include "base/spread.h"
#include "training/run.h"

enum { HOST_TEXT_BYTES = 64 };

typedef struct StepTimes {
  Spread step;                /* s */
  Spread phases[STEP_PHASES]; /* s: what the step is made of */
  Spread waiting;             /* s: for the other ranks of this host, a part of two phases */
  Spread products;            /* s: matrix products of this rank's shards alone */
  Spread summing;             /* s: the sum over ranks alone, a part of the update; 0 if pooled */
  Spread ratio;               /* step / products, pair by pair */
} StepTimes;

/* Measures `rounds` rounds of `steps` steps each; the run's parameters change.
 *
 * Errors      ERR_DIVERGED
 */
Status step_benchmark(Run *run, size_t rounds, size_t steps, StepTimes *out);

/* The rank that takes longest to compute its gradients, waiting for nobody. */
typedef struct SlowestRank {
  int rank;
  char host[HOST_TEXT_BYTES];
  double seconds;      /* a step: gather, forward, backward */
  double mean_seconds; /* of all ranks */
} SlowestRank;

/* Finds it by the times of all ranks. */
SlowestRank step_benchmark_slowest(const Run *run, const StepTimes *times);

/* One kind of product of one layer, for the rows of a wave of this rank. */
typedef struct ProductTimes {
  const char *layer, *product; /* "dense", "forward" */
  size_t n, d, m;
  Spread seconds;
  double gflops; /* at the median */
} ProductTimes;

/* Measures every product of the run's layers; returns their number.
 *
 * Shapes      out (3 * layers)
 */
size_t product_benchmark(const Run *run, size_t rounds, ProductTimes *out);
