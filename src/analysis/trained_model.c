#include "analysis/trained_model.h"

#include <math.h>

#include "base/memory.h"
#include "math/product.h"
#include "storage/run_folder.h"

static Status open_parts(const char *path, const TextList *changes, TrainedModel *out) {
  TRY(run_folder_open(path, &out->checkpoint));
  const RunFacts *facts = checkpoint_facts(out->checkpoint);
  TRY(run_config_parse(checkpoint_config(out->checkpoint), checkpoint_path(out->checkpoint),
                       facts->config_folder, changes, &out->config));
  TRY(model_create(&out->config.model, &out->config.loss, &out->config.metrics, &out->model));
  out->parameters = NEW_ARRAY(real, out->model->map.length);
  TRY(checkpoint_read_parameters(out->checkpoint, &out->model->map, out->parameters));
  return product_start((ProductEngine)out->config.compute.engine);
}

Status trained_model_open(const char *path, const TextList *changes, TrainedModel *out) {
  *out = (TrainedModel){0};
  Status status = open_parts(path, changes, out);
  if (status != OK) trained_model_close(out);
  return status;
}

void trained_model_close(TrainedModel *model) {
  memory_release(model->parameters);
  model_destroy(model->model);
  run_config_release(&model->config);
  checkpoint_close(model->checkpoint);
  *model = (TrainedModel){0};
}

TensorStatistics trained_model_statistics(const TrainedModel *model,
                                          const ParameterTensor *tensor) {
  const real *values = model->parameters + tensor->offset;
  TensorStatistics found = {.minimum = INFINITY, .maximum = -INFINITY};
  double sum = 0, squares = 0;
  for (size_t i = 0; i < tensor->count; i++) {
    double value = (double)values[i];
    found.zeros += value == 0;
    if (!isfinite(value)) found.not_finite++;
    if (!isfinite(value)) continue;
    sum += value;
    found.minimum = fmin(found.minimum, value);
    found.maximum = fmax(found.maximum, value);
  }

  /* Around the mean in a second pass: sums of plain squares would lose the digits. */
  double n = (double)(tensor->count - found.not_finite);
  found.mean = sum / n;
  for (size_t i = 0; i < tensor->count; i++) {
    double distance = (double)values[i] - found.mean;
    if (isfinite(distance)) squares += distance * distance;
  }
  found.deviation = sqrt(squares / n);
  return found;
}
