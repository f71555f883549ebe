#include "experiments/scaling_model.h"

#include <math.h>

enum { TERMS = 3, WORK = 0, LATENCY = 1, TRANSFER = 2 };

/* What each term is multiplied with. */
static void factors(double ranks, double work, double out[TERMS]) {
  out[WORK] = work / ranks;
  out[LATENCY] = log2(ranks);
  out[TRANSFER] = (ranks - 1) / ranks;
}

/* Solves the normal equations for the terms of a set by elimination; false if they are singular. */
static bool solve(const ScalingSample *samples, size_t n, const bool in_set[TERMS],
                  double out[TERMS]) {
  double a[TERMS][TERMS + 1] = {{0}};
  for (size_t s = 0; s < n; s++) {
    double f[TERMS], weight = 1 / (samples[s].seconds * samples[s].seconds);
    factors(samples[s].ranks, samples[s].work, f);
    for (int i = 0; i < TERMS; i++) {
      for (int j = 0; j < TERMS; j++) a[i][j] += weight * f[i] * f[j];
      a[i][TERMS] += weight * f[i] * samples[s].seconds;
    }
  }
  /* A term outside the set is held at 0. */
  for (int i = 0; i < TERMS; i++) {
    for (int j = 0; j <= TERMS && !in_set[i]; j++) a[i][j] = i == j;
  }
  double first[TERMS];
  for (int i = 0; i < TERMS; i++) first[i] = a[i][i];
  for (int i = 0; i < TERMS; i++) {
    if (fabs(a[i][i]) <= 1e-9 * first[i]) return false;
    for (int row = 0; row < TERMS; row++) {
      double factor = a[row][i] / a[i][i];
      for (int j = 0; j <= TERMS && row != i; j++) a[row][j] -= factor * a[i][j];
    }
  }
  for (int i = 0; i < TERMS; i++) out[i] = a[i][TERMS] / a[i][i];
  return true;
}

static double error_of(const ScalingSample *samples, size_t n, const ScalingModel *model) {
  double sum = 0;
  for (size_t s = 0; s < n; s++) {
    double found = scaling_model_seconds(model, samples[s].ranks, samples[s].work);
    double relative = found / samples[s].seconds - 1;
    sum += relative * relative;
  }
  return sqrt(sum / (double)n);
}

static size_t count_rank_numbers(const ScalingSample *samples, size_t n) {
  size_t count = 0;
  for (size_t i = 0; i < n; i++) {
    bool is_new = true;
    for (size_t j = 0; j < i; j++) is_new &= samples[j].ranks != samples[i].ranks;
    count += is_new;
  }
  return count;
}

/* Of few terms every set can be tried: the best whose solution has no term below 0. */
bool scaling_model_fit(const ScalingSample *samples, size_t n, ScalingModel *out) {
  size_t n_numbers = count_rank_numbers(samples, n);
  *out = (ScalingModel){.error = INFINITY};
  for (unsigned set = 1; set < 1u << TERMS && n_numbers > 1; set++) {
    bool in_set[TERMS];
    for (unsigned i = 0; i < TERMS; i++) in_set[i] = set >> i & 1;
    if (in_set[LATENCY] && n_numbers < 3) continue;
    double found[TERMS];
    if (!in_set[WORK] || !solve(samples, n, in_set, found)) continue;
    ScalingModel model = {found[WORK], found[LATENCY], found[TRANSFER], 0};
    if (model.work < 0 || model.latency < 0 || model.transfer < 0) continue;
    model.error = error_of(samples, n, &model);
    if (model.error < out->error) *out = model;
  }
  return isfinite(out->error);
}

double scaling_model_seconds(const ScalingModel *model, double ranks, double work) {
  double f[TERMS];
  factors(ranks, work, f);
  return model->work * f[WORK] + model->latency * f[LATENCY] + model->transfer * f[TRANSFER];
}
