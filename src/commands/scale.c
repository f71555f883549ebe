/* `lockstep scale`: how much faster more ranks are. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "commands/command.h"
#include "commands/command_json.h"
#include "experiments/scaling.h"
#include "experiments/scaling_report.h"
#include "report/plot.h"
#include "training/stop_request.h"

typedef struct ScaleWords {
  ScalingSettings settings;
  const char *folder; /* NULL: runs/<config name>_scale */
  bool json, quiet;
} ScaleWords;

enum {
  KEY_RANKS = 1000,
  KEY_MODE,
  KEY_REPEATS,
  KEY_ROUNDS,
  KEY_OUT,
  KEY_LAUNCHER,
  KEY_FORCE,
  KEY_JSON
};
enum { DEFAULT_REPEATS = 5, DEFAULT_ROUNDS = 5 };

static const struct argp_option options[] = {
    {"ranks", KEY_RANKS, "N1,N2,...", 0, "Numbers of ranks to measure (1,2)", 0},
    {"mode", KEY_MODE, "MODE", 0,
     "strong: one batch for all ranks together; weak: one batch for each; both (strong)", 0},
    {"repeats", KEY_REPEATS, "N", 0, "Measurements of each point, in turn (5)", 0},
    {"rounds", KEY_ROUNDS, "N", 0, "Rounds of 40 steps within a measurement (5)", 0},
    {"set", 's', "KEY=VALUE", 0, "Change one key of the configuration; may be given again", 0},
    {"out", KEY_OUT, "DIR", 0, "Folder of the results (runs/<name of the configuration>_scale)", 0},
    {"launcher", KEY_LAUNCHER, "COMMAND", 0,
     "What starts the ranks, such as 'srun -n {ranks}' (launch/local)", 0},
    {"force", KEY_FORCE, NULL, 0, "Remove what an earlier measurement left in the folder", 0},
    {"json", KEY_JSON, NULL, 0, "Print the result as JSON, and nothing else", 0},
    {"quiet", 'q', NULL, 0, "Print the result alone", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static error_t refuse(struct argp_state *state, const char *name, const char *text,
                      const char *expected) {
  argp_error(state, "--%s: found '%s', expected %s", name, text, expected);
  return EINVAL;
}

/* "1,2,4": each above the one before. */
static error_t take_counts(struct argp_state *state, const char *text, ScalingSettings *settings) {
  enum { MOST = 100000 };
  char expected[64];
  snprintf(expected, sizeof expected, "rising numbers from 1 to %d, as in 1,2,4", MOST);
  settings->n_counts = 0;
  memory_release(settings->counts);
  settings->counts = NEW_ARRAY(size_t, strlen(text) + 1);
  for (const char *at = text;;) {
    char *end;
    long count = strtol(at, &end, 10);
    size_t n = settings->n_counts;
    bool rises = n == 0 || (size_t)count > settings->counts[n - 1];
    if (end == at || count < 1 || count > MOST || !rises || (*end && *end != ',')) {
      return refuse(state, "ranks", text, expected);
    }
    settings->counts[settings->n_counts++] = (size_t)count;
    if (!*end) return 0;
    at = end + 1;
  }
}

static error_t take_mode(struct argp_state *state, const char *text, ScalingSettings *settings) {
  bool both = strcmp(text, "both") == 0;
  settings->strong = both || strcmp(text, "strong") == 0;
  settings->weak = both || strcmp(text, "weak") == 0;
  return settings->strong || settings->weak ? 0
                                            : refuse(state, "mode", text, "strong, weak or both");
}

static error_t parse_word(int key, char *argument, struct argp_state *state) {
  ScaleWords *words = state->input;
  ScalingSettings *settings = &words->settings;
  switch (key) {
  case KEY_RANKS: return take_counts(state, argument, settings);
  case KEY_MODE: return take_mode(state, argument, settings);
  case KEY_REPEATS: return command_take_count(state, "repeats", argument, &settings->n_repeats);
  case KEY_ROUNDS: return command_take_count(state, "rounds", argument, &settings->n_rounds);
  case 's': text_list_add(&settings->changes, argument); return 0;
  case KEY_OUT: words->folder = argument; return 0;
  case KEY_LAUNCHER: settings->launcher = argument; return 0;
  case KEY_FORCE: settings->force = true; return 0;
  case KEY_JSON: words->json = true; return 0;
  case 'q': words->quiet = true; return 0;
  default: return command_take_config(&settings->config, key, argument, state);
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_word,
    .args_doc = "CONFIG",
    .doc =
        "Measure the steps of CONFIG on several numbers of ranks, and tell what each adds.\v"
        "Example:\n"
        "  lockstep scale configs/mnist_512.yaml --ranks 1,2 --mode both\n"
        "\n"
        "Every measurement is `lockstep bench step`; repeats are interleaved, figures are medians "
        "with their lowest and highest. All points of strong scaling have the same shards, and "
        "must give the same parameters. The folder gets scaling.csv and scaling.svg. A model of "
        "the step's time is fitted to the points that have a core for every rank, and says what "
        "more ranks would bring: a prediction, not a measurement.\n"
        "\n"
        "--json prints folder, points (an object for each with the columns of scaling.csv), model "
        "(work, latency, transfer in seconds; error, a ratio; null where there is none) and "
        "predictions (ranks, speedup).",
};

static Json *model_json(const ScalingModel *model) {
  Json *json = json_new_object();
  json_put_real(json, "work", model->work);
  json_put_real(json, "latency", model->latency);
  json_put_real(json, "transfer", model->transfer);
  json_put_real(json, "error", model->error);
  return json;
}

static void print_json(const Scaling *scaling, const ResultTable *table,
                       const ScalingModel *model) {
  Json *document = json_new_object(), *predictions = json_new_array();
  json_put_text(document, "folder", scaling->settings->folder);
  json_put(document, "points", result_table_json(table));
  if (model) json_put(document, "model", model_json(model));
  if (!model) json_put_text(document, "model", NULL);
  double ranks[SCALING_PREDICTIONS];
  size_t n = model ? scaling_predicted_ranks(scaling, ranks) : 0;
  for (size_t i = 0; i < n; i++) {
    Json *prediction = json_new_object();
    json_put_real(prediction, "ranks", ranks[i]);
    json_put_real(prediction, "speedup", scaling_predicted_speedup(scaling, model, ranks[i]));
    json_add(predictions, prediction);
  }
  json_put(document, "predictions", predictions);
  command_print_json(document);
}

static void print_model(const Scaling *scaling, const ScalingModel *model) {
  if (!model) {
    puts("no model: it takes two numbers of ranks that have a core for each");
    return;
  }
  printf("model      %.4f ms / ranks + %.4f ms log2(ranks) + %.4f ms (ranks - 1) / ranks, error "
         "%.1f %%\n",
         1e3 * model->work, 1e3 * model->latency, 1e3 * model->transfer, 100 * model->error);
  double ranks[SCALING_PREDICTIONS];
  size_t n = scaling_predicted_ranks(scaling, ranks);
  if (n > 0) printf("predicted ");
  for (size_t i = 0; i < n; i++) {
    printf("%s %.0f ranks %.2f", i ? "," : "", ranks[i],
           scaling_predicted_speedup(scaling, model, ranks[i]));
  }
  if (n > 0) {
    printf(" times as fast as %zu, with a core for each; not measured\n", scaling->points[0].ranks);
  }
}

static void print_text(const Scaling *scaling, const ResultTable *table,
                       const ScalingModel *model) {
  char *text = result_table_text(table);
  printf("\n%s", text);
  memory_release(text);
  if (!scaling->points[0].is_weak) {
    printf("parameters xxh3:%s on all numbers of ranks\n", scaling->points[0].measurements[0].hash);
  }
  print_model(scaling, model);
  printf("results in %s: scaling.csv%s\n", scaling->settings->folder,
         plot_is_possible() ? ", scaling.svg" : "; with gnuplot there would be a picture");
}

static Status report(const ScaleWords *words, const Scaling *scaling) {
  ScalingModel fitted, *model = scaling_fit(scaling, &fitted) ? &fitted : NULL;
  ResultTable *table = scaling_table(scaling);
  Status status = scaling_write_csv(scaling, table);
  if (scaling_draw(scaling, model) != OK) log_warning("%s", status_message());
  if (status == OK && words->json) print_json(scaling, table, model);
  if (status == OK && !words->json) print_text(scaling, table, model);
  result_table_destroy(table);
  return status;
}

static Status scale(ScaleWords *words) {
  TRY(command_check_unlaunched("scale"));
  char *folder = command_choose_folder(words->folder, words->settings.config, "_scale");
  words->settings.folder = folder;
  Scaling *scaling = NULL;
  Status status = scaling_create(&words->settings, &scaling);
  if (status == OK) status = scaling_measure(scaling);
  if (status == OK) status = report(words, scaling);
  scaling_destroy(scaling);
  memory_release(folder);
  return status;
}

static Status run_command(int argc, char **argv) {
  static const size_t default_counts[] = {1, 2};
  ScaleWords words = {
      .settings = {
          .strong = true, .n_counts = 2, .n_repeats = DEFAULT_REPEATS, .n_rounds = DEFAULT_ROUNDS}};
  words.settings.counts = NEW_ARRAY(size_t, 2);
  memcpy(words.settings.counts, default_counts, sizeof default_counts);
  bool done;
  Status status = command_parse(&parser, argc, argv, &words, &done);
  if (status == OK && !done) {
    log_set_level(words.json || words.quiet ? LOG_WARNINGS : LOG_NOTES);
    stop_request_listen();
    status = scale(&words);
  }
  memory_release(words.settings.counts);
  text_list_release(&words.settings.changes);
  return status;
}

const Command scale_command = {
    .name = "scale",
    .summary = "measure how much faster more ranks are",
    .run = run_command,
};
