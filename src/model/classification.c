#include "model/classification.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

/* ---- scores ---- */

static double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

static void count_classes(Classification *found) {
  for (size_t i = 0; i < found->n_samples; i++) {
    const Verdict *verdict = &found->verdicts[i];
    found->classes[verdict->label].support++;
    found->classes[verdict->prediction].predicted++;
    if (verdict->label == verdict->prediction) {
      found->classes[verdict->label].right++;
    } else {
      found->n_mistakes++;
    }
  }
  size_t n_right = found->n_samples - found->n_mistakes;
  found->accuracy = ratio((double)n_right, (double)found->n_samples);
}

static void score_classes(Classification *found) {
  double n_present = 0;
  for (size_t k = 0; k < found->n_classes; k++) {
    ClassScore *score = &found->classes[k];
    double right = (double)score->right, support = (double)score->support,
           predicted = (double)score->predicted;
    score->precision = ratio(right, predicted);
    score->recall = ratio(right, support);
    score->f1 = ratio(2 * right, predicted + support);

    n_present += support > 0 || predicted > 0;
    found->macro_precision += score->precision;
    found->macro_recall += score->recall;
    found->macro_f1 += score->f1;
  }
  found->macro_precision = ratio(found->macro_precision, n_present);
  found->macro_recall = ratio(found->macro_recall, n_present);
  found->macro_f1 = ratio(found->macro_f1, n_present);
}

/* ---- mistakes ---- */

typedef struct Mistake {
  double output;
  size_t sample;
} Mistake;

static int surest_first(const void *a, const void *b) {
  const Mistake *left = a, *right = b;
  if (left->output != right->output) return left->output > right->output ? -1 : 1;
  return left->sample < right->sample ? -1 : 1;
}

static void list_mistakes(Classification *found) {
  Mistake *mistakes = NEW_ARRAY(Mistake, found->n_mistakes);
  size_t n = 0;
  for (size_t i = 0; i < found->n_samples; i++) {
    const Verdict *verdict = &found->verdicts[i];
    if (verdict->label == verdict->prediction) continue;
    /* What is not a number has no place in an order: it comes last. */
    double output = isnan(verdict->output) ? -INFINITY : (double)verdict->output;
    mistakes[n++] = (Mistake){output, i};
  }
  qsort(mistakes, n, sizeof *mistakes, surest_first);
  found->mistakes = NEW_ARRAY(size_t, n);
  for (size_t i = 0; i < n; i++) found->mistakes[i] = mistakes[i].sample;
  memory_release(mistakes);
}

/* ---- confusions ---- */

static int by_place(const Confusion *left, const Confusion *right) {
  if (left->label != right->label) return left->label < right->label ? -1 : 1;
  if (left->prediction != right->prediction) return left->prediction < right->prediction ? -1 : 1;
  return 0;
}

static int first_by_place(const void *a, const void *b) {
  return by_place(a, b);
}

static int most_frequent_first(const void *a, const void *b) {
  const Confusion *left = a, *right = b;
  if (left->count != right->count) return left->count > right->count ? -1 : 1;
  return by_place(left, right);
}

/* From the mistakes, not from the matrix: a thousand classes have a million places. */
static void list_confusions(Classification *found) {
  Confusion *confusions = NEW_ARRAY(Confusion, found->n_mistakes);
  for (size_t i = 0; i < found->n_mistakes; i++) {
    const Verdict *verdict = &found->verdicts[found->mistakes[i]];
    confusions[i] = (Confusion){verdict->label, verdict->prediction, 1};
  }
  qsort(confusions, found->n_mistakes, sizeof *confusions, first_by_place);

  size_t n = 0;
  for (size_t i = 0; i < found->n_mistakes; i++) {
    bool again = n > 0 && by_place(&confusions[n - 1], &confusions[i]) == 0;
    if (again) confusions[n - 1].count++;
    if (!again) confusions[n++] = confusions[i];
  }
  qsort(confusions, n, sizeof *confusions, most_frequent_first);
  found->n_confusions = n;
  found->confusions = confusions;
}

/* ---- the whole ---- */

Classification *classification_create(const OutputForm *form, size_t n_samples, Verdict *verdicts) {
  Classification *found = NEW(Classification);
  *found = (Classification){.form = *form,
                            .n_samples = n_samples,
                            .n_classes = output_class_count(form),
                            .verdicts = verdicts};
  found->classes = NEW_ARRAY(ClassScore, found->n_classes);
  count_classes(found);
  score_classes(found);
  list_mistakes(found);
  list_confusions(found);
  return found;
}

void classification_destroy(Classification *classification) {
  if (!classification) return;
  memory_release(classification->verdicts);
  memory_release(classification->classes);
  memory_release(classification->mistakes);
  memory_release(classification->confusions);
  memory_release(classification);
}

size_t *classification_matrix(const Classification *classification) {
  size_t k = classification->n_classes, *matrix = NEW_ARRAY(size_t, k * k);
  for (size_t i = 0; i < classification->n_samples; i++) {
    const Verdict *verdict = &classification->verdicts[i];
    matrix[verdict->label * k + verdict->prediction]++;
  }
  return matrix;
}
