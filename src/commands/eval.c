/* `lockstep eval`: loss and metrics of a checkpoint's model on whole data sets, and how each class
 * does. */

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "commands/command.h"
#include "commands/command_json.h"
#include "commands/output_files.h"
#include "distributed/agreement.h"
#include "io/file.h"
#include "math/product.h"
#include "analysis/assessment.h"
#include "analysis/chosen_data.h"
#include "analysis/classification_text.h"
#include "analysis/report/report_page.h"
#include "analysis/report/report_source.h"

typedef struct EvalWords {
  const char *checkpoint;
  TextList changes;
  DataChoice data;
  const char *csv, *report; /* NULL: not wanted */
  bool json;
} EvalWords;

enum { KEY_ON = 1000, KEY_CSV, KEY_REPORT, KEY_JSON };

static const struct argp_option options[] = {
    {"set", 's', "KEY=VALUE", 0,
     "Change one key of the stored configuration, such as data.test.inputs; may be given again", 0},
    {"on", KEY_ON, "DATA", 0,
     "train, validation or test (default: the last of them that the configuration has)", 0},
    {"csv", KEY_CSV, "FILE.csv", 0, "Also write a row for each class", 0},
    {"report", KEY_REPORT, "FILE.html", 0,
     "Also write the page of `lockstep report`, with these samples", 0},
    {"json", KEY_JSON, NULL, 0, "Print a JSON object", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static error_t parse_word(int key, char *argument, struct argp_state *state) {
  EvalWords *words = state->input;
  switch (key) {
  case 's': text_list_add(&words->changes, argument); return 0;
  case KEY_ON: return command_take_data_choice(&words->data, argument, state);
  case KEY_CSV: words->csv = argument; return 0;
  case KEY_REPORT: words->report = argument; return 0;
  case KEY_JSON: words->json = true; return 0;
  default: return command_take_checkpoint(&words->checkpoint, key, argument, state);
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_word,
    .args_doc = "CHECKPOINT",
    .doc =
        "Compute loss and metrics of the model in CHECKPOINT on samples that its configuration "
        "names; for a model of classes also precision, recall and F1 of each class, and the "
        "confusion matrix.\v"
        "Example:\n"
        "  lockstep eval runs/mnist_512/checkpoints/last.h5 --on validation\n"
        "\n"
        "Alone it computes by itself; under launch/local or mpirun the ranks share the work, to "
        "the same digits on any number of them. Relative paths lie below the folder of the "
        "configuration that was trained.\n"
        "\n"
        "--json prints checkpoint, data, samples, and a number for the loss and for each metric; "
        "for a model of classes also classes (name, precision, recall, f1, support), macro (means "
        "of precision, recall and f1 over the classes) and confusion (a row for each label, a "
        "number in it for each prediction; null above 1,000 classes).\n"
        "\n"
        "Columns of --csv: class, name, support, predicted, right, precision, recall, f1, and, up "
        "to 1,000 classes, predicted_0, predicted_1, ...: how many samples of the row's class are "
        "given that class.",
};

/* Before the work: a table of classes is wanted of a model that has none. */
static Status check_classes(const EvalWords *words, const TrainedModel *model) {
  if (!words->csv || output_form(model->model).classes) return OK;
  return fail(ERR_USAGE, "%s: --csv: found a model of numbers, expected one of classes",
              checkpoint_path(model->checkpoint));
}

static Status check_outputs(const EvalWords *words, const TrainedModel *model) {
  const OutputFile outputs[] = {{"--csv", words->csv}, {"--report", words->report}};
  return output_files_check(outputs, 2, NULL, model);
}

/* Everything that a rank does before the ranks work together. */
static Status prepare(const EvalWords *words, TrainedModel *model, ChosenData *data) {
  TRY(trained_model_open(words->checkpoint, &words->changes, model));
  TRY(check_classes(words, model));
  TRY(check_outputs(words, model));
  return chosen_data_read(model, words->data, data);
}

/* Ranks whose models, libraries or samples differ would mix numbers of different things. */
static Status check_ranks_alike(Communicator *communicator, const TrainedModel *model,
                                const ChosenData *data) {
  char hash[HASH_TEXT_BYTES];
  dataset_hash(data->samples.dataset, hash);
  TRY(agree_same(communicator, ERR_DATA, "the hash of the samples", hash));
  parameters_hash(&model->model->map, model->parameters, hash);
  TRY(agree_same(communicator, ERR_DATA, "the hash of the parameters", hash));
  return agree_same(communicator, ERR_CONFIG, "the kernel family of the matrix library",
                    product_kernel_family());
}

static void print_text(const Model *model, const ChosenData *data, const Assessment *found) {
  printf("loss %.6g\n", found->values[0]);
  for (size_t i = 0; i < model->n_metrics; i++) {
    printf("%s %.6g\n", model->metrics[i]->kind.name, found->values[1 + i]);
  }
  printf("samples %zu\ndata %s\n", found->n_samples, data->name);
  if (!found->classification) {
    puts("classes none: the model gives numbers");
    return;
  }
  const DatasetDescription *description = &data->samples.dataset->description;
  command_print_table(classification_scores(found->classification, description));
  command_print_table(classification_confusions(found->classification, description));
}

static void print_json(const TrainedModel *model, const ChosenData *data, const Assessment *found) {
  Json *document = json_new_object();
  json_put_text(document, "checkpoint", checkpoint_path(model->checkpoint));
  json_put_text(document, "data", data->name);
  json_put_whole(document, "samples", (int64_t)found->n_samples);
  json_put_real(document, "loss", found->values[0]);
  for (size_t i = 0; i < model->model->n_metrics; i++) {
    json_put_real(document, model->model->metrics[i]->kind.name, found->values[1 + i]);
  }
  if (found->classification) {
    classification_put_json(found->classification, &data->samples.dataset->description, document);
  }
  command_print_json(document);
}

static Status write_csv(const char *path, const ChosenData *data, const Assessment *found) {
  Records *records =
      classification_records(found->classification, &data->samples.dataset->description);
  char *text = records_csv(records);
  Status status = file_write(path, text, strlen(text));
  memory_release(text);
  records_destroy(records);
  return status;
}

static Status write_report(const EvalWords *words, const TrainedModel *model,
                           const ChosenData *data, const Assessment *found) {
  char *name = report_source_name(words->checkpoint);
  ReportRun run = {.name = name, .model = model, .data = data, .assessment = found};
  Status status = report_page_write(words->report, &run, 1);
  memory_release(name);
  return status;
}

/* What one rank says for all. */
static Status say(const EvalWords *words, const TrainedModel *model, const ChosenData *data,
                  const Assessment *found) {
  if (words->csv) TRY(write_csv(words->csv, data, found));
  if (words->report) TRY(write_report(words, model, data, found));
  if (words->json) print_json(model, data, found);
  if (!words->json) print_text(model->model, data, found);
  return OK;
}

/* communicator NULL: this process is alone. */
static Status eval(const EvalWords *words, Communicator *communicator) {
  TrainedModel model = {0};
  ChosenData data = {0};
  Status status = prepare(words, &model, &data);
  if (communicator) {
    status = agree(communicator, status);
    if (status == OK) status = check_ranks_alike(communicator, &model, &data);
  }
  if (status == OK) {
    Assessment found = assess(&model, &data.samples, communicator);
    bool speaks = !communicator || communicator_rank(communicator) == 0;
    if (speaks) status = say(words, &model, &data, &found);
    if (communicator) status = agree(communicator, status);
    assessment_release(&found);
  }
  chosen_data_release(&data);
  trained_model_close(&model);
  return status;
}

static Status run_command(int argc, char **argv) {
  EvalWords words = {.data = DATA_DEFAULT};
  bool done;
  Status status = command_parse(&parser, argc, argv, &words, &done);
  if (status == OK && !done) {
    Communicator *communicator = communicator_is_launched() ? communicator_open() : NULL;
    bool speaks = !communicator || communicator_rank(communicator) == 0;
    log_set_level(speaks ? LOG_WARNINGS : LOG_SILENT);
    status = eval(&words, communicator);
    command_leave(communicator, status);
  }
  text_list_release(&words.changes);
  return status;
}

const Command eval_command = {
    .name = "eval",
    .summary = "compute loss, metrics and the scores of classes of a checkpoint's model",
    .run = run_command,
};
