/* `lockstep inspect`: what is in a checkpoint, in a folder of them, or between two. */

#include <errno.h>

#include "base/log.h"
#include "commands/command.h"
#include "commands/inspect/subjects.h"
#include "commands/output_files.h"
#include "distributed/communicator.h"
#include "io/file.h"
#include "storage/run_folder.h"
#include "training/curves.h"

typedef struct InspectWords {
  size_t n_paths;
  const char *paths[2];
  const char *plot; /* NULL: not wanted */
  bool json, tree;
} InspectWords;

enum { KEY_JSON = 1000, KEY_TREE, KEY_PLOT };

static const struct argp_option options[] = {
    {"json", KEY_JSON, NULL, 0, "Print one JSON document (docs/inspect_schema.json)", 0},
    {"tree", KEY_TREE, NULL, 0, "Print the groups, datasets and attributes of the file", 0},
    {"plot", KEY_PLOT, "FILE.svg", 0, "Draw the metrics of every epoch", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static error_t check_words(const InspectWords *words, struct argp_state *state) {
  if (words->n_paths == 0) {
    argp_error(state, "nothing to inspect, expected an .h5 file or a folder");
    return EINVAL;
  }
  if (words->n_paths == 2 && (words->tree || words->plot)) {
    argp_error(state, "found two checkpoints, expected one for --tree or --plot");
    return EINVAL;
  }
  if (words->plot && (words->tree || words->json)) {
    argp_error(state, "found --plot and %s, expected one of them",
               words->tree ? "--tree" : "--json");
    return EINVAL;
  }
  return 0;
}

static error_t parse_word(int key, char *argument, struct argp_state *state) {
  InspectWords *words = state->input;
  switch (key) {
  case KEY_JSON: words->json = true; return 0;
  case KEY_TREE: words->tree = true; return 0;
  case KEY_PLOT: words->plot = argument; return 0;
  case ARGP_KEY_ARG:
    if (words->n_paths == 2) {
      argp_error(state, "found a third checkpoint '%s', expected at most two", argument);
      return EINVAL;
    }
    words->paths[words->n_paths++] = argument;
    return 0;
  case ARGP_KEY_END: return check_words(words, state);
  default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_word,
    .args_doc = "CHECKPOINT\nFOLDER\nCHECKPOINT OTHER",
    .doc =
        "Verify CHECKPOINT and show what is in it: where the run stood, the model, the metrics of "
        "every epoch, and what the parameters look like. List the checkpoints of a FOLDER, which "
        "is a run's or one of runs. Compare two checkpoints: exit code 0 where they are equal, 1 "
        "where they differ.\v"
        "Examples:\n"
        "  lockstep inspect runs/mnist_512 --json | jq .metrics.val_loss\n"
        "  lockstep inspect runs\n"
        "  lockstep inspect runs/one runs/other\n"
        "\n"
        "The folder of a run stands for its newest whole checkpoint where one is wanted: in a "
        "comparison, with --tree and with --plot. Two checkpoints are equal where training would "
        "go on from both to the same bits: the same parameters, optimizer slots, progress, and "
        "options that a result depends on.",
};

/* What needs the file alone, and no model of it. */
static Status inspect_file(const InspectWords *words) {
  Checkpoint *checkpoint;
  TRY(run_folder_open(words->paths[0], &checkpoint));
  Status status = OK;
  if (words->tree) status = inspect_tree(checkpoint, words->json);
  if (words->plot) {
    const char *title = checkpoint_path(checkpoint);
    status = curves_write(words->plot, title, &checkpoint_history(checkpoint)->epochs);
  }
  checkpoint_close(checkpoint);
  return status;
}

static Status inspect(const InspectWords *words) {
  const char *path = words->paths[0];
  const OutputFile plot = {"--plot", words->plot};
  TRY(output_files_check(&plot, 1, NULL, NULL));
  if (words->n_paths == 2) return inspect_two(path, words->paths[1], words->json);
  if (words->tree || words->plot) return inspect_file(words);
  if (folder_exists(path)) return inspect_folder(path, words->json);
  return inspect_checkpoint(path, words->json);
}

static Status run_command(int argc, char **argv) {
  InspectWords words = {0};
  bool done;
  TRY(command_parse(&parser, argc, argv, &words, &done));
  /* One rank is enough: the others of a launcher have nothing to do. */
  if (done || communicator_expected_rank() != 0) return OK;

  log_set_level(LOG_WARNINGS);
  return inspect(&words);
}

const Command inspect_command = {
    .name = "inspect",
    .summary = "show what is in a checkpoint or a folder of them, or between two",
    .run = run_command,
};
