/* Share of right answers.
 *
 * Formula     1 where the largest prediction is at the largest target (the first of equals); with
 *             one output, 1 where prediction and target lie on the same side of the threshold
 * Source      Keras, CategoricalAccuracy and BinaryAccuracy
 */

#include "model/metric.h"
#include "model/output_form.h"

static void evaluate(const MetricPass *pass) {
  OutputForm form = {.m = pass->m, .classes = true, .threshold = pass->threshold};
  for (size_t row = 0; row < pass->n; row++) {
    size_t first = row * pass->m;
    bool right =
        output_class(&form, pass->prediction + first) == output_class(&form, pass->target + first);
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
