/* `lockstep eval`: loss and metrics of a checkpoint's model on whole data sets. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "commands/command.h"
#include "data/class_names.h"
#include "distributed/agreement.h"
#include "io/json.h"
#include "math/product.h"
#include "training/assessment.h"
#include "training/run_data.h"
#include "training/trained_model.h"

/* Which samples, in the order of `data_names`. */
typedef enum DataChoice { DATA_TRAIN, DATA_VALIDATION, DATA_TEST, DATA_DEFAULT } DataChoice;

static const char *const data_names[] = {"train", "validation", "test", NULL};

typedef struct EvalWords {
  const char *checkpoint;
  TextList changes;
  DataChoice data;
  bool json;
} EvalWords;

enum { KEY_ON = 1000, KEY_JSON };

static const struct argp_option options[] = {
    {"set", 's', "KEY=VALUE", 0,
     "Change one key of the stored configuration, such as data.test.inputs; may be given again", 0},
    {"on", KEY_ON, "DATA", 0,
     "train, validation or test (default: the last of them that the configuration has)", 0},
    {"json", KEY_JSON, NULL, 0, "Print a JSON object", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static error_t choose_data(EvalWords *words, const char *name, struct argp_state *state) {
  for (words->data = DATA_TRAIN; data_names[words->data]; words->data++) {
    if (strcmp(data_names[words->data], name) == 0) return 0;
  }
  argp_error(state, "--on: found '%s', expected train, validation or test", name);
  return EINVAL;
}

static error_t parse_word(int key, char *argument, struct argp_state *state) {
  EvalWords *words = state->input;
  switch (key) {
  case 's': text_list_add(&words->changes, argument); return 0;
  case KEY_ON: return choose_data(words, argument, state);
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
        "names.\v"
        "Example:\n"
        "  lockstep eval runs/mnist_512/checkpoints/last.h5 --on validation\n"
        "\n"
        "Alone it computes by itself; under launch/local or mpirun the ranks share the work, to "
        "the same digits on any number of them. Relative paths lie below the folder of the "
        "configuration that was trained.\n"
        "\n"
        "--json prints checkpoint, data, samples, and a number for the loss and for each metric.",
};

/* The samples to evaluate, and what they lie in. Must not move. */
typedef struct EvalData {
  RunData run;     /* where a part of the training samples is asked for */
  Dataset set;     /* else: what is asked for, read by itself */
  Samples samples; /* of one of the two */
} EvalData;

static void release_data(EvalData *data) {
  run_data_release(&data->run);
  dataset_release(&data->set);
}

static const KindSetting *setting_of(const DataSettings *data, DataChoice choice) {
  return choice == DATA_TRAIN        ? &data->train
         : choice == DATA_VALIDATION ? &data->validation
                                     : &data->test;
}

/* What `eval` takes when it is not told otherwise; fails where the configuration lacks the data. */
static Status resolve_choice(const TrainedModel *model, DataChoice *choice) {
  const DataSettings *data = &model->config.data;
  if (*choice == DATA_DEFAULT) {
    *choice = data->test.kind ? DATA_TEST : data->validation.kind ? DATA_VALIDATION : DATA_TRAIN;
  }
  if (setting_of(data, *choice)->kind) return OK;
  const char *name = data_names[*choice];
  return fail(ERR_CONFIG, "%s: data.%s: the stored configuration has none; set it with --set",
              checkpoint_path(model->checkpoint), name);
}

/* The index of a text class is its place among those of the training samples. */
static Status match_classes(const TrainedModel *model, Dataset *set) {
  if (set->description.n_class_names == 0) return OK;
  const RunConfig *config = &model->config;
  Dataset reference;
  TRY(run_data_read_set(config, &config->data.train, model->model, true, NULL, &reference));
  Status status = dataset_match_classes(&reference, set);
  dataset_release(&reference);
  return status;
}

static Status read_part_of_training(const TrainedModel *model, DataChoice choice, EvalData *data) {
  TRY(run_data_read(&model->config, model->model, NULL, &data->run));
  data->samples = choice == DATA_TRAIN ? data->run.train : data->run.validation;
  return OK;
}

static Status read_data(const TrainedModel *model, DataChoice choice, EvalData *data) {
  const RunConfig *config = &model->config;
  bool is_split = config->data.validation.kind == &split_kind;
  if (is_split && choice != DATA_TEST) return read_part_of_training(model, choice, data);

  TRY(run_data_read_set(config, setting_of(&config->data, choice), model->model, true, NULL,
                        &data->set));
  data->samples = (Samples){.dataset = &data->set, .scale = config->data.scale};
  return choice == DATA_TRAIN ? OK : match_classes(model, &data->set);
}

/* Everything that a rank does before the ranks work together. */
static Status prepare(const EvalWords *words, TrainedModel *model, DataChoice *choice,
                      EvalData *data) {
  TRY(trained_model_open(words->checkpoint, &words->changes, model));
  TRY(resolve_choice(model, choice));
  return read_data(model, *choice, data);
}

/* Ranks whose models, libraries or samples differ would mix numbers of different things. */
static Status check_ranks_alike(Communicator *communicator, const TrainedModel *model,
                                const EvalData *data) {
  char hash[HASH_TEXT_BYTES];
  dataset_hash(data->samples.dataset, hash);
  TRY(agree_same(communicator, ERR_DATA, "the hash of the samples", hash));
  parameters_hash(&model->model->map, model->parameters, hash);
  TRY(agree_same(communicator, ERR_DATA, "the hash of the parameters", hash));
  return agree_same(communicator, ERR_CONFIG, "the kernel family of the matrix library",
                    product_kernel_family());
}

static void print_text(const Model *model, const double *values, const char *data, size_t n) {
  printf("loss %.6g\n", values[0]);
  for (size_t i = 0; i < model->n_metrics; i++) {
    printf("%s %.6g\n", model->metrics[i]->kind.name, values[1 + i]);
  }
  printf("samples %zu\ndata %s\n", n, data);
}

static void print_json(const TrainedModel *model, const double *values, const char *data,
                       size_t n) {
  Json *document = json_new_object();
  json_put_text(document, "checkpoint", checkpoint_path(model->checkpoint));
  json_put_text(document, "data", data);
  json_put_whole(document, "samples", (int64_t)n);
  json_put_real(document, "loss", values[0]);
  for (size_t i = 0; i < model->model->n_metrics; i++) {
    json_put_real(document, model->model->metrics[i]->kind.name, values[1 + i]);
  }
  char *text = json_text(document, true);
  puts(text);
  memory_release(text);
  json_release(document);
}

/* communicator NULL: this process is alone. */
static Status eval(const EvalWords *words, Communicator *communicator) {
  TrainedModel model = {0};
  EvalData data = {0};
  DataChoice choice = words->data;
  Status status = prepare(words, &model, &choice, &data);
  if (communicator) {
    status = agree(communicator, status);
    if (status == OK) status = check_ranks_alike(communicator, &model, &data);
  }
  if (status == OK) {
    Assessment found = assess(&model, &data.samples, communicator);
    if (!communicator || communicator_rank(communicator) == 0) {
      const char *name = data_names[choice];
      if (words->json) print_json(&model, found.values, name, found.n_samples);
      if (!words->json) print_text(model.model, found.values, name, found.n_samples);
    }
    assessment_release(&found);
  }
  release_data(&data);
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
    .summary = "compute loss and metrics of a checkpoint's model",
    .run = run_command,
};
