/* `lockstep gradcheck`: backpropagation against central differences, on a run's own network.
 *
 * Differences need the digits of double, so the float program hands its words to lockstep_f64,
 * which is built from the same sources and lies beside it.
 */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/command_json.h"
#include "distributed/communicator.h"
#include "io/path.h"
#include "math/product.h"
#include "model/gradient_check.h"
#include "report/table.h"
#include "training/run_data.h"

enum { KEY_SAMPLES = 1000, KEY_JSON, MOST_SAMPLES = 100000 };

typedef struct GradcheckWords {
  const char *config;
  TextList changes;
  long samples;
  bool json;
} GradcheckWords;

static const struct argp_option options[] = {
    {"set", 's', "KEY=VALUE", 0, "Change one key of the configuration; may be given again", 0},
    {"samples", KEY_SAMPLES, "N", 0, "Use the first N training samples (default: 8)", 0},
    {"json", KEY_JSON, NULL, 0, "Print a JSON object", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static error_t read_samples(GradcheckWords *words, const char *argument, struct argp_state *state) {
  char *end;
  words->samples = strtol(argument, &end, 10);
  if (!*end && words->samples >= 1 && words->samples <= MOST_SAMPLES) return 0;
  argp_error(state, "--samples: found '%s', expected a whole number from 1 to %d", argument,
             MOST_SAMPLES);
  return EINVAL;
}

static error_t parse_word(int key, char *argument, struct argp_state *state) {
  GradcheckWords *words = state->input;
  switch (key) {
  case 's': text_list_add(&words->changes, argument); return 0;
  case KEY_SAMPLES: return read_samples(words, argument, state);
  case KEY_JSON: words->json = true; return 0;
  default: return command_take_config(&words->config, key, argument, state);
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_word,
    .args_doc = "CONFIG",
    .doc =
        "Compare the gradient of the network that CONFIG describes, at its initial parameters, "
        "with central differences of its loss.\v"
        "Example:\n"
        "  lockstep gradcheck configs/mnist_512.yaml --samples 16\n"
        "\n"
        "Computes in double, in lockstep_f64 beside this program. At most 256 elements of every "
        "tensor are checked, always the same. The exit code is 70 if the largest relative error "
        "is 1e-6 or more. An element whose step crosses the kink of a relu can show an error "
        "that is no bug: another seed then shows none.\n"
        "\n"
        "--json prints loss, error (the largest), limit, and tensors: layer, name, shape, checked, "
        "error, element (the worst), backpropagation and difference (its gradient).",
};

#ifdef LOCKSTEP_REAL_DOUBLE

/* A right gradient in double stays far below it, a wrong one far above. */
static const double MOST_ERROR = 1e-6;

enum { ELEMENTS_PER_TENSOR = 256 };

static void print_check(const GradientCheck *check) {
  static const char *const headers[] = {"tensor",  "shape",           "checked",   "error",
                                        "element", "backpropagation", "difference"};
  TextTable *table = text_table_create(7, headers);
  for (size_t i = 0; i < check->n_tensors; i++) {
    const TensorCheck *tensor = &check->tensors[i];
    char name[2 * TENSOR_NAME_BYTES], shape[SHAPE_TEXT_BYTES], cells[5][NUMBER_TEXT_BYTES];
    snprintf(name, sizeof name, "%s/%s", tensor->tensor->layer, tensor->tensor->name);
    text_count(cells[0], tensor->n_checked);
    snprintf(cells[1], NUMBER_TEXT_BYTES, "%.2g", tensor->error);
    snprintf(cells[2], NUMBER_TEXT_BYTES, "%zu", tensor->worst);
    snprintf(cells[3], NUMBER_TEXT_BYTES, "%.9g", tensor->analytic);
    snprintf(cells[4], NUMBER_TEXT_BYTES, "%.9g", tensor->numeric);
    const char *row[] = {
        name,    shape_text(&tensor->tensor->shape, shape), cells[0], cells[1], cells[2], cells[3],
        cells[4]};
    text_table_add(table, row);
  }
  char *text = text_table_text(table);
  printf("%sloss %.6g, largest relative error %.2g\n", text, check->loss, check->error);
  memory_release(text);
  text_table_destroy(table);
}

static void print_check_json(const GradientCheck *check) {
  Json *document = json_new_object(), *tensors = json_new_array();
  for (size_t i = 0; i < check->n_tensors; i++) {
    const TensorCheck *tensor = &check->tensors[i];
    Json *entry = json_new_object();
    json_put_text(entry, "layer", tensor->tensor->layer);
    json_put_text(entry, "name", tensor->tensor->name);
    json_put(entry, "shape", command_shape_json(&tensor->tensor->shape));
    json_put_whole(entry, "checked", (int64_t)tensor->n_checked);
    json_put_real(entry, "error", tensor->error);
    json_put_whole(entry, "element", (int64_t)tensor->worst);
    json_put_real(entry, "backpropagation", tensor->analytic);
    json_put_real(entry, "difference", tensor->numeric);
    json_add(tensors, entry);
  }
  json_put_real(document, "loss", check->loss);
  json_put_real(document, "error", check->error);
  json_put_real(document, "limit", MOST_ERROR);
  json_put(document, "tensors", tensors);
  command_print_json(document);
}

/* Speaks of the tensor that is worst. An error that is not a number is no small one. */
static Status judge(const GradientCheck *check) {
  if (check->error < MOST_ERROR) return OK;
  const TensorCheck *worst = check->tensors;
  while (!isnan(worst->error) && worst->error < check->error) worst++;
  return fail(ERR_INTERNAL,
              "%s/%s: found the gradient %.9g for element %zu, but the loss changes by %.9g: a "
              "relative error of %.2g, expected less than %g",
              worst->tensor->layer, worst->tensor->name, worst->analytic, worst->worst,
              worst->numeric, worst->error, MOST_ERROR);
}

/* The first samples as one batch, in as many shards as a batch of the run has. */
static Status check_samples(const RunConfig *config, const Model *model, const Dataset *dataset,
                            const GradcheckWords *words) {
  size_t most_samples = (size_t)words->samples;
  Samples samples = {.dataset = dataset, .scale = config->data.scale};
  Sampler in_order = {.samples = &samples};
  size_t n = samples_count(&samples);
  const TrainingSettings *training = &config->training;
  size_t batch_size = training->batch_size ? (size_t)training->batch_size : n;
  real *parameters = NEW_ARRAY(real, model->map.length);
  model_initialize(model, (uint64_t)config->seed, parameters);

  Batch batch = {.parameters = parameters,
                 .n_rows = n < most_samples ? n : most_samples,
                 .n_shards =
                     training->shards ? (size_t)training->shards : shard_count_auto(batch_size),
                 .seed = (uint64_t)config->seed,
                 .rows = run_data_rows(&in_order)};
  GradientCheck check = gradient_check(model, &batch, ELEMENTS_PER_TENSOR);
  if (words->json) print_check_json(&check);
  if (!words->json) print_check(&check);
  Status status = judge(&check);
  gradient_check_release(&check);
  memory_release(parameters);
  return status;
}

static Status check_config(const RunConfig *config, const GradcheckWords *words) {
  Model *model;
  Dataset dataset = {0};
  TRY(product_start(PRODUCT_AUTO));
  TRY(model_create(&config->model, &config->loss, &config->metrics, &model));
  Status status = run_data_read_set(config, &config->data.train, model, true, NULL, &dataset);
  if (status == OK) status = check_samples(config, model, &dataset, words);
  dataset_release(&dataset);
  model_destroy(model);
  return status;
}

static Status gradcheck(const GradcheckWords *words, int argc, char **argv) {
  (void)argc, (void)argv;
  RunConfig config;
  TRY(run_config_read(words->config, &words->changes, &config));
  Status status = check_config(&config, words);
  run_config_release(&config);
  return status;
}

#else

/* Becomes the program of double precision, with the same words. Returns only if that fails. */
static Status gradcheck(const GradcheckWords *words, int argc, char **argv) {
  (void)words;
  char self[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (length < 0) return fail(ERR_INTERNAL, "/proc/self/exe: cannot read: %s", strerror(errno));
  self[length] = '\0';
  char *folder = path_folder(self);
  Text program = {0};
  text_append(&program, "%s/lockstep_f64", folder);
  memory_release(folder);

  /* Its name, the command, the rest, and the NULL that execv wants. */
  char **words_of_program = NEW_ARRAY(char *, (size_t)argc + 2);
  words_of_program[0] = program.bytes;
  memcpy(words_of_program + 1, argv, (size_t)argc * sizeof *argv);
  execv(program.bytes, words_of_program);
  Status status =
      fail(ERR_NO_INPUT, "%s: cannot start the program that checks: %s; `make` builds it",
           program.bytes, strerror(errno));
  memory_release(words_of_program);
  text_release(&program);
  return status;
}

#endif

static Status run_command(int argc, char **argv) {
  GradcheckWords words = {.samples = 8};
  bool done;
  Status status = command_parse(&parser, argc, argv, &words, &done);
  /* One rank is enough: the others of a launcher have nothing to do. */
  if (status == OK && !done && communicator_expected_rank() == 0) {
    log_set_level(LOG_WARNINGS);
    status = gradcheck(&words, argc, argv);
  }
  text_list_release(&words.changes);
  return status;
}

const Command gradcheck_command = {
    .name = "gradcheck",
    .summary = "compare a network's gradient with differences of its loss",
    .run = run_command,
};
