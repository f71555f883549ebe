#pragma once
/* A model: layers in a row, a loss, and the metrics that people watch.
 *
 * Built once from its settings; after that it is constant, and numbers lie in the memory of the
 * caller: a flat vector of parameters (math/parameters.h) and a workspace. model/gradient.h
 * computes gradients, model/evaluation.h everything that looks at whole data sets.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "config/options.h"
#include "model/layer.h"
#include "model/loss.h"
#include "model/metric.h"
#include "model/workspace.h"

/* The `model` group of a configuration. */
typedef struct ModelSettings {
  IntList input;
  KindList layers;
} ModelSettings;

extern const Option model_options[];

struct Model {
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
};

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

/* Parameters of one layer. */
size_t model_layer_parameters(const Model *model, const Layer *layer);

/* A layer's activation as it was configured, also where the loss computes it; NULL for a layer that
 * has none. Borrowed. */
const KindSetting *model_activation(const Model *model, size_t layer);

/* Fills a flat vector with initial parameters: a pure function of (seed, tensor, element). */
void model_initialize(const Model *model, uint64_t seed, real *parameters);

/* What the rows of a workspace are. */
typedef struct RowRun {
  const ShardProgram *program; /* the rows, from 0 on, and the shards that they belong to */
  bool training;
  uint64_t seed;
  uint32_t epoch;
  uint64_t first_position; /* of the first row in the epoch's order */
} RowRun;

/* A layer's pass over the rows of the workspace. */
LayerPass model_pass(const Workspace *workspace, const real *parameters, size_t layer,
                     const RowRun *run);

/* Forward through all layers, then the predictions: workspace->x to workspace->prediction. */
void model_forward(const Model *model, const Workspace *workspace, const real *parameters,
                   const RowRun *run);

/* Loss and metrics of the first n rows after model_forward, from workspace->target: fills
 * workspace->values. With `gradient` (N,M), also the gradient of the summed losses.
 */
void model_score(const Model *model, const Workspace *workspace, size_t n, real *gradient);

/* Adds up workspace->values over a range of rows, from the first to the last.
 *
 * Shapes      sums (model_sum_count), added to; n: rows that were scored
 */
void model_add_sums(const Model *model, const Workspace *workspace, size_t n, Range rows,
                    double *sums);

/* Numbers per sample: the loss and every metric. */
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
