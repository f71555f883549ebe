#pragma once
/* A model: layers in a row, a loss, and the metrics that people watch.
 *
 * Built once from its settings; after that it is constant, and numbers lie in the memory of the
 * caller: a flat vector of parameters (math/parameters.h) and a workspace. model/gradient.h computes
 * gradients, model/evaluation.h everything that looks at whole data sets.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "config/options.h"
#include "model/layer.h"
#include "model/loss.h"
#include "model/metric.h"

/* The `model` group of a configuration. */
typedef struct ModelSettings {
  IntList input;
  KindList layers;
} ModelSettings;

extern const Option model_options[];

typedef struct Model {
  Shape input; /* of one sample */
  size_t n_layers;
  Layer *layers;
  ParameterMap map;
  const KindSetting *loss;
  size_t n_metrics;
  const MetricKind **metrics;

  /* The last activation, where the loss computes it together with itself; else NULL. The last layer
   * then gives logits. */
  const KindSetting *output_activation;
} Model;

/* Builds a model. The settings must outlive it.
 *
 * Range       metrics: names from metric_kinds; empty: the default of the loss
 * Ownership   *out is released with model_destroy
 * Errors      ERR_CONFIG naming the layer for shapes that do not fit; *out is then NULL
 */
Status model_create(const ModelSettings *settings, const KindSetting *loss, const KindList *metrics,
                    Model **out);

/* Releases the model; NULL is fine. */
void model_destroy(Model *model);

/* The loss's row of its table. */
const LossKind *model_loss(const Model *model);

/* Elements of one input, and of one output, of the whole model. */
size_t model_input_width(const Model *model);
size_t model_output_width(const Model *model);

/* Fills a flat vector with initial parameters: a pure function of (seed, tensor, element). */
void model_initialize(const Model *model, uint64_t seed, real *parameters);

/* Memory for the activations of up to `n_rows` rows, and for their gradients where `backward`. */
typedef struct Workspace {
  size_t n_rows;
  real *x;          /* (N, input) */
  real *stored;     /* (N, T): targets as the data set holds them */
  real *target;     /* (N, M) */
  real *prediction; /* (N, M) */
  double *values;   /* (N): one number per sample */
  real **y;         /* per layer (N, output_width) */
  real **cache;     /* per layer (N, cache_width) */
  real **dy;        /* per layer (N, output_width); NULL without backward */
} Workspace;

/* Makes a workspace for targets of width T. Ownership: workspace_destroy. */
Workspace *workspace_create(const Model *model, size_t n_rows, size_t target_width, bool backward);

/* Releases a workspace; NULL is fine. */
void workspace_destroy(Workspace *workspace, const Model *model);

/* Which rows of a workspace a pass works on, and what they are. */
typedef struct RowRun {
  size_t first_row; /* in the workspace */
  size_t n_rows;
  bool training;
  uint64_t seed;
  uint32_t epoch;
  uint64_t first_position; /* of the first row in the epoch's order */
} RowRun;

/* A layer's pass over a run of rows of the workspace. */
LayerPass model_pass(const Model *model, const Workspace *workspace, const real *parameters,
                     size_t layer, const RowRun *run);

/* Forward through all layers, then the predictions: workspace->x to workspace->prediction. */
void model_forward(const Model *model, const Workspace *workspace, const real *parameters,
                   const RowRun *run);

/* Loss and metrics of a run of rows after model_forward, from workspace->target.
 *
 * Adds to sums[0] the losses, to sums[1 + i] metric i, row after row, except medians.
 * With `gradient` (N,M), also the gradient of the summed losses.
 */
void model_score(const Model *model, const Workspace *workspace, const RowRun *run, double *sums,
                 real *gradient);

/* One metric of every row of a run, after model_forward. Shapes: values (N) */
void model_measure(const Model *model, const Workspace *workspace, const RowRun *run, size_t metric,
                   double *values);

/* Numbers that model_score adds to: the loss and every metric. */
size_t model_sum_count(const Model *model);

/* Where rows come from: reads the samples at positions [first, first + n) in some order.
 *
 * Shapes      x (n, input)   targets (n, T); either may be NULL: not wanted
 */
typedef struct RowSource {
  void (*read)(const void *context, uint64_t first, size_t n, real *x, real *targets);
  const void *context;
  size_t target_width; /* T */
} RowSource;
