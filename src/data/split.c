#include "data/split.h"

#include "config/options.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/fatal.h"
#include "base/memory.h"
#include "math/random.h"

/* A class: the samples whose targets equal `target`. */
typedef struct Class {
  double target;
  size_t n_samples;
  size_t n_training; /* the first ones of the class in the permutation */
  size_t n_seen;
} Class;

/* floor(fraction * count), where 0.29 of 100 are 29 although the double 0.29 lies below it. */
static size_t validation_count(double fraction, size_t count) {
  CHECK(fraction >= 0 && fraction <= 1, "a split of %g, from 0 to 1 wanted", fraction);
  return (size_t)floor(fraction * (double)count * (1 + 4 * DBL_EPSILON));
}

static Permutation split_permutation(size_t n_samples, uint64_t seed) {
  CHECK(n_samples <= UINT32_MAX, "%zu samples, at most %u wanted", n_samples, UINT32_MAX);
  RandomStream stream = {.seed = seed, .purpose = RANDOM_SPLIT};
  return permutation_create(&stream, n_samples);
}

/* Lists the rows by their marks; true marks validation. */
static Status list_rows(const bool *marks, size_t n_samples, double fraction, Split *out) {
  *out = (Split){0};
  size_t n_validation = 0;
  for (size_t row = 0; row < n_samples; row++) n_validation += marks[row];
  if (n_validation == 0 || n_validation == n_samples) {
    return fail(ERR_CONFIG, "a split of %g leaves none of %zu samples for %s", fraction, n_samples,
                n_validation == 0 ? "validation" : "training");
  }

  out->training.rows = NEW_ARRAY(uint32_t, n_samples - n_validation);
  out->validation.rows = NEW_ARRAY(uint32_t, n_validation);
  for (size_t row = 0; row < n_samples; row++) {
    SampleList *part = marks[row] ? &out->validation : &out->training;
    part->rows[part->count++] = (uint32_t)row;
  }
  return OK;
}

Status split_last(size_t n_samples, double fraction, uint64_t seed, Split *out) {
  Permutation permutation = split_permutation(n_samples, seed);
  bool *marks = NEW_ARRAY(bool, n_samples);
  size_t n_training = n_samples - validation_count(fraction, n_samples);
  for (size_t position = n_training; position < n_samples; position++) {
    marks[permutation_at(&permutation, position)] = true;
  }
  Status status = list_rows(marks, n_samples, fraction, out);
  memory_release(marks);
  return status;
}

static int compare_targets(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  if (isnan(left) || isnan(right)) return isnan(left) - isnan(right); /* a class of their own */
  return (left > right) - (left < right);
}

/* The classes in ascending order; the caller releases them. */
static Class *collect_classes(const Array *targets, size_t n_samples, double fraction,
                              size_t *n_classes) {
  double *sorted = NEW_ARRAY(double, n_samples);
  for (size_t row = 0; row < n_samples; row++) sorted[row] = array_at(targets, row);
  qsort(sorted, n_samples, sizeof *sorted, compare_targets);

  Class *classes = NEW_ARRAY(Class, n_samples);
  *n_classes = 0;
  for (size_t i = 0; i < n_samples; i++) {
    bool is_new = i == 0 || compare_targets(&sorted[i - 1], &sorted[i]) != 0;
    if (is_new) classes[(*n_classes)++].target = sorted[i];
    classes[*n_classes - 1].n_samples++;
  }
  for (size_t i = 0; i < *n_classes; i++) {
    size_t n_validation = validation_count(fraction, classes[i].n_samples);
    classes[i].n_training = classes[i].n_samples - n_validation;
  }
  memory_release(sorted);
  return classes;
}

Status split_stratified(const Dataset *dataset, double fraction, uint64_t seed, Split *out) {
  *out = (Split){0};
  size_t n_samples = dataset->description.n_samples, n_classes;
  if (dataset->description.target_width != 1) {
    return fail(ERR_CONFIG, "a stratified split needs one target per sample; %s has %zu",
                dataset->description.name, dataset->description.target_width);
  }
  Permutation permutation = split_permutation(n_samples, seed);
  Class *classes = collect_classes(&dataset->targets, n_samples, fraction, &n_classes);
  bool *marks = NEW_ARRAY(bool, n_samples);
  for (size_t position = 0; position < n_samples; position++) {
    size_t row = permutation_at(&permutation, position);
    double target = array_at(&dataset->targets, row);
    /* A class begins with its target, so the targets' comparison finds it. */
    Class *class = bsearch(&target, classes, n_classes, sizeof *classes, compare_targets);
    marks[row] = class->n_seen++ >= class->n_training;
  }
  Status status = list_rows(marks, n_samples, fraction, out);
  memory_release(marks);
  memory_release(classes);
  return status;
}

void split_release(Split *split) {
  memory_release(split->training.rows);
  memory_release(split->validation.rows);
  *split = (Split){0};
}

static const Option split_options[] = {
    {.key = "split",
     .type = OPTION_REAL,
     .offset = offsetof(SplitOptions, split),
     .max = 1,
     .above_min = true,
     .below_max = true,
     .identity = true,
     .help = "share of the training samples that is kept for validation"},
    {.key = "stratified",
     .type = OPTION_BOOL,
     .offset = offsetof(SplitOptions, stratified),
     .fallback = "false",
     .identity = true,
     .help = "take the same share of every class"},
    {.key = NULL},
};

const Kind split_kind = {.name = "split",
                         .summary = "a share of the training samples",
                         .options = split_options,
                         .options_size = sizeof(SplitOptions)};
