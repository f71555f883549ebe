/* Share of right answers.
 *
 * Formula     1 where the largest prediction is at the largest target (the first of equals); with
 *             one output, 1 where prediction and target lie on the same side of the threshold
 * Source      Keras, CategoricalAccuracy and BinaryAccuracy
 */

#include "model/metric.h"

static size_t largest_index(size_t m, const real *values) {
  size_t largest = 0;
  for (size_t i = 1; i < m; i++) {
    if (values[i] > values[largest]) largest = i;
  }
  return largest;
}

static void evaluate(const MetricPass *pass) {
  for (size_t row = 0; row < pass->n; row++) {
    const real *p = pass->prediction + row * pass->m, *t = pass->target + row * pass->m;
    bool right = pass->m == 1 ? (p[0] > pass->threshold) == (t[0] > pass->threshold)
                              : largest_index(pass->m, p) == largest_index(pass->m, t);
    pass->values[row] = right ? 1 : 0;
  }
}

static const char *const aliases[] = {"acc", NULL};

const MetricKind accuracy_metric = {
    .kind = {.name = "accuracy", .aliases = aliases, .summary = "share of right answers"},
    .summary = SUMMARY_MEAN,
    .larger_is_better = true,
    .evaluate = evaluate,
};
