/* `lockstep sweep`: a grid of runs, and what came of it. */

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cores.h"
#include "base/log.h"
#include "base/memory.h"
#include "commands/command.h"
#include "commands/command_json.h"
#include "experiments/sweep.h"
#include "experiments/sweep_file.h"
#include "experiments/sweep_files.h"
#include "experiments/sweep_pictures.h"
#include "io/file_place.h"
#include "report/plot.h"
#include "training/stop_request.h"

typedef struct SweepWords {
  SweepSettings settings;
  const char *path; /* of a configuration, or of a sweep that is written down */
  SweepFile file;
  TextList axes, changes;
  const char *folder; /* NULL: runs/<name>_sweep */
  bool json, quiet;
} SweepWords;

enum {
  KEY_OVER = 1000,
  KEY_SEEDS,
  KEY_JOBS,
  KEY_RANKS,
  KEY_OUT,
  KEY_TARGET,
  KEY_LAUNCHER,
  KEY_RESUME,
  KEY_FORCE,
  KEY_JSON
};

static const struct argp_option options[] = {
    {"over", KEY_OVER, "KEY=V1,V2,...", 0, "Values of a key to try; given again: every combination",
     0},
    {"set", 's', "KEY=VALUE", 0, "Change one key for all runs; may be given again", 0},
    {"seeds", KEY_SEEDS, "N", 0, "Runs of each point, with seeds that follow each other (1)", 0},
    {"jobs", KEY_JOBS, "N", 0, "Runs at a time (as many as the cores have room for)", 0},
    {"ranks", KEY_RANKS, "N", 0, "Ranks of each run (1)", 0},
    {"target", KEY_TARGET, "X", 0, "Also tell when the first metric reached X", 0},
    {"out", KEY_OUT, "DIR", 0, "Folder of the sweep (runs/<name of the configuration>_sweep)", 0},
    {"launcher", KEY_LAUNCHER, "COMMAND", 0,
     "What starts the ranks, such as 'srun -n {ranks}' (launch/local)", 0},
    {"resume", KEY_RESUME, NULL, 0, "Go on with a sweep that was stopped", 0},
    {"force", KEY_FORCE, NULL, 0,
     "Begin these runs anew, and remove the results of an earlier sweep; its other runs stay", 0},
    {"json", KEY_JSON, NULL, 0, "Print the result as JSON, and nothing else", 0},
    {"quiet", 'q', NULL, 0, "Print the result alone", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static error_t take_target(struct argp_state *state, const char *text, double *out) {
  char *end;
  *out = strtod(text, &end);
  if (!*end && end != text && isfinite(*out)) return 0;
  argp_error(state, "--target: found '%s', expected a number", text);
  return EINVAL;
}

static error_t parse_word(int key, char *argument, struct argp_state *state) {
  SweepWords *words = state->input;
  SweepSettings *settings = &words->settings;
  switch (key) {
  case KEY_OVER: text_list_add(&words->axes, argument); return 0;
  case 's': text_list_add(&words->changes, argument); return 0;
  case KEY_SEEDS: return command_take_count(state, "seeds", argument, &settings->n_seeds);
  case KEY_JOBS: return command_take_count(state, "jobs", argument, &settings->n_jobs);
  case KEY_RANKS: return command_take_count(state, "ranks", argument, &settings->n_ranks);
  case KEY_TARGET: return take_target(state, argument, &settings->target);
  case KEY_OUT: words->folder = argument; return 0;
  case KEY_LAUNCHER: settings->launcher = argument; return 0;
  case KEY_RESUME: settings->resume = true; return 0;
  case KEY_FORCE: settings->force = true; return 0;
  case KEY_JSON: words->json = true; return 0;
  case 'q': words->quiet = true; return 0;
  default: return command_take_config(&words->path, key, argument, state);
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_word,
    .args_doc = "CONFIG|SWEEP",
    .doc =
        "Train CONFIG with every combination of some values, and compare what comes of them.\v"
        "Example:\n"
        "  lockstep sweep configs/mnist_32.yaml --over training.batch_size=8,32,128 \\\n"
        "    --seeds 2 --set training.epochs=10 --target 0.95\n"
        "  lockstep sweep configs/sweeps/batch_size.yaml\n"
        "\n"
        "SWEEP is a file that says config, over, set, seeds and target; what the command line says "
        "is added, or comes before it. "
        "Every run is an ordinary one in a folder of its own. The sweep's folder gets sweep.csv, "
        "sweep.h5, and the pictures curves.svg and result.svg. Ctrl-C saves and stops all runs "
        "(exit code 75); --resume repeats nothing that is finished, and gives the same result "
        "however often it was stopped or killed.\n"
        "\n"
        "--json prints goal, larger_is_better, target, folder, and points: an object for each with "
        "the columns of sweep.csv.",
};

static Status check_words(const SweepWords *words) {
  const SweepSettings *settings = &words->settings;
  TRY(command_check_unlaunched("sweep"));
  if (settings->resume && settings->force) {
    return fail(ERR_USAGE, "sweep: --resume and --force exclude each other");
  }
  return OK;
}

/* The values of a key on the command line come before those in the file. */
static Status add_axes(SweepWords *words) {
  SweepGrid *grid = &words->settings.grid;
  for (size_t i = 0; i < words->axes.count; i++) {
    TRY(sweep_grid_add(grid, words->axes.values[i]));
  }
  for (size_t i = 0; i < words->file.grid.n_axes; i++) {
    const SweepAxis *axis = &words->file.grid.axes[i];
    if (!sweep_grid_has(grid, axis->key)) {
      TRY(sweep_grid_add_axis(grid, axis->key, &axis->values));
    }
  }
  if (grid->n_axes > 0) return OK;
  return fail(ERR_USAGE, "sweep: expected --over KEY=V1,V2, as in training.batch_size=32,128");
}

/* Puts together what the file and the command line say. */
static Status settle(SweepWords *words) {
  SweepSettings *settings = &words->settings;
  SweepFile *file = &words->file;
  bool is_sweep;
  TRY(file_place_check_input(words->path));
  TRY(sweep_file_read(words->path, file, &is_sweep));
  settings->config = is_sweep ? file->config : words->path;
  if (settings->n_seeds == 0) settings->n_seeds = (size_t)file->seeds;
  if (isnan(settings->target)) settings->target = file->target;
  for (size_t i = 0; i < file->changes.count; i++) {
    text_list_add(&settings->changes, file->changes.values[i]);
  }
  for (size_t i = 0; i < words->changes.count; i++) {
    text_list_add(&settings->changes, words->changes.values[i]);
  }
  return add_axes(words);
}

static void print_json(const Sweep *sweep, const SweepGoal *goal, const ResultTable *table) {
  Json *document = json_new_object();
  json_put_text(document, "folder", sweep->settings->folder);
  json_put_text(document, "goal", goal->name);
  json_put_bool(document, "larger_is_better", goal->larger_is_better);
  json_put_real(document, "target", goal->target);
  json_put(document, "points", result_table_json(table));
  command_print_json(document);
}

static void print_text(const Sweep *sweep, const SweepGoal *goal, const ResultTable *table) {
  char *text = result_table_text(table);
  printf("\n%s", text);
  if (sweep->settings->n_seeds > 1) {
    printf("means over %zu seeds ± their deviation\n", sweep->settings->n_seeds);
  }
  if (!isnan(goal->target) && goal->name[0]) {
    printf("the target is a %s of %g\n", goal->name, goal->target);
  }
  printf("results in %s: sweep.csv, sweep.h5%s\n", sweep->settings->folder,
         plot_is_possible() ? ", curves.svg, result.svg"
                            : "; with gnuplot there would be pictures");
  memory_release(text);
}

/* What came of it, also where a run has failed. */
static Status report(const SweepWords *words, const Sweep *sweep) {
  SweepGoal goal = sweep_goal(sweep);
  if (!goal.name[0] && !words->json) return OK; /* nothing is finished */
  TRY(sweep_write_h5(sweep, &goal));
  if (sweep_draw(sweep, &goal) != OK) log_warning("%s", status_message());
  ResultTable *table = sweep_result_table(sweep, &goal);
  if (words->json) print_json(sweep, &goal, table);
  if (!words->json) print_text(sweep, &goal, table);
  result_table_destroy(table);
  return OK;
}

static Status sweep(SweepWords *words) {
  TRY(check_words(words));
  TRY(settle(words));
  SweepSettings *settings = &words->settings;
  if (settings->n_jobs == 0) {
    size_t cores = cores_usable();
    settings->n_jobs = cores > settings->n_ranks ? cores / settings->n_ranks : 1;
  }
  Sweep *made;
  TRY(sweep_create(settings, &made));
  Status status = sweep_run(made);
  if (status == OK || status == ERR_INTERNAL) {
    char message[STATUS_MESSAGE_BYTES];
    snprintf(message, sizeof message, "%s", status_message());
    Status reported = report(words, made);
    if (status != OK) fail(status, "%s", message);
    if (status == OK) status = reported;
  }
  sweep_destroy(made);
  return status;
}

static Status run_command(int argc, char **argv) {
  SweepWords words = {.settings = {.n_ranks = 1, .target = NAN}};
  bool done;
  Status status = command_parse(&parser, argc, argv, &words, &done);
  if (status == OK && !done) {
    char *folder = NULL;
    log_set_level(words.json || words.quiet ? LOG_WARNINGS : LOG_NOTES);
    stop_request_listen();
    words.settings.folder = folder = command_choose_folder(words.folder, words.path, "_sweep");
    status = sweep(&words);
    memory_release(folder);
  }
  sweep_grid_release(&words.settings.grid);
  text_list_release(&words.settings.changes);
  text_list_release(&words.axes);
  text_list_release(&words.changes);
  sweep_file_release(&words.file);
  return status;
}

const Command sweep_command = {
    .name = "sweep",
    .summary = "train with every combination of some values, and compare",
    .run = run_command,
};
