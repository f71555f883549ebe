#include "model/gradient_check.h"

#include <float.h>
#include <string.h>

#include "base/memory.h"
#include "math/random.h"
#include "model/target.h"

static const double REAL_EPSILON = sizeof(real) == sizeof(double) ? DBL_EPSILON : FLT_EPSILON;

/* The digits that an error of 1e-6 speaks of. */
static const double DIGITS = 1e6;

/* Everything that a difference of the loss needs. */
typedef struct Probe {
  const Model *model;
  const Batch *batch;
  Workspace *workspace; /* holds all rows of the batch */
  real *parameters;     /* a copy, to be changed element by element */
  ShardProgram program; /* all rows as one run */
  double *sums;
  double floor; /* see the formula of `error` */
} Probe;

static Probe probe_create(const Model *model, const Batch *batch) {
  size_t n = batch->n_rows, t = batch->rows.target_width;
  Probe probe = {.model = model, .batch = batch};
  probe.workspace = workspace_create(model, n, t, false);
  probe.parameters = NEW_ARRAY(real, model->map.length);
  probe.sums = NEW_ARRAY(double, model_sum_count(model));
  shard_program_single(n, &probe.program);
  memcpy(probe.parameters, batch->parameters, model->map.length * sizeof(real));

  const Workspace *workspace = probe.workspace;
  batch->rows.read(batch->rows.context, batch->first_position, n, workspace->x, workspace->stored);
  target_encode(n, t, model_output_width(model), workspace->stored, workspace->target);
  return probe;
}

static void probe_release(Probe *probe) {
  workspace_destroy(probe->workspace, probe->model);
  memory_release(probe->parameters);
  memory_release(probe->sums);
}

/* The batch's loss with the parameters as they are now. */
static double probe_loss(const Probe *probe) {
  const Batch *batch = probe->batch;
  RowRun run = {.program = &probe->program,
                .training = true,
                .seed = batch->seed,
                .epoch = batch->epoch,
                .first_position = batch->first_position};
  memset(probe->sums, 0, model_sum_count(probe->model) * sizeof(double));
  model_forward(probe->model, probe->workspace, probe->parameters, &run);
  model_score(probe->model, probe->workspace, batch->n_rows, NULL);
  model_add_sums(probe->model, probe->workspace, batch->n_rows, (Range){0, batch->n_rows},
                 probe->sums);
  return summary_value(model_loss(probe->model)->summary, probe->sums[0], (double)batch->n_rows);
}

/* The largest output of the last layer: a loss that is small carries the rounding of what it was
 * computed from. */
static double largest_output(const Probe *probe) {
  const Model *model = probe->model;
  size_t count = probe->batch->n_rows * model_output_width(model);
  double largest = 0;
  for (size_t i = 0; i < count; i++) {
    largest = fmax(largest, fabs((double)probe->workspace->y[model->n_layers - 1][i]));
  }
  return largest;
}

/* The central difference for one element of the flat vector. */
static double probe_derivative(const Probe *probe, size_t element) {
  real *w = &probe->parameters[element], before = *w;
  double step = cbrt(REAL_EPSILON) * (fabs((double)before) + 1);

  /* What counts are the steps that rounding leaves. */
  *w = (real)((double)before + step);
  double above = (double)*w, loss_above = probe_loss(probe);
  *w = (real)((double)before - step);
  double below = (double)*w, loss_below = probe_loss(probe);
  *w = before;
  return (loss_above - loss_below) / (above - below);
}

/* The gradient of the batch's loss by backpropagation, in the flat vector `out`. */
static void backpropagate(const Model *model, const Batch *batch, real *out) {
  size_t n = batch->n_rows, n_shards = batch->n_shards, n_sums = model_sum_count(model);
  Gradient *gradient = gradient_create(model, n, n_shards, n_shards, batch->rows.target_width);
  double *sums = memory_allocate(n_shards * n_sums * sizeof(double));
  bool *present = NEW_ARRAY(bool, n_shards);
  gradient_compute(gradient, batch, shard_root(n_shards), out, sums);

  for (size_t shard = 0; shard < n_shards; shard++) {
    Range rows = shard_rows(n, n_shards, shard);
    present[shard] = rows.end > rows.begin;
  }
  double sum = shard_sum(n_shards, present, sums, n_sums);
  double factor = summary_factor(model_loss(model)->summary, sum, (double)n);
  for (size_t i = 0; i < model->map.length; i++) out[i] = (real)((double)out[i] * factor);

  memory_release(present);
  memory_release(sums);
  gradient_destroy(gradient);
}

static double relative_error(double analytic, double numeric, double floor) {
  return fabs(analytic - numeric) / fmax(fmax(fabs(analytic), fabs(numeric)), floor);
}

/* NaN is worse than any number. */
static bool is_worse(double error, double than) {
  return isnan(error) ? !isnan(than) : error > than;
}

static TensorCheck check_tensor(const Probe *probe, size_t tensor, const real *gradient,
                                size_t most) {
  const ParameterTensor *whole = &probe->model->map.tensors[tensor];
  TensorCheck check = {.tensor = whole, .n_checked = whole->count, .error = -1};
  if (most > 0 && most < whole->count) check.n_checked = most;

  /* Even spacing could meet the same column of a kernel again and again. */
  RandomStream stream = {.purpose = RANDOM_ORDER, .stream = (uint32_t)tensor};
  Permutation order = permutation_create(&stream, whole->count);
  for (size_t i = 0; i < check.n_checked; i++) {
    size_t element = (size_t)permutation_at(&order, i);
    double analytic = (double)gradient[whole->offset + element];
    double numeric = probe_derivative(probe, whole->offset + element);
    double error = relative_error(analytic, numeric, probe->floor);
    if (!is_worse(error, check.error)) continue;
    check.error = error;
    check.worst = element;
    check.analytic = analytic;
    check.numeric = numeric;
  }
  return check;
}

GradientCheck gradient_check(const Model *model, const Batch *batch, size_t most_per_tensor) {
  real *gradient = NEW_ARRAY(real, model->map.length);
  backpropagate(model, batch, gradient);

  Probe probe = probe_create(model, batch);
  GradientCheck check = {.loss = probe_loss(&probe), .n_tensors = model->map.n_tensors};
  check.tensors = NEW_ARRAY(TensorCheck, check.n_tensors);
  double magnitude = fmax(fabs(check.loss), largest_output(&probe));
  double rounding = REAL_EPSILON * magnitude / cbrt(REAL_EPSILON);
  probe.floor = fmax(DIGITS * rounding, DBL_MIN);
  for (size_t i = 0; i < check.n_tensors; i++) {
    check.tensors[i] = check_tensor(&probe, i, gradient, most_per_tensor);
    if (is_worse(check.tensors[i].error, check.error)) check.error = check.tensors[i].error;
  }

  probe_release(&probe);
  memory_release(gradient);
  return check;
}

void gradient_check_release(GradientCheck *check) {
  memory_release(check->tensors);
  *check = (GradientCheck){0};
}
