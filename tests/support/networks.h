#pragma once
/* What the tests of model/ share: networks from YAML, rows from arrays, numbers, comparisons.
 *
 * Nothing here returns a failure: what goes wrong ends the test or the program.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/kind.h"
#include "model/gradient.h"
#include "model/model.h"

/* A model with its settings and a vector of parameters. */
typedef struct Network {
  ModelSettings settings;
  KindSetting loss;
  KindList metrics; /* empty: the loss's default */
  Model *model;
  real *parameters; /* as model_initialize makes them with seed 1 */
} Network;

/* Builds a network from the `model` group of a configuration and a loss, both YAML text.
 *
 * Ownership   *out is released with network_destroy
 * Errors      those of model_create; *out is then NULL
 */
Status network_try(const char *model_yaml, const char *loss_yaml, Network **out);

/* The same where failure is no option. */
Network *network_create(const char *model_yaml, const char *loss_yaml);

/* Releases a network; NULL is fine. */
void network_destroy(Network *network);

/* A tensor of the network's parameters, "dense_1" and "kernel". */
real *network_tensor(const Network *network, const char *layer, const char *name);

/* A setting from YAML text such as "dense: {units: 3}"; ends the program if that is refused. */
KindSetting setting_create(const KindTable *table, const char *yaml);

/* Samples that lie in arrays, by position from 0. */
typedef struct ArrayRows {
  size_t input_width, target_width;
  const real *x;       /* (N, input_width) */
  const real *targets; /* (N, target_width) */
} ArrayRows;

/* A source that reads from `rows`, which must outlive it. */
RowSource array_source(const ArrayRows *rows);

/* Samples with numbers in [-1, 1) and the index of one of `n_classes` classes.
 *
 * Ownership   class_samples_release
 */
ArrayRows class_samples_create(size_t count, size_t input_width, size_t n_classes);
void class_samples_release(ArrayRows *samples);

/* The batch of `n_rows` samples from position `first` on, which must outlive it. */
Batch network_batch(const Network *network, const ArrayRows *samples, uint64_t first, size_t n_rows,
                    size_t n_shards);

/* Fills with uniform numbers in [low, high), a function of the seed. */
void fill_numbers(uint64_t seed, real low, real high, size_t count, real *out);

/* Fails, naming `what` and the place, unless every number is near what is expected.
 *
 * Formula     |found - expected| <= tolerance max(|expected|, 0.1)
 */
void assert_near(const char *what, size_t count, const real *found, const real *expected,
                 double tolerance);

/* Fails, naming `what`, unless the arrays are equal by bits. */
void assert_same_bits(const char *what, size_t count, const real *found, const real *expected);

/* Fails unless the call failed with this code and a message that contains `words`. */
void assert_refused(Status found, Status expected, const char *words);
