/* `lockstep bench`: measures products, steps and the reduction. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/command_json.h"
#include "distributed/agreement.h"
#include "distributed/reduction_benchmark.h"
#include "io/json.h"
#include "math/product.h"
#include "report/table.h"
#include "training/run.h"
#include "training/step_benchmark.h"

typedef struct BenchWords {
  const char *what;   /* gemm, step or reduce */
  const char *config; /* for gemm and step */
  TextList changes;
  int rounds;
  bool json;
} BenchWords;

enum { KEY_ROUNDS = 1000, KEY_JSON, DEFAULT_ROUNDS = 15, STEPS_PER_ROUND = 40 };

static const struct argp_option options[] = {
    {"set", 's', "KEY=VALUE", 0, "Change one key of the configuration; may be given again", 0},
    {"rounds", KEY_ROUNDS, "N", 0, "Measurements of each figure, 1 to 1000 (default: 15)", 0},
    {"json", KEY_JSON, NULL, 0, "Print one JSON document", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static error_t take_argument(BenchWords *words, char *argument, struct argp_state *state) {
  if (!words->what) {
    words->what = argument;
  } else if (!words->config) {
    words->config = argument;
  } else {
    argp_error(state, "found another word '%s', expected no more", argument);
    return EINVAL;
  }
  return 0;
}

static error_t parse_word(int key, char *argument, struct argp_state *state) {
  BenchWords *words = state->input;
  switch (key) {
  case 's': text_list_add(&words->changes, argument); return 0;
  case KEY_ROUNDS: words->rounds = atoi(argument); return 0;
  case KEY_JSON: words->json = true; return 0;
  case ARGP_KEY_ARG: return take_argument(words, argument, state);
  default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_word,
    .args_doc = "gemm CONFIG\nstep CONFIG\nreduce",
    .doc =
        "Measure where the time of a run goes.\v"
        "  gemm    the matrix products of a step of CONFIG, one by one\n"
        "  step    a step of CONFIG: gather, forward, backward, reduction, update, waiting\n"
        "  reduce  the sum over all ranks beside MPI_Allreduce, 4 KiB to 64 MiB\n"
        "\n"
        "What is compared is measured in turn; figures are medians with their lowest and highest. "
        "Start it on as many ranks as you want to measure.\n"
        "\n"
        "Example:\n"
        "  launch/local -n 2 build/lockstep bench step configs/mnist_512.yaml \\\n"
        "    --set training.shards=2\n",
};

static Json *spread_json(const Spread *spread) {
  Json *json = json_new_object();
  json_put_real(json, "median", spread->median);
  json_put_real(json, "low", spread->low);
  json_put_real(json, "high", spread->high);
  return json;
}

/* "2.881", "2.801 to 3.020" in a unit of `unit_s` seconds. */
static void spread_cells(const Spread *spread, double unit_s, char median[NUMBER_TEXT_BYTES],
                         char range[2 * NUMBER_TEXT_BYTES]) {
  snprintf(median, NUMBER_TEXT_BYTES, "%.4f", spread->median / unit_s);
  snprintf(range, 2 * NUMBER_TEXT_BYTES, "%.4f to %.4f", spread->low / unit_s,
           spread->high / unit_s);
}

/* One way out for all three: a table for people or a document for programs. */
typedef struct Output {
  TextTable *table;
  Json *rows;
  Json *facts; /* what else a program wants to know of a step; NULL: nothing */
} Output;

static void print_output(const BenchWords *words, Output *output, const Run *run) {
  if (words->json) {
    Json *document = json_new_object();
    json_put_text(document, "bench", words->what);
    json_put_text(document, "engine", run ? run->facts.engine : NULL);
    json_put_text(document, "kernels", run ? run->facts.kernel_family : NULL);
    if (output->facts) json_put(document, "run", output->facts);
    json_put(document, "rows", output->rows);
    command_print_json(document);
  } else {
    char *text = text_table_text(output->table);
    if (run) log_note("%s, %s kernels", run->facts.engine, run->facts.kernel_family);
    fputs(text, stdout);
    memory_release(text);
    json_release(output->rows);
    json_release(output->facts);
  }
  text_table_destroy(output->table);
}

static void add_product(Output *output, const ProductTimes *times) {
  char shape[64], median[NUMBER_TEXT_BYTES], range[2 * NUMBER_TEXT_BYTES], rate[NUMBER_TEXT_BYTES];
  snprintf(shape, sizeof shape, "%zu x %zu, %zu rows", times->d, times->m, times->n);
  spread_cells(&times->seconds, 1e-6, median, range);
  snprintf(rate, sizeof rate, "%.1f", times->gflops);
  const char *cells[] = {times->layer, times->product, shape, median, range, rate};
  text_table_add(output->table, cells);

  Json *row = json_new_object();
  json_put_text(row, "layer", times->layer);
  json_put_text(row, "product", times->product);
  json_put_whole(row, "rows", (int64_t)times->n);
  json_put_whole(row, "inputs", (int64_t)times->d);
  json_put_whole(row, "outputs", (int64_t)times->m);
  json_put(row, "seconds", spread_json(&times->seconds));
  json_put_real(row, "gflops", times->gflops);
  json_add(output->rows, row);
}

static Status bench_products(const BenchWords *words, Run *run, Output *output) {
  static const char *const headers[] = {"layer", "product", "shape", "us", "spread", "GFLOP/s"};
  output->table = text_table_create(6, headers);
  ProductTimes *times = NEW_ARRAY(ProductTimes, 3 * run->model->n_layers);
  size_t count = product_benchmark(run, (size_t)words->rounds, times);
  for (size_t i = 0; i < count; i++) add_product(output, &times[i]);
  memory_release(times);
  return OK;
}

static void add_part(Output *output, const char *name, const Spread *spread, double unit_s) {
  char median[NUMBER_TEXT_BYTES], range[2 * NUMBER_TEXT_BYTES];
  spread_cells(spread, unit_s, median, range);
  const char *cells[] = {name, median, range};
  text_table_add(output->table, cells);
  Json *row = json_new_object();
  json_put_text(row, "part", name);
  json_put(row, unit_s == 1 ? "ratio" : "seconds", spread_json(spread));
  json_add(output->rows, row);
}

/* Who computed what, and what it gave: the same hash on any number of ranks. */
static Json *step_facts(const Run *run, const StepTimes *times) {
  SlowestRank slowest = step_benchmark_slowest(run, times);
  double bytes =
      communicator_max(run->communicator, gradient_reduction_bytes_per_step(run->reduction));
  char hash[HASH_TEXT_BYTES];
  run_parameter_hash(run, hash);
  Json *facts = json_new_object();
  json_put_whole(facts, "ranks", run->facts.ranks);
  json_put_whole(facts, "hosts", run->facts.hosts);
  json_put_whole(facts, "batch_size", (int64_t)run->batch_size);
  json_put_whole(facts, "shards", (int64_t)run->plan.n_shards);
  json_put_whole(facts, "parameters", (int64_t)run->model->map.count);
  json_put_text(facts, "reduction", reduction_path_names[gradient_reduction_path(run->reduction)]);
  json_put_real(facts, "bytes_sent", bytes);
  json_put_whole(facts, "slowest_rank", slowest.rank);
  json_put_text(facts, "slowest_host", slowest.host);
  json_put_real(facts, "slowest_seconds", slowest.seconds);
  json_put_real(facts, "mean_seconds", slowest.mean_seconds);
  json_put_text(facts, "parameter_hash", hash);
  return facts;
}

static Status bench_step(const BenchWords *words, Run *run, Output *output) {
  static const char *const headers[] = {"rank 0, a step", "ms", "spread"};
  output->table = text_table_create(3, headers);
  StepTimes times;
  TRY(step_benchmark(run, (size_t)words->rounds, STEPS_PER_ROUND, &times));
  add_part(output, "step", &times.step, 1e-3);
  for (size_t i = 0; i < STEP_PHASES; i++) {
    add_part(output, step_phase_names[i], &times.phases[i], 1e-3);
  }
  add_part(output, "waiting for ranks (a part of the step)", &times.waiting, 1e-3);
  add_part(output, "sum over ranks alone", &times.summing, 1e-3);
  add_part(output, "products alone", &times.products, 1e-3);
  add_part(output, "step / products (ratio)", &times.ratio, 1);
  output->facts = step_facts(run, &times);
  return OK;
}

static void add_size(Output *output, size_t bytes, const ReductionTimes *times) {
  char size[NUMBER_TEXT_BYTES], own[NUMBER_TEXT_BYTES], mpi[NUMBER_TEXT_BYTES];
  char ratio[NUMBER_TEXT_BYTES], range[2 * NUMBER_TEXT_BYTES], unused[2 * NUMBER_TEXT_BYTES];
  text_bytes(size, (double)bytes);
  spread_cells(&times->own, 1e-3, own, unused);
  spread_cells(&times->allreduce, 1e-3, mpi, unused);
  spread_cells(&times->ratio, 1, ratio, range);
  const char *cells[] = {size, reduction_path_names[times->path], own, mpi, ratio, range};
  text_table_add(output->table, cells);

  Json *row = json_new_object();
  json_put_whole(row, "bytes", (int64_t)bytes);
  json_put_text(row, "path", reduction_path_names[times->path]);
  json_put(row, "seconds", spread_json(&times->own));
  json_put(row, "allreduce_seconds", spread_json(&times->allreduce));
  json_put(row, "ratio", spread_json(&times->ratio));
  json_add(output->rows, row);
}

static void bench_reduction(const BenchWords *words, Communicator *communicator, Output *output) {
  static const char *const headers[] = {"vector",           "path",  "ms",
                                        "MPI_Allreduce ms", "ratio", "spread of the ratio"};
  output->table = text_table_create(6, headers);
  for (size_t bytes = 4096; bytes <= (size_t)64 << 20; bytes *= 4) {
    ReductionTimes times = reduction_benchmark(communicator, bytes, (size_t)words->rounds);
    add_size(output, bytes, &times);
  }
}

static Status bench_run(const BenchWords *words, Communicator *communicator, Output *output) {
  RunConfig config;
  Run *run = NULL;
  TRY(agree(communicator, run_config_read(words->config, &words->changes, &config)));
  Status status = run_create(&config, "", "lockstep bench", communicator, &run);
  if (status == OK) {
    bool steps = strcmp(words->what, "step") == 0;
    status = steps ? bench_step(words, run, output) : bench_products(words, run, output);
    if (status == OK && run_is_first_rank(run)) print_output(words, output, run);
  }
  run_destroy(run);
  run_config_release(&config);
  return status;
}

static Status check_words(const BenchWords *words) {
  if (!words->what) return fail(ERR_USAGE, "bench: expected gemm, step or reduce");
  bool reduces = strcmp(words->what, "reduce") == 0;
  bool runs = strcmp(words->what, "step") == 0 || strcmp(words->what, "gemm") == 0;
  if (!reduces && !runs) {
    return fail(ERR_USAGE, "bench: found '%s', expected gemm, step or reduce", words->what);
  }
  if (runs && !words->config) {
    return fail(ERR_USAGE, "bench %s: no configuration given, expected a YAML file", words->what);
  }
  if (words->rounds < 1 || words->rounds > 1000) {
    return fail(ERR_USAGE, "bench: --rounds: expected a number from 1 to 1000");
  }
  return OK;
}

static Status run_command(int argc, char **argv) {
  BenchWords words = {.rounds = DEFAULT_ROUNDS};
  bool done;
  Status status = command_parse(&parser, argc, argv, &words, &done);
  if (status == OK && !done) status = check_words(&words);
  if (status == OK && !done) {
    Communicator *communicator = communicator_open();
    bool speaks = communicator_rank(communicator) == 0;
    log_set_level(speaks ? LOG_NOTES : LOG_SILENT);
    Output output = {.rows = json_new_array()};
    if (strcmp(words.what, "reduce") == 0) {
      bench_reduction(&words, communicator, &output);
      if (speaks) print_output(&words, &output, NULL);
    } else {
      status = bench_run(&words, communicator, &output);
    }
    command_leave(communicator, status);
  }
  text_list_release(&words.changes);
  return status;
}

const Command bench_command = {
    .name = "bench",
    .summary = "measure products, steps and the reduction",
    .run = run_command,
};
