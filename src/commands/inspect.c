/* `lockstep inspect`: what is in a checkpoint. */

#include <errno.h>
#include <stdio.h>

#include "base/log.h"
#include "base/memory.h"
#include "commands/command.h"
#include "commands/inspect_json.h"
#include "distributed/communicator.h"
#include "report/table.h"
#include "storage/checkpoint_layout.h"
#include "training/run_text.h"
#include "training/trained_model.h"

typedef struct InspectWords {
  const char *checkpoint;
  bool json;
} InspectWords;

enum { KEY_JSON = 1000 };

static const struct argp_option options[] = {
    {"json", KEY_JSON, NULL, 0, "Print one JSON document with all of it", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static error_t parse_word(int key, char *argument, struct argp_state *state) {
  InspectWords *words = state->input;
  switch (key) {
  case KEY_JSON: words->json = true; return 0;
  default: return command_take_checkpoint(&words->checkpoint, key, argument, state);
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_word,
    .args_doc = "CHECKPOINT",
    .doc =
        "Verify CHECKPOINT and show what is in it: where the run stood, the model, the metrics of "
        "every epoch, and what the parameters look like.\v"
        "Example:\n"
        "  lockstep inspect runs/mnist_512/checkpoints/last.h5 --json | jq .metrics.val_loss\n"
        "\n"
        "Keys of the JSON document: checkpoint, format, epoch, step, epoch_step (of the open "
        "epoch), samples_seen, seed, shards, loss, optimizer, parameter_count, parameter_hash, "
        "data_hash; run (created, ranks, ranks_per_node, hosts, host, engine, kernel_family, mpi, "
        "command_line, config_folder); config (YAML text); layers (name, kind, output, "
        "parameters); metrics (an array for each column, a number for each epoch, null where "
        "there is none); tensors (layer, name, shape, mean, deviation, minimum, maximum, zeros, "
        "not_finite).",
};

static void print_facts(const TrainedModel *model) {
  const Checkpoint *checkpoint = model->checkpoint;
  const Progress *progress = checkpoint_progress(checkpoint);
  const RunFacts *facts = checkpoint_facts(checkpoint);
  char number[NUMBER_TEXT_BYTES];
  printf("checkpoint  %s\n", checkpoint_path(checkpoint));
  printf("format      %d\n", CHECKPOINT_FORMAT);
  printf("progress    epoch %llu, step %llu, ", (unsigned long long)progress->epoch,
         (unsigned long long)progress->step);
  printf("%s samples seen\n", text_count(number, progress->samples_seen));
  printf("created     %s on %s\n", facts->created, facts->host);
  printf("ranks       %lld on %lld host%s\n", (long long)facts->ranks, (long long)facts->hosts,
         facts->hosts == 1 ? "" : "s");
  printf("engine      %s, %s kernels; %s\n", facts->engine, facts->kernel_family, facts->mpi);
  printf("command     %s\n", facts->command_line);
  printf("training    %s, %s, seed %lld, %lld shards\n", model->config.loss.kind->name,
         checkpoint_optimizer(checkpoint), (long long)model->config.seed,
         (long long)model->config.training.shards);
  printf("data        xxh3:%s\n", checkpoint_data_hash(checkpoint));
  printf("parameters  xxh3:%s\n", checkpoint_parameter_hash(checkpoint));
}

static void print_layers(const TrainedModel *trained) {
  const Model *model = trained->model;
  static const char *const headers[] = {"layer", "kind", "output", "parameters"};
  TextTable *table = text_table_create(4, headers);
  char number[NUMBER_TEXT_BYTES];
  for (size_t i = 0; i < model->n_layers; i++) {
    const Layer *layer = &model->layers[i];
    char shape[SHAPE_TEXT_BYTES];
    const char *cells[] = {layer->name, layer->setting->kind->name,
                           shape_text(&layer->output, shape),
                           text_count(number, trained_model_layer_count(trained, layer))};
    text_table_add(table, cells);
  }
  command_print_table(table);
  printf("%s parameters\n", text_count(number, model->map.count));
}

static void print_metrics(const MetricTable *epochs) {
  if (epochs->n_rows == 0) {
    puts("\nno epoch is finished");
    return;
  }
  char *text = run_history_text(epochs);
  printf("\n%s", text);
  memory_release(text);
}

static void print_tensors(const TrainedModel *model) {
  static const char *const headers[] = {"tensor", "shape", "mean",  "deviation",
                                        "min",    "max",   "zeros", "not finite"};
  TextTable *table = text_table_create(8, headers);
  const ParameterMap *map = &model->model->map;
  for (size_t t = 0; t < map->n_tensors; t++) {
    const ParameterTensor *tensor = &map->tensors[t];
    TensorStatistics found = trained_model_statistics(model, tensor);
    const double reals[] = {found.mean, found.deviation, found.minimum, found.maximum};
    char name[2 * TENSOR_NAME_BYTES], shape[SHAPE_TEXT_BYTES], cells[6][NUMBER_TEXT_BYTES];
    snprintf(name, sizeof name, "%s/%s", tensor->layer, tensor->name);
    for (size_t i = 0; i < 4; i++) snprintf(cells[i], NUMBER_TEXT_BYTES, "%.4g", reals[i]);
    text_count(cells[4], found.zeros);
    text_count(cells[5], found.not_finite);
    const char *row[] = {name,     shape_text(&tensor->shape, shape),
                         cells[0], cells[1],
                         cells[2], cells[3],
                         cells[4], cells[5]};
    text_table_add(table, row);
  }
  command_print_table(table);
}

static void print_text(const TrainedModel *model) {
  print_facts(model);
  print_layers(model);
  print_metrics(&checkpoint_history(model->checkpoint)->epochs);
  print_tensors(model);
}

static Status run_command(int argc, char **argv) {
  InspectWords words = {0};
  bool done;
  TRY(command_parse(&parser, argc, argv, &words, &done));
  /* One rank is enough: the others of a launcher have nothing to do. */
  if (done || communicator_expected_rank() != 0) return OK;

  log_set_level(LOG_WARNINGS);
  TrainedModel model;
  TRY(trained_model_open(words.checkpoint, NULL, &model));
  if (words.json) {
    char *text = inspect_json(&model);
    puts(text);
    memory_release(text);
  } else {
    print_text(&model);
  }
  trained_model_close(&model);
  return OK;
}

const Command inspect_command = {
    .name = "inspect",
    .summary = "verify a checkpoint and show what is in it",
    .run = run_command,
};
