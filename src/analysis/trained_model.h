#pragma once
/* A model as a checkpoint holds it: ready to predict and to be evaluated, not to be trained.
 *
 * Knows the checkpoint and its stored configuration; knows nothing of data.
 *
 * Ranks       local: every rank opens it by itself
 */

#include "math/real.h"
#include "model/model.h"
#include "storage/checkpoint.h"
#include "training/run_config.h"

typedef struct TrainedModel {
  Checkpoint *checkpoint;
  RunConfig config; /* as stored, with the changes; its folder is the one of the training */
  Model *model;
  real *parameters; /* the flat vector */
} TrainedModel;

/* Opens a checkpoint, or the newest whole one of a run's folder: reads its configuration, builds
 * the model, reads the parameters, and makes the matrix library ready.
 *
 * Range       changes: `key=value` words, applied to the stored configuration in order; or NULL
 * Ownership   *out is released with trained_model_close, and must not move: its model points into
 *             it
 * Errors      as run_folder_open, run_config_parse, model_create and checkpoint_read_parameters;
 *             *out is then empty
 */
Status trained_model_open(const char *path, const TextList *changes, TrainedModel *out);

/* Releases everything. */
void trained_model_close(TrainedModel *model);

/* What the elements of a tensor look like. Those that are not finite are counted, and left out. */
typedef struct TensorStatistics {
  double mean, deviation, minimum, maximum;
  size_t zeros, not_finite;
} TensorStatistics;

/* Looks at one tensor of the model's map.
 *
 * Formula     deviation = sqrt(sum_i (w_i - mean)^2 / n)
 */
TensorStatistics trained_model_statistics(const TrainedModel *model, const ParameterTensor *tensor);
