#pragma once
/* How a model of classes does on samples whose classes are known: which it takes for which, how
 * often, and how sure it is when it is wrong.
 *
 * Everything here is counted from one verdict per sample, so that it does not matter who computed
 * which. Knows nothing of models and of the names of classes.
 */

#include <stddef.h>
#include <stdint.h>

#include "math/real.h"
#include "model/output_form.h"

/* What a model says of a sample. */
typedef struct Verdict {
  uint32_t label;      /* the class that the sample has */
  uint32_t prediction; /* the class that the model gives it */
  real output;         /* what it gives that class: output_of_class */
} Verdict;

/* How one class does.
 *
 * Formula     precision = right / predicted,   recall = right / support,
 *             f1 = 2 right / (predicted + support), their harmonic mean;   0 / 0 is 0
 * Source      van Rijsbergen 1979, chapter 7; scikit-learn, precision_recall_fscore_support
 */
typedef struct ClassScore {
  size_t support;   /* samples that have the class */
  size_t predicted; /* samples that are given the class */
  size_t right;     /* samples that have it and are given it */
  double precision, recall, f1;
} ClassScore;

/* Samples of one class that were taken for another. */
typedef struct Confusion {
  uint32_t label, prediction;
  size_t count;
} Confusion;

typedef struct Classification {
  OutputForm form;
  size_t n_samples, n_classes;
  Verdict *verdicts;                              /* (n_samples) */
  ClassScore *classes;                            /* (n_classes) */
  double accuracy;                                /* share of right predictions */
  double macro_precision, macro_recall, macro_f1; /* means over the classes that are any sample's
                                                     label or prediction */
  size_t n_mistakes;
  size_t *mistakes; /* (n_mistakes) indices of samples: the surest first, equals in their order */
  size_t n_confusions;
  Confusion
      *confusions; /* (n_confusions): the most frequent first, equals by label and prediction */
} Classification;

/* Counts what the verdicts say.
 *
 * Range       labels and predictions below the form's number of classes
 * Ownership   takes `verdicts`, made with NEW_ARRAY; classification_destroy
 */
Classification *classification_create(const OutputForm *form, size_t n_samples, Verdict *verdicts);

/* Releases it; NULL is fine. */
void classification_destroy(Classification *classification);

enum { CLASSIFICATION_MATRIX_MOST_CLASSES = 1000 };

/* The confusion matrix: how many samples of a class are given which.
 *
 * Shapes      the result (K,K): rows are labels, columns predictions; its trace over its sum is the
 *             accuracy
 * Range       NULL for more classes than CLASSIFICATION_MATRIX_MOST_CLASSES
 * Ownership   memory_release
 */
size_t *classification_matrix(const Classification *classification);
