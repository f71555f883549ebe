#pragma once
/* What goes into a checkpoint, made up for the tests of storage/: a small network with two
 * optimizer slots, the middle of an epoch, and a history.
 *
 * Order of calls: content_create, any change, content_destroy.
 */

#include <math.h>
#include <stdint.h>

#include "base/memory.h"
#include "storage/checkpoint.h"
#include "storage/histogram_table.h"
#include "support/networks.h"

typedef struct Content {
  Network *network;
  Progress progress;
  History history;
  RunFacts facts;
  real *slots[2];
  CheckpointContent content; /* points into the others */
} Content;

static const char CONTENT_MODEL[] =
    "{input: 6, layers: [dense: {units: 5, activation: {leaky_relu: {negative_slope: 0.1}}}, "
    "dropout: 0.5, dense: {units: 3, activation: softmax}]}";

static void content_fill_history(History *history) {
  static const char *const epochs[] = {"epoch", "step", "seconds", "loss", "val_loss"};
  static const char *const steps[] = {"step", "loss", "seconds_computing"};
  for (size_t i = 0; i < 5; i++) metric_table_add_column(&history->epochs, epochs[i]);
  for (size_t i = 0; i < 3; i++) metric_table_add_column(&history->steps, steps[i]);
  metric_table_append(&history->epochs, (double[]){1, 40, 0.25, 1.0 / 3, NAN});
  metric_table_append(&history->epochs, (double[]){2, 80, 0.75, 0.1, 1e-300});
  for (int i = 0; i < 90; i++) {
    metric_table_append(&history->steps, (double[]){i + 1, 1.0 / (i + 3), 1e-3 * i});
  }
  histogram_table_create(&history->histograms);
  for (size_t i = 0; i < 8; i++) {
    HistogramRow row = {
        1 + i / 4, i % 2, i % 4 < 2, {{-1.0 / (double)(i + 3), 1e-30}, {(int64_t)i}}};
    if (i == 5) row.histogram.range = HISTOGRAM_EMPTY;
    row.histogram.counts[HISTOGRAM_BUCKETS - 1] = 123456789012;
    histogram_table_append(&history->histograms, &row);
  }
}

/* The network of `model`, as it may be after `step` updates. */
static Content *content_create(const char *model, uint64_t step) {
  static const char *const slot_names[] = {"momentum", "velocity"};
  Content *made = NEW(Content);
  made->network = network_create(model, "categorical_cross_entropy");
  size_t length = made->network->model->map.length;
  for (size_t i = 0; i < 2; i++) {
    made->slots[i] = NEW_ARRAY(real, length);
    fill_numbers(step + i, -1, 1, length, made->slots[i]);
  }
  double *sums = NEW_ARRAY(double, 2);
  sums[0] = 12.5, sums[1] = 1.0 / 7;
  made->progress = (Progress){step, 2, 10, 1280, 160, 0.125, {3, 0.5}, 2, sums};
  content_fill_history(&made->history);
  made->facts = (RunFacts){3,
                           2,
                           2,
                           "node1",
                           "OpenBLAS 0.3.21",
                           "Zen",
                           "Open MPI v4.1.4",
                           "lockstep train \"a b.yaml\"",
                           "configs",
                           "2024-01-02T03:04:05Z"};
  made->content = (CheckpointContent){.model = made->network->model,
                                      .config = "seed: 1\nloss: categorical_cross_entropy\n",
                                      .seed = 1,
                                      .shards = 8,
                                      .data_hash = "00112233445566778899aabbccddeeff",
                                      .progress = &made->progress,
                                      .history = &made->history,
                                      .facts = &made->facts,
                                      .parameters = made->network->parameters,
                                      .optimizer = "adam",
                                      .n_slots = 2,
                                      .slot_names = slot_names,
                                      .slots = (const real *const *)made->slots};
  return made;
}

static void content_destroy(Content *made) {
  history_release(&made->history);
  memory_release(made->progress.epoch_sums);
  for (size_t i = 0; i < 2; i++) memory_release(made->slots[i]);
  network_destroy(made->network);
  memory_release(made);
}
