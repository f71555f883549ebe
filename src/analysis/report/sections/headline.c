/* What it is, in one line, and the few numbers that a reader looks for first. */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "analysis/report/report_metric.h"
#include "analysis/report/report_section.h"

static void tile(Html *page, const char *label, const char *value) {
  html_begin(page, "div");
  html_element(page, "dt", "%s", label);
  html_element(page, "dd", "%s", value);
  html_end(page, "div");
}

/* What a metric came to: on the validation samples where there are any. */
static void metric_tile(Html *page, const MetricTable *epochs, const char *metric) {
  char validation[METRIC_NAME_BYTES], label[2 * METRIC_NAME_BYTES], value[NUMBER_TEXT_BYTES];
  snprintf(validation, sizeof validation, "val_%s", metric);
  double on_validation = report_metric_last(epochs, validation);
  double on_training = report_metric_last(epochs, metric);
  bool validated = !isnan(on_validation);
  if (!validated && isnan(on_training)) return;
  report_metric_label(metric, label);
  Text whole = {0};
  text_append(&whole, "%s %s", validated ? "validation" : "training", label);
  snprintf(value, sizeof value, "%.4g", validated ? on_validation : on_training);
  tile(page, whole.bytes, value);
  text_release(&whole);
}

/* "784 → 512 relu → 10 softmax" */
static void append_network(const Model *model, Text *text) {
  text_append(text, "%zu", model_input_width(model));
  for (size_t i = 0; i < model->n_layers; i++) {
    const Layer *layer = &model->layers[i];
    if (layer->n_tensors == 0) continue;
    bool last = i + 1 == model->n_layers;
    const KindSetting *activation = layer->activation;
    if (last && model->output_activation) activation = model->output_activation;
    text_append(text, " → %zu", layer->output_width);
    if (activation) text_append(text, " %s", activation->kind->name);
  }
}

/* The file of the configuration, by its name alone; NULL if the command line names none. */
static char *configuration_name(const char *command_line) {
  char *words = memory_copy_text(command_line), *found = NULL, *rest = words;
  for (char *word; !found && (word = strtok_r(rest, " ", &rest));) {
    size_t length = strlen(word);
    bool is_yaml = (length > 5 && strcmp(word + length - 5, ".yaml") == 0) ||
                   (length > 4 && strcmp(word + length - 4, ".yml") == 0);
    const char *slash = strrchr(word, '/');
    if (is_yaml) found = memory_copy_text(slash ? slash + 1 : word);
  }
  memory_release(words);
  return found;
}

static void write_summary(const ReportRun *run, Html *page) {
  const Checkpoint *checkpoint = run->model->checkpoint;
  const RunFacts *facts = checkpoint_facts(checkpoint);
  char *configuration = configuration_name(facts->command_line);
  Text line = {0};
  if (configuration) text_append(&line, "%s: ", configuration);
  append_network(run->model->model, &line);
  text_append(&line, ", %s, %s, %lld rank%s", run->model->config.loss.kind->name,
              checkpoint_optimizer(checkpoint), (long long)facts->ranks,
              facts->ranks == 1 ? "" : "s");
  html_element(page, "p.soft", "%s", line.bytes);
  text_release(&line);
  memory_release(configuration);
}

static void write_tiles(const ReportRun *run, Html *page) {
  const Checkpoint *checkpoint = run->model->checkpoint;
  const MetricTable *epochs = &checkpoint_history(checkpoint)->epochs;
  const Model *model = run->model->model;
  char number[NUMBER_TEXT_BYTES];
  html_begin(page, "dl.tiles");
  for (size_t i = 0; i < model->n_metrics; i++) {
    metric_tile(page, epochs, model->metrics[i]->kind.name);
  }
  metric_tile(page, epochs, "loss");
  snprintf(number, sizeof number, "%llu of %lld",
           (unsigned long long)checkpoint_progress(checkpoint)->epoch,
           (long long)run->model->config.training.epochs);
  tile(page, "epochs", number);
  tile(page, "training time", text_seconds(number, report_metric_seconds(epochs)));
  tile(page, "parameters", text_count(number, model->map.count));
  html_end(page, "dl");
}

static void write_run(const ReportRun *run, Html *page) {
  write_summary(run, page);
  write_tiles(run, page);
}

const ReportSection headline_section = {.name = "headline", .write_run = write_run};
