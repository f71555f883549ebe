#include "training/run_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static void append_layers(const Model *model, Text *text) {
  static const char *const headers[] = {"layer", "kind", "output", "parameters"};
  TextTable *table = text_table_create(4, headers);
  for (size_t i = 0; i < model->n_layers; i++) {
    const Layer *layer = &model->layers[i];
    size_t count = model_layer_parameters(model, layer);
    char shape[SHAPE_TEXT_BYTES], number[NUMBER_TEXT_BYTES];
    const char *cells[] = {layer->name, layer->setting->kind->name,
                           shape_text(&layer->output, shape), text_count(number, count)};
    text_table_add(table, cells);
  }
  char *lines = text_table_text(table);
  text_append(text, "%s", lines);
  memory_release(lines);
  text_table_destroy(table);
}

static void append_data(const Run *run, Text *text) {
  char number[NUMBER_TEXT_BYTES];
  size_t n_train = samples_count(&run->data.train);
  text_append(text, "data        %s training sample%s", text_count(number, n_train),
              text_plural(n_train));
  if (run->data.has_validation) {
    text_append(text, ", %s for validation",
                text_count(number, samples_count(&run->data.validation)));
  }
  text_append(text, "\n");
}

/* "16", or "15 to 16" where the shards of a batch differ. */
static void append_rows_per_shard(const Run *run, Text *text) {
  size_t n = run->batch_size, s = run->plan.n_shards;
  size_t fewest = n / s, most = (n + s - 1) / s;
  text_append(text, "%zu", fewest);
  if (most > fewest) text_append(text, " to %zu", most);
}

static void append_batches(const Run *run, Text *text) {
  const TrainingSettings *training = &run->config.training;
  char number[NUMBER_TEXT_BYTES];
  long long epochs = training->epochs, steps = training->steps;
  text_append(text, "batch       %zu sample%s in %zu shard%s of ", run->batch_size,
              text_plural(run->batch_size), run->plan.n_shards, text_plural(run->plan.n_shards));
  append_rows_per_shard(run, text);
  text_append(text, "; %s step%s an epoch, %lld epoch%s", text_count(number, run->steps_per_epoch),
              text_plural(run->steps_per_epoch), epochs, text_plural((size_t)epochs));
  if (steps > 0) text_append(text, ", at most %lld step%s", steps, text_plural((size_t)steps));
  text_append(text, "\n");
}

/* The rate that the steps are made with, where it is not the one that was written down. */
static void append_learning_rate(const Run *run, Text *text) {
  const OptimizerOptions *options = run->config.optimizer.options;
  if (options->scale_learning_rate == RATE_SCALING_NONE) return;
  text_append(text, "learning    rate %.6g: %.6g at batch %lld, scaled %s\n",
              optimizer_scaled_rate(&run->config.optimizer, run->batch_size),
              options->learning_rate, (long long)options->base_batch_size,
              options->scale_learning_rate == RATE_SCALING_SQRT ? "by the square root"
                                                                : "linearly");
}

/* Cores without a rank, and the command that would use them, or what stands in its way. */
static void append_idle_cores(const Run *run, Text *text) {
  const CoreUsage *usage = &run->cores;
  size_t cores = (size_t)usage->cores, n_shards = run->plan.n_shards;
  size_t ranks = cores < n_shards ? cores : n_shards;
  text_append(text, ", %d idle: a rank computes on one", core_usage_idle(usage));
  if (run->plan.n_ranks == n_shards) {
    text_append(text, ", and training.shards allows %zu", n_shards);
  } else if (run->facts.hosts == 1 && ranks > run->plan.n_ranks) {
    text_append(text, "; launch/local -n %zu would use %s", ranks, ranks == cores ? "all" : "more");
  }
}

static void append_cores(const Run *run, Text *text) {
  const CoreUsage *usage = &run->cores;
  text_append(text, "cores       %d here", usage->cores);
  if (core_usage_idle(usage) > 0) append_idle_cores(run, text);
  if (usage->ranks > usage->cores) {
    text_append(text, ", shared by %d ranks: slower than a rank for each", usage->ranks);
  }
  text_append(text, "\n");
}

static void append_ranks(const Run *run, Text *text) {
  const RunFacts *facts = &run->facts;
  Range own = shard_plan_leaves(&run->plan, 0);
  text_append(text, "ranks       %lld on %lld host%s, %lld here; %zu shard%s on rank 0\n",
              (long long)facts->ranks, (long long)facts->hosts, text_plural((size_t)facts->hosts),
              (long long)facts->ranks_per_node, range_count(own), text_plural(range_count(own)));
  append_cores(run, text);
  text_append(text, "engine      %s, %s kernels, one thread a rank\n", facts->engine,
              facts->kernel_family);
}

static void append_memory(const Run *run, Text *text) {
  const ParameterMap *map = &run->model->map;
  size_t nodes =
      run->plan.first_of_rank[run->plan.rank + 1] - run->plan.first_of_rank[run->plan.rank];
  double vectors = (double)((1 + (run->pooled ? 0 : nodes)) * map->length * sizeof(real));
  size_t rows = run->pooled ? pooled_gradient_memory_bytes(run->pooled)
                            : gradient_memory_bytes(run->gradient);
  double data = (double)(shape_count(&run->data.train_set.inputs.shape) *
                         dtype_bytes(run->data.train_set.inputs.dtype));
  char a[NUMBER_TEXT_BYTES], b[NUMBER_TEXT_BYTES], c[NUMBER_TEXT_BYTES], d[NUMBER_TEXT_BYTES];
  text_append(text, "memory      %s parameters and gradients, %s activations, %s samples, a rank\n",
              text_bytes(a, vectors), text_bytes(b, (double)rows), text_bytes(c, data));
  text_append(text, "reduction   %s, %s sent a step by rank 0\n",
              reduction_path_names[gradient_reduction_path(run->reduction)],
              text_bytes(d, gradient_reduction_bytes_per_step(run->reduction)));
}

static void append_noise(const Run *run, Text *text) {
  long long every = run->config.report.noise_every;
  if (every == 0) return;
  text_append(text, "noise scale ");
  if (run->noise) {
    char memory[NUMBER_TEXT_BYTES];
    text_append(text, "measured every ");
    if (every > 1) text_append(text, "%lld ", every);
    text_append(text, "step%s, in %s a rank\n", text_plural((size_t)every),
                text_bytes(memory, (double)noise_probe_memory_bytes(run->noise)));
  }
  if (!run->noise) text_append(text, "not measured: that takes two shards or more\n");
}

char *run_plan_text(const Run *run) {
  Text text = {0};
  char number[NUMBER_TEXT_BYTES];
  append_layers(run->model, &text);
  text_append(&text, "%s parameters, %s, %s\n\n", text_count(number, run->model->map.count),
              run->config.loss.kind->name, run->config.optimizer.kind->name);
  append_data(run, &text);
  append_batches(run, &text);
  append_learning_rate(run, &text);
  append_ranks(run, &text);
  append_memory(run, &text);
  append_noise(run, &text);
  return text_take(&text);
}

char *run_noise_text(const Run *run) {
  double scale = noise_scale_value(&run->progress.noise);
  if (isnan(scale)) return NULL;
  double batch = (double)run->batch_size;
  Text text = {0};
  char number[NUMBER_TEXT_BYTES];
  unsigned long long samples = (unsigned long long)fmax(0, rint(scale));
  text_append(&text, "noise scale %s sample%s: ", text_count(number, samples),
              text_plural(samples));
  if (batch < scale / 2) {
    text_append(&text, "larger batches than %zu still pay", run->batch_size);
  } else if (batch > scale * 2) {
    text_append(&text, "batches of %zu repeat themselves; smaller ones need fewer epochs",
                run->batch_size);
  } else {
    text_append(&text, "batches of %zu are about right", run->batch_size);
  }
  return text_take(&text);
}

static bool has_values(const MetricTable *table, size_t column) {
  for (size_t row = 0; row < table->n_rows; row++) {
    if (!isnan(metric_table_at(table, row, column))) return true;
  }
  return false;
}

char *run_value_text(char out[NUMBER_TEXT_BYTES], const char *column, double value) {
  bool is_count = strcmp(column, "epoch") == 0 || strcmp(column, "step") == 0;
  bool is_time = strcmp(column, "seconds") == 0;
  const char *format = is_count ? "%.0f" : is_time ? "%.3f" : "%.4f";
  if (strcmp(column, "learning_rate") == 0 || strcmp(column, "gradient_noise_scale") == 0)
    format = "%.4g";
  snprintf(out, NUMBER_TEXT_BYTES, format, value);
  if (isnan(value)) out[0] = '\0';
  return out;
}

TextTable *run_history_table(const MetricTable *epochs) {
  size_t shown[METRIC_MOST_COLUMNS], n_shown = 0;
  const char *cells[METRIC_MOST_COLUMNS];
  for (size_t i = 0; i < epochs->n_columns; i++) {
    if (has_values(epochs, i)) shown[n_shown++] = i;
  }
  for (size_t i = 0; i < n_shown; i++) cells[i] = epochs->names[shown[i]];
  TextTable *table = text_table_create(n_shown, cells);
  for (size_t row = 0; row < epochs->n_rows; row++) {
    char numbers[METRIC_MOST_COLUMNS][NUMBER_TEXT_BYTES];
    for (size_t i = 0; i < n_shown; i++) {
      double value = metric_table_at(epochs, row, shown[i]);
      cells[i] = run_value_text(numbers[i], epochs->names[shown[i]], value);
    }
    text_table_add(table, cells);
  }
  return table;
}

char *run_history_text(const MetricTable *epochs) {
  TextTable *table = run_history_table(epochs);
  char *text = text_table_text(table);
  text_table_destroy(table);
  return text;
}
