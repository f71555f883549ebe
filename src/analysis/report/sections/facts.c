/* What ran, where and on what. */

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "report/table.h"
#include "analysis/report/report_section.h"

static void begin_fact(Html *page, const char *kind, const char *label) {
  html_begin(page, kind);
  html_element(page, "dt", "%s", label);
  html_begin(page, "dd");
}

static void end_fact(Html *page) {
  html_end(page, "dd");
  html_end(page, "div");
}

static void fact(Html *page, const char *label, const char *value) {
  begin_fact(page, "div", label);
  html_text(page, "%s", value);
  end_fact(page);
}

/* A word for machines, in their script; `kind` as html_begin has it. */
static void code_fact(Html *page, const char *kind, const char *label, const char *value) {
  begin_fact(page, kind, label);
  html_element(page, "code", "%s", value);
  end_fact(page);
}

static void write_training(const ReportRun *run, Html *page) {
  const RunConfig *config = &run->model->config;
  const TrainingSettings *training = &config->training;
  const Progress *progress = checkpoint_progress(run->model->checkpoint);
  char a[NUMBER_TEXT_BYTES], b[NUMBER_TEXT_BYTES];
  fact(page, "loss", config->loss.kind->name);
  fact(page, "optimizer", checkpoint_optimizer(run->model->checkpoint));

  begin_fact(page, "div", "batch");
  if (training->batch_size > 0) {
    html_text(page, "%s samples", text_count(a, (unsigned long long)training->batch_size));
  } else {
    html_text(page, "all samples");
  }
  html_text(page, " in %lld shards", (long long)training->shards);
  end_fact(page);

  begin_fact(page, "div", "progress");
  html_text(page, "epoch %llu of %lld, step %s, %s samples seen",
            (unsigned long long)progress->epoch, (long long)training->epochs,
            text_count(a, progress->step), text_count(b, progress->samples_seen));
  end_fact(page);
  fact(page, "seed", text_real(a, (double)config->seed));
}

static void write_machine(const RunFacts *facts, Html *page) {
  begin_fact(page, "div", "ranks");
  html_text(page, "%lld on %lld host%s", (long long)facts->ranks, (long long)facts->hosts,
            facts->hosts == 1 ? "" : "s");
  end_fact(page);
  begin_fact(page, "div", "created");
  html_text(page, "%s on %s", facts->created, facts->host);
  end_fact(page);
  begin_fact(page, "div", "engine");
  html_text(page, "%s, %s kernels", facts->engine, facts->kernel_family);
  end_fact(page);
  fact(page, "MPI", facts->mpi);
}

static void write_layers(const TrainedModel *trained, Html *page) {
  static const char *const headers[] = {"layer", "kind", "output", "parameters"};
  const Model *model = trained->model;
  TextTable *table = text_table_create(4, headers);
  for (size_t i = 0; i < model->n_layers; i++) {
    const Layer *layer = &model->layers[i];
    char shape[SHAPE_TEXT_BYTES], number[NUMBER_TEXT_BYTES];
    text_table_add(table,
                   (const char *const[]){layer->name, layer->setting->kind->name,
                                         shape_text(&layer->output, shape),
                                         text_count(number, model_layer_parameters(model, layer))});
  }
  html_element(page, "h3", "Model");
  text_table_html(table, page);
  text_table_destroy(table);
  char number[NUMBER_TEXT_BYTES], shape[SHAPE_TEXT_BYTES];
  html_element(page, "p.soft", "%s parameters; input %s", text_count(number, model->map.count),
               shape_text(&model->input, shape));
}

static void write_run(const ReportRun *run, Html *page) {
  const Checkpoint *checkpoint = run->model->checkpoint;
  const RunFacts *facts = checkpoint_facts(checkpoint);
  html_begin(page, "dl.facts");
  write_training(run, page);
  write_machine(facts, page);
  code_fact(page, "div", "parameters", checkpoint_parameter_hash(checkpoint));
  code_fact(page, "div", "data", checkpoint_data_hash(checkpoint));
  code_fact(page, "div.wide", "command", facts->command_line);
  code_fact(page, "div.wide", "checkpoint", checkpoint_path(checkpoint));
  html_end(page, "dl");
  write_layers(run->model, page);
}

const ReportSection facts_section = {
    .name = "run",
    .title = "What ran",
    .write_run = write_run,
};
