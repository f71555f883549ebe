/* `lockstep predict`: the outputs of a checkpoint's model for new samples, as CSV. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "commands/command.h"
#include "distributed/communicator.h"
#include "model/evaluation.h"
#include "storage/predictions_file.h"
#include "training/run_data.h"
#include "training/trained_model.h"

typedef struct PredictWords {
  const char *checkpoint, *input;
  const char *output; /* NULL: standard output */
  const char *format; /* NULL: by the name of the input */
  bool no_header;
} PredictWords;

enum { KEY_INPUT = 1000, KEY_OUTPUT, KEY_FORMAT, KEY_NO_HEADER };

static const struct argp_option options[] = {
    {"input", KEY_INPUT, "FILE", 0, "The samples: an IDX or CSV file, plain or gzipped", 0},
    {"output", KEY_OUTPUT, "FILE.csv", 0, "Where the predictions go (default: standard output)", 0},
    {"format", KEY_FORMAT, "FORMAT", 0,
     "idx or csv (default: csv where FILE ends in .csv or .csv.gz, else idx)", 0},
    {"no-header", KEY_NO_HEADER, NULL, 0, "The first row of the CSV file is a sample already", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static error_t check_words(const PredictWords *words, struct argp_state *state) {
  bool known =
      !words->format || strcmp(words->format, "idx") == 0 || strcmp(words->format, "csv") == 0;
  if (!words->checkpoint) {
    argp_error(state, "no checkpoint given, expected an .h5 file or a run's folder");
    return EINVAL;
  }
  if (!words->input) {
    argp_error(state, "no samples given, expected --input FILE");
    return EINVAL;
  }
  if (known) return 0;
  argp_error(state, "--format: found '%s', expected idx or csv", words->format);
  return EINVAL;
}

static error_t parse_word(int key, char *argument, struct argp_state *state) {
  PredictWords *words = state->input;
  switch (key) {
  case KEY_INPUT: words->input = argument; return 0;
  case KEY_OUTPUT: words->output = argument; return 0;
  case KEY_FORMAT: words->format = argument; return 0;
  case KEY_NO_HEADER: words->no_header = true; return 0;
  case ARGP_KEY_ARG:
    if (words->checkpoint) {
      argp_error(state, "found a second checkpoint '%s', expected one", argument);
      return EINVAL;
    }
    words->checkpoint = argument;
    return 0;
  case ARGP_KEY_END: return check_words(words, state);
  default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_word,
    .args_doc = "CHECKPOINT --input FILE",
    .doc = "Predict what the model in CHECKPOINT says of every sample in FILE, as CSV.\v"
           "Example:\n"
           "  lockstep predict runs/digits/checkpoints/last.h5 --input new.csv --output said.csv\n"
           "\n"
           "A row of a CSV file holds the model's inputs and nothing else; data.scale divides them "
           "as in training. Models of classes give sample, class and a probability for each class; "
           "a model with one sigmoid output sample, class and probability; others sample and "
           "outputs. Samples and classes count from 0.",
};

static bool ends_in(const char *text, const char *end) {
  size_t length = strlen(text), end_length = strlen(end);
  return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* The data format as a configuration would name it. */
static Status read_samples(const PredictWords *words, Dataset *out) {
  const char *input = words->input;
  bool is_csv = words->format ? strcmp(words->format, "csv") == 0
                              : ends_in(input, ".csv") || ends_in(input, ".csv.gz");
  Text yaml = {0};
  text_append(&yaml, "{%s: {inputs: ", is_csv ? "csv" : "idx");
  yaml_append_scalar(&yaml, input);
  if (is_csv) text_append(&yaml, ", header: %s", words->no_header ? "false" : "true");
  text_append(&yaml, "}}");

  KindSetting setting;
  Status status = kind_setting_read(&dataset_kinds, yaml.bytes, &setting);
  if (status == OK) status = dataset_read(&setting, ".", out);
  kind_setting_release(&setting);
  text_release(&yaml);
  return status;
}

static Status check_width(const Model *model, const Dataset *dataset) {
  const DatasetDescription *description = &dataset->description;
  size_t found = shape_count(&description->input_shape), expected = model_input_width(model);
  if (found == expected) return OK;
  return fail(ERR_DATA, "%s: found samples of %zu numbers, expected %zu, the model's inputs alone",
              description->name, found, expected);
}

static Predictions predict_samples(const TrainedModel *model, const Samples *samples) {
  OutputForm form = output_form(model->model);
  Predictions predictions = predictions_begin(&form);
  Sampler in_order = {.samples = samples};
  RowSource rows = run_data_rows(&in_order);
  Evaluation *evaluation = evaluation_create(model->model, &rows, samples_count(samples));
  for (size_t b = 0; b < evaluation_block_count(evaluation); b++) {
    size_t n = range_count(evaluation_block_rows(evaluation, b));
    predictions_add(&predictions, n, evaluation_predict(evaluation, model->parameters, b));
  }
  evaluation_destroy(evaluation);
  return predictions;
}

static Status print_predictions(const Predictions *predictions) {
  fputs(predictions->text.bytes, stdout);
  if (fflush(stdout) == 0) return OK;
  return fail(ERR_IO, "standard output: cannot write: %s", strerror(errno));
}

static Status predict(const PredictWords *words, TrainedModel *model, Dataset *dataset) {
  TRY(trained_model_open(words->checkpoint, NULL, model));
  TRY(read_samples(words, dataset));
  TRY(check_width(model->model, dataset));

  Samples samples = {.dataset = dataset, .scale = model->config.data.scale};
  Predictions predictions = predict_samples(model, &samples);
  Status status = words->output ? predictions_write(&predictions, words->output)
                                : print_predictions(&predictions);
  predictions_release(&predictions);
  return status;
}

static Status run_command(int argc, char **argv) {
  PredictWords words = {0};
  bool done;
  TRY(command_parse(&parser, argc, argv, &words, &done));
  /* One rank is enough: the others of a launcher have nothing to do. */
  if (done || communicator_expected_rank() != 0) return OK;

  log_set_level(LOG_WARNINGS);
  TrainedModel model = {0};
  Dataset dataset = {0};
  Status status = predict(&words, &model, &dataset);
  dataset_release(&dataset);
  trained_model_close(&model);
  return status;
}

const Command predict_command = {
    .name = "predict",
    .summary = "say what a checkpoint's model makes of new samples",
    .run = run_command,
};
