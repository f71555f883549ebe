/* `lockstep inspect CHECKPOINT`: what is in a checkpoint. */

#include <stdio.h>

#include "base/memory.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/command_json.h"
#include "commands/inspect/subjects.h"
#include "report/table.h"
#include "storage/checkpoint_layout.h"
#include "analysis/model_summary.h"
#include "training/run_text.h"

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

static void print_summary(const Model *model) {
  char *text = model_summary_text(model);
  printf("\n%s", text);
  memory_release(text);
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
  print_summary(model->model);
  print_metrics(&checkpoint_history(model->checkpoint)->epochs);
  print_tensors(model);
}

Status inspect_checkpoint(const char *path, bool json) {
  TrainedModel model;
  TRY(trained_model_open(path, NULL, &model));
  if (json) {
    command_print_json(inspect_checkpoint_json(&model));
  } else {
    print_text(&model);
  }
  trained_model_close(&model);
  return OK;
}
