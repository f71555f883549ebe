#pragma once
/* The split of one data set into samples for training and samples for validation.
 *
 * A pure function of (number of samples, fraction, seed), and of the targets where it is
 * stratified. Both parts list their rows in the order of the data set, so that a run that does not
 * shuffle sees them as the file has them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "data/dataset.h"

/* `validation: {split: 0.2, stratified: false}`: the settings of split_kind. */
typedef struct SplitOptions {
  double split; /* the fraction */
  bool stratified;
} SplitOptions;

extern const Kind split_kind;

/* The data formats, and split_kind. */
extern const KindTable validation_kinds;

typedef struct SampleList {
  size_t count;
  uint32_t *rows; /* indices into the data set, ascending; owned */
} SampleList;

typedef struct Split {
  SampleList training;
  SampleList validation;
} Split;

/* Takes for validation those samples that come last in a random permutation of all.
 *
 * Formula     n_validation = floor(fraction n_samples), the fraction as the decimal it was written
 * Range       1 <= n_samples < 2^32; 0 <= fraction <= 1
 * Ownership   *out is released with split_release
 * Errors      ERR_CONFIG if a part would be empty; *out is then empty
 */
Status split_last(size_t n_samples, double fraction, uint64_t seed, Split *out);

/* As split_last, for each class by itself: of the samples with equal targets, those that come last.
 *
 * Formula     n_validation = sum over classes of floor(fraction n_class)
 * Errors      also ERR_CONFIG unless there is exactly one target per sample
 */
Status split_stratified(const Dataset *dataset, double fraction, uint64_t seed, Split *out);

/* Releases both parts and empties them. */
void split_release(Split *split);
