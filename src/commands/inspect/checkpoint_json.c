/* What `lockstep inspect CHECKPOINT --json` prints. */

#include "commands/command_json.h"
#include "commands/inspect/subjects.h"

#include <string.h>

#include "io/json.h"
#include "storage/checkpoint_layout.h"

static void put_progress(Json *document, const TrainedModel *model) {
  const Checkpoint *checkpoint = model->checkpoint;
  const Progress *progress = checkpoint_progress(checkpoint);
  json_put_text(document, "checkpoint", checkpoint_path(checkpoint));
  json_put_whole(document, "format", CHECKPOINT_FORMAT);
  json_put_whole(document, "epoch", (int64_t)progress->epoch);
  json_put_whole(document, "step", (int64_t)progress->step);
  json_put_whole(document, "epoch_step", (int64_t)progress->epoch_step);
  json_put_whole(document, "samples_seen", (int64_t)progress->samples_seen);
  json_put_whole(document, "seed", model->config.seed);
  json_put_whole(document, "shards", model->config.training.shards);
  json_put_text(document, "loss", model->config.loss.kind->name);
  json_put_text(document, "optimizer", checkpoint_optimizer(checkpoint));
  json_put_whole(document, "parameter_count", (int64_t)model->model->map.count);
  json_put_text(document, "parameter_hash", checkpoint_parameter_hash(checkpoint));
  json_put_text(document, "data_hash", checkpoint_data_hash(checkpoint));
}

static Json *run_json(const RunFacts *facts) {
  Json *run = json_new_object();
  json_put_text(run, "created", facts->created);
  json_put_whole(run, "ranks", facts->ranks);
  json_put_whole(run, "ranks_per_node", facts->ranks_per_node);
  json_put_whole(run, "hosts", facts->hosts);
  json_put_text(run, "host", facts->host);
  json_put_text(run, "engine", facts->engine);
  json_put_text(run, "kernel_family", facts->kernel_family);
  json_put_text(run, "mpi", facts->mpi);
  json_put_text(run, "command_line", facts->command_line);
  json_put_text(run, "config_folder", facts->config_folder);
  return run;
}

static Json *layers_json(const TrainedModel *trained) {
  const Model *model = trained->model;
  Json *layers = json_new_array();
  for (size_t i = 0; i < model->n_layers; i++) {
    const Layer *layer = &model->layers[i];
    Json *entry = json_new_object();
    json_put_text(entry, "name", layer->name);
    json_put_text(entry, "kind", layer->setting->kind->name);
    json_put(entry, "output", command_shape_json(&layer->output));
    json_put_whole(entry, "parameters", (int64_t)model_layer_parameters(model, layer));
    json_add(layers, entry);
  }
  return layers;
}

static Json *tensors_json(const TrainedModel *model) {
  const ParameterMap *map = &model->model->map;
  Json *tensors = json_new_array();
  for (size_t t = 0; t < map->n_tensors; t++) {
    TensorStatistics found = trained_model_statistics(model, &map->tensors[t]);
    Json *entry = json_new_object();
    json_put_text(entry, "layer", map->tensors[t].layer);
    json_put_text(entry, "name", map->tensors[t].name);
    json_put(entry, "shape", command_shape_json(&map->tensors[t].shape));
    json_put_real(entry, "mean", found.mean);
    json_put_real(entry, "deviation", found.deviation);
    json_put_real(entry, "minimum", found.minimum);
    json_put_real(entry, "maximum", found.maximum);
    json_put_whole(entry, "zeros", (int64_t)found.zeros);
    json_put_whole(entry, "not_finite", (int64_t)found.not_finite);
    json_add(tensors, entry);
  }
  return tensors;
}

Json *inspect_checkpoint_json(const TrainedModel *model) {
  Json *document = json_new_object();
  put_progress(document, model);
  json_put(document, "run", run_json(checkpoint_facts(model->checkpoint)));
  json_put_text(document, "config", checkpoint_config(model->checkpoint));
  json_put(document, "layers", layers_json(model));
  json_put(document, "metrics",
           command_metrics_json(&checkpoint_history(model->checkpoint)->epochs));
  json_put(document, "tensors", tensors_json(model));
  return document;
}
