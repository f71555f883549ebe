/* Sizes of the differences between predictions and targets.
 *
 * Formula     squared: 1/M sum_m (p_m - t_m)^2;   absolute: 1/M sum_m |p_m - t_m|
 *             then the mean over samples, its root, or the median
 * Source      Keras, MeanSquaredError, RootMeanSquaredError, MeanAbsoluteError; the median of an
 *             even number of samples is the mean of the middle two, as NumPy's
 */

#include <math.h>

#include "model/metric.h"

static void squared_error(const MetricPass *pass) {
  for (size_t row = 0; row < pass->n; row++) {
    const real *p = pass->prediction + row * pass->m, *t = pass->target + row * pass->m;
    double sum = 0;
    for (size_t i = 0; i < pass->m; i++) sum += ((double)p[i] - t[i]) * ((double)p[i] - t[i]);
    pass->values[row] = sum / (double)pass->m;
  }
}

static void absolute_error(const MetricPass *pass) {
  for (size_t row = 0; row < pass->n; row++) {
    const real *p = pass->prediction + row * pass->m, *t = pass->target + row * pass->m;
    double sum = 0;
    for (size_t i = 0; i < pass->m; i++) sum += fabs((double)p[i] - t[i]);
    pass->values[row] = sum / (double)pass->m;
  }
}

static const char *const mse_aliases[] = {"mse", NULL};
static const char *const rmse_aliases[] = {"rmse", NULL};
static const char *const mae_aliases[] = {"mae", NULL};

const MetricKind mean_squared_error_metric = {
    .kind = {.name = "mean_squared_error",
             .aliases = mse_aliases,
             .summary = "mean of the squared differences"},
    .summary = SUMMARY_MEAN,
    .evaluate = squared_error,
};

const MetricKind root_mean_squared_error_metric = {
    .kind = {.name = "root_mean_squared_error",
             .aliases = rmse_aliases,
             .summary = "root of the mean of the squared differences"},
    .summary = SUMMARY_ROOT_MEAN,
    .evaluate = squared_error,
};

const MetricKind mean_absolute_error_metric = {
    .kind = {.name = "mean_absolute_error",
             .aliases = mae_aliases,
             .summary = "mean of the absolute differences"},
    .summary = SUMMARY_MEAN,
    .evaluate = absolute_error,
};

const MetricKind median_squared_error_metric = {
    .kind = {.name = "median_squared_error",
             .summary = "median of the squared differences; of whole evaluations alone"},
    .summary = SUMMARY_MEDIAN,
    .evaluate = squared_error,
};

const MetricKind median_absolute_error_metric = {
    .kind = {.name = "median_absolute_error",
             .summary = "median of the absolute differences; of whole evaluations alone"},
    .summary = SUMMARY_MEDIAN,
    .evaluate = absolute_error,
};
