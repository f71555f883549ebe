/* `lockstep predict`: what a checkpoint's model says of samples, as CSV or JSON, and where it is
 * wrong. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "commands/command.h"
#include "commands/output_files.h"
#include "commands/sample_file.h"
#include "distributed/communicator.h"
#include "io/file.h"
#include "io/png.h"
#include "analysis/assessment.h"
#include "analysis/chosen_data.h"
#include "analysis/mistake_sheet.h"
#include "analysis/predictions.h"

typedef struct PredictWords {
  const char *checkpoint;
  TextList changes;
  SampleFile file;      /* the samples, or: */
  bool on;              /* data of the configuration */
  DataChoice data;      /* which */
  const char *output;   /* NULL: standard output */
  const char *pictures; /* NULL: not wanted */
  size_t top;           /* 0: all classes */
  bool json, wrong;
} PredictWords;

enum {
  KEY_INPUT = 1000,
  KEY_TARGETS,
  KEY_TARGET,
  KEY_FORMAT,
  KEY_NO_HEADER,
  KEY_ON,
  KEY_TOP,
  KEY_WRONG,
  KEY_PICTURES,
  KEY_OUTPUT,
  KEY_JSON,
};

static const struct argp_option options[] = {
    {"input", KEY_INPUT, "FILE", 0, "The samples: an IDX or CSV file, plain or gzipped", 0},
    {"targets", KEY_TARGETS, "FILE", 0, "IDX: the file of their targets, for --wrong", 0},
    {"target", KEY_TARGET, "COLUMN", 0,
     "CSV: the column of their targets, for --wrong: its name, or its index from 0", 0},
    {"format", KEY_FORMAT, "FORMAT", 0,
     "idx or csv (default: csv where FILE ends in .csv or .csv.gz, else idx)", 0},
    {"no-header", KEY_NO_HEADER, NULL, 0, "The first row of the CSV file is a sample already", 0},
    {"on", KEY_ON, "DATA", 0, "Instead of a file: the configuration's train, validation or test",
     0},
    {"set", 's', "KEY=VALUE", 0,
     "Change one key of the stored configuration, such as data.test.inputs; may be given again", 0},
    {"top", KEY_TOP, "K", 0, "Only the K classes that the model takes for the likeliest", 0},
    {"wrong", KEY_WRONG, NULL, 0, "Only the samples whose class the model mistakes", 0},
    {"pictures", KEY_PICTURES, "FILE.png", 0, "With --wrong: also draw the surest mistakes", 0},
    {"output", KEY_OUTPUT, "FILE", 0, "Where the predictions go (default: standard output)", 0},
    {"json", KEY_JSON, NULL, 0, "A JSON object instead of CSV", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

/* What is wrong with the words taken together; NULL: nothing. */
static const char *contradiction(const PredictWords *words) {
  const SampleFile *file = &words->file;
  bool has_targets = words->on || file->targets || file->target;
  if (!file->inputs && !words->on) return "no samples given, expected --input FILE or --on DATA";
  if (file->inputs && words->on) return "found --input and --on, expected one of them";
  if (words->on && (file->targets || file->target || file->format || file->no_header)) {
    return "found words about a file with --on, expected them with --input";
  }
  if (words->wrong && !has_targets) return "--wrong: expected --targets, --target or --on with it";
  if (!words->wrong && (file->targets || file->target)) return "found targets without --wrong";
  if (!words->wrong && words->pictures) return "--pictures: expected --wrong with it";
  if (words->wrong && words->top) return "found --top and --wrong, expected one of them";
  return NULL;
}

static error_t take_top(PredictWords *words, const char *argument, struct argp_state *state) {
  char *end;
  errno = 0;
  long top = strtol(argument, &end, 10);
  if (errno == 0 && end != argument && *end == '\0' && top > 0) {
    words->top = (size_t)top;
    return 0;
  }
  argp_error(state, "--top: found '%s', expected a number of classes", argument);
  return EINVAL;
}

static error_t check_words(PredictWords *words, struct argp_state *state) {
  error_t error = command_take_checkpoint(&words->checkpoint, ARGP_KEY_END, NULL, state);
  const char *wrong = error ? NULL : contradiction(words);
  if (wrong) argp_error(state, "%s", wrong);
  return wrong ? EINVAL : error;
}

static error_t parse_word(int key, char *argument, struct argp_state *state) {
  PredictWords *words = state->input;
  switch (key) {
  case KEY_INPUT: words->file.inputs = argument; return 0;
  case KEY_TARGETS: words->file.targets = argument; return 0;
  case KEY_TARGET: words->file.target = argument; return 0;
  case KEY_FORMAT: words->file.format = argument; return 0;
  case KEY_NO_HEADER: words->file.no_header = true; return 0;
  case KEY_ON: words->on = true; return command_take_data_choice(&words->data, argument, state);
  case 's': text_list_add(&words->changes, argument); return 0;
  case KEY_TOP: return take_top(words, argument, state);
  case KEY_WRONG: words->wrong = true; return 0;
  case KEY_PICTURES: words->pictures = argument; return 0;
  case KEY_OUTPUT: words->output = argument; return 0;
  case KEY_JSON: words->json = true; return 0;
  case ARGP_KEY_END: return check_words(words, state);
  default: return command_take_checkpoint(&words->checkpoint, key, argument, state);
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_word,
    .args_doc = "CHECKPOINT --input FILE|--on DATA",
    .doc =
        "Predict what the model in CHECKPOINT says of every sample, as CSV, or list the samples "
        "that it mistakes.\v"
        "Example:\n"
        "  lockstep predict runs/digits --input new.csv --output said.csv\n"
        "  lockstep predict runs/mnist_512 --on validation --wrong --pictures wrong.png\n"
        "\n"
        "A row of a CSV file holds the model's inputs, the target if one is named, and nothing "
        "else; data.scale divides the inputs as in training. Paths lie below the folder of the "
        "command, those of --on and --set below the folder of the configuration.\n"
        "\n"
        "Columns: sample, class and a probability for each class (probability_0, ...) of models of "
        "classes; sample, class and probability (of class 1) of a model with one sigmoid output; "
        "sample and outputs (output_0, ...) of others. --top: sample, then class_1 and "
        "probability_1 of the likeliest class, and so on. --wrong: sample, label, prediction and "
        "its probability, the surest mistake first. Where the classes have names, the name stands "
        "after the class. Scores that are no probabilities are called output. Samples and classes "
        "count from 0.\n"
        "\n"
        "--json prints checkpoint, data, samples (their number), and predictions, or with --wrong "
        "mistakes: an array of objects whose keys are the columns.\n"
        "\n"
        "--pictures draws up to 100 samples of height x width numbers, with 1 or 3 channels, or of "
        "a square number of inputs.",
};

/* What is asked of the model's classes. */
static Status check_classes(const PredictWords *words, const TrainedModel *model) {
  OutputForm form = output_form(model->model);
  const char *word = words->wrong ? "--wrong" : words->top ? "--top" : NULL;
  if (word && !form.classes) {
    return fail(ERR_USAGE, "%s: %s: found a model of numbers, expected one of classes",
                checkpoint_path(model->checkpoint), word);
  }
  size_t n_classes = output_class_count(&form);
  if (words->top <= n_classes) return OK;
  return fail(ERR_USAGE, "%s: --top: found %zu, expected 1 to %zu, the model's classes",
              checkpoint_path(model->checkpoint), words->top, n_classes);
}

static Status check_outputs(const PredictWords *words, const TrainedModel *model) {
  const OutputFile outputs[] = {{"--output", words->output}, {"--pictures", words->pictures}};
  const char *const inputs[] = {words->file.inputs, words->file.targets, NULL};
  return output_files_check(outputs, 2, inputs, model);
}

static Status read_samples(const PredictWords *words, const TrainedModel *model, ChosenData *out) {
  if (words->on) return chosen_data_read(model, words->data, out);
  KindSetting setting;
  TRY(sample_file_setting(&words->file, &setting));
  Status status = chosen_data_read_files(model, &setting, words->wrong, out);
  kind_setting_release(&setting);
  return status;
}

static Status write_pictures(const char *path, const TrainedModel *model, const Samples *samples,
                             const Classification *classification) {
  Array sheet;
  TRY(mistake_sheet_draw(model, samples, classification, &sheet));
  size_t count;
  char *bytes = png_encode(&sheet, &count);
  Status status = file_write(path, bytes, count);
  memory_release(bytes);
  array_release(&sheet);
  return status;
}

/* The rows that were asked for. Draws the mistakes where that was asked for, too. */
static Status make_rows(const PredictWords *words, const TrainedModel *model,
                        const Samples *samples, Records **out) {
  if (!words->wrong) {
    *out =
        words->top ? predictions_top(model, samples, words->top) : predictions_all(model, samples);
    return OK;
  }
  Assessment found = assess(model, samples, NULL);
  Status status = OK;
  if (words->pictures) {
    status = write_pictures(words->pictures, model, samples, found.classification);
  }
  if (status == OK) *out = predictions_wrong(found.classification, samples);
  assessment_release(&found);
  return status;
}

static char *rows_text(const PredictWords *words, const TrainedModel *model, const ChosenData *data,
                       const Records *rows) {
  if (!words->json) return records_csv(rows);
  Json *document = json_new_object();
  json_put_text(document, "checkpoint", checkpoint_path(model->checkpoint));
  json_put_text(document, "data", data->name);
  json_put_whole(document, "samples", (int64_t)samples_count(&data->samples));
  json_put(document, words->wrong ? "mistakes" : "predictions", records_json(rows));
  char *indented = json_text(document, true);
  Text text = {0};
  text_append(&text, "%s\n", indented);
  memory_release(indented);
  json_release(document);
  return text_take(&text);
}

static Status put_text(const char *path, const char *text) {
  if (path) return file_write(path, text, strlen(text));
  fputs(text, stdout);
  return OK;
}

static Status predict(const PredictWords *words, TrainedModel *model, ChosenData *data) {
  TRY(trained_model_open(words->checkpoint, &words->changes, model));
  TRY(check_classes(words, model));
  TRY(check_outputs(words, model));
  TRY(read_samples(words, model, data));

  Records *rows;
  TRY(make_rows(words, model, &data->samples, &rows));
  char *text = rows_text(words, model, data, rows);
  Status status = put_text(words->output, text);
  memory_release(text);
  records_destroy(rows);
  return status;
}

static Status run_command(int argc, char **argv) {
  PredictWords words = {0};
  bool done;
  Status status = command_parse(&parser, argc, argv, &words, &done);
  /* One rank is enough: the others of a launcher have nothing to do. */
  if (status == OK && !done && communicator_expected_rank() == 0) {
    log_set_level(LOG_WARNINGS);
    TrainedModel model = {0};
    ChosenData data = {0};
    status = predict(&words, &model, &data);
    chosen_data_release(&data);
    trained_model_close(&model);
  }
  text_list_release(&words.changes);
  return status;
}

const Command predict_command = {
    .name = "predict",
    .summary = "say what a checkpoint's model makes of samples, and where it is wrong",
    .run = run_command,
};
