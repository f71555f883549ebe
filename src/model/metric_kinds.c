#include "model/metric.h"

extern const MetricKind accuracy_metric, mean_squared_error_metric, root_mean_squared_error_metric;
extern const MetricKind mean_absolute_error_metric, median_squared_error_metric;
extern const MetricKind median_absolute_error_metric;

/* clang-format off */
static const Kind *const kinds[] = {
    &accuracy_metric.kind,
    &mean_squared_error_metric.kind,
    &root_mean_squared_error_metric.kind,
    &mean_absolute_error_metric.kind,
    &median_squared_error_metric.kind,
    &median_absolute_error_metric.kind,
    NULL,
};
/* clang-format on */

const KindTable metric_kinds = {"metric", kinds};

const MetricKind *metric_default(const LossKind *loss) {
  return loss->form == TARGET_NUMBERS ? &mean_absolute_error_metric : &accuracy_metric;
}
