/* `lockstep train`: trains a network across MPI ranks. */

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "commands/command.h"
#include "commands/command_json.h"
#include "distributed/agreement.h"
#include "io/file.h"
#include "storage/model_file.h"
#include "storage/run_folder.h"
#include "storage/work_folder.h"
#include "training/run.h"
#include "training/run_text.h"
#include "training/stop_request.h"
#include "training/trainer.h"

typedef struct TrainWords {
  const char *config;
  TextList changes;
  const char *folder; /* NULL: runs/<config name> */
  const char *init;
  bool resume, force, print_config, dry_run, quiet, json;
} TrainWords;

enum { KEY_OUT = 1000, KEY_INIT, KEY_RESUME, KEY_FORCE, KEY_PRINT_CONFIG, KEY_DRY_RUN, KEY_JSON };

static const struct argp_option options[] = {
    {"set", 's', "KEY=VALUE", 0, "Change one key of the configuration; may be given again", 0},
    {"out", KEY_OUT, "DIR", 0, "Folder of the run (default: runs/<name of the configuration>)", 0},
    {"resume", KEY_RESUME, NULL, 0, "Continue the run from its newest whole checkpoint", 0},
    {"force", KEY_FORCE, NULL, 0, "Remove what an earlier run left in the folder, and start anew",
     0},
    {"init", KEY_INIT, "FILE", 0,
     "Start from the parameters in a checkpoint, a run's folder, or a file of Keras, safetensors "
     "or NumPy (.npz)",
     0},
    {"print-config", KEY_PRINT_CONFIG, NULL, 0, "Print the resolved configuration and end", 0},
    {"dry-run", KEY_DRY_RUN, NULL, 0, "Print the plan of the run and end", 0},
    {"quiet", 'q', NULL, 0, "Print nothing but warnings and errors", 0},
    {"json", KEY_JSON, NULL, 0, "At the end print what came of it as JSON, and nothing else", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static error_t parse_word(int key, char *argument, struct argp_state *state) {
  TrainWords *words = state->input;
  switch (key) {
  case 's': text_list_add(&words->changes, argument); return 0;
  case KEY_OUT:
    if (!*argument) argp_error(state, "found no name for --out, expected a folder");
    words->folder = argument;
    return 0;
  case KEY_RESUME: words->resume = true; return 0;
  case KEY_FORCE: words->force = true; return 0;
  case KEY_INIT: words->init = argument; return 0;
  case KEY_PRINT_CONFIG: words->print_config = true; return 0;
  case KEY_DRY_RUN: words->dry_run = true; return 0;
  case 'q': words->quiet = true; return 0;
  case KEY_JSON: words->json = true; return 0;
  default: return command_take_config(&words->config, key, argument, state);
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_word,
    .args_doc = "CONFIG",
    .doc =
        "Train a network as CONFIG says, on all ranks that were started.\v"
        "Example:\n"
        "  launch/local -n 2 build/lockstep train configs/mnist_512.yaml \\\n"
        "    --set training.epochs=2\n"
        "\n"
        "The run's folder gets config.yaml, metrics.csv, curves.svg and checkpoints/ "
        "(docs/run_folder.md). The keys of CONFIG are in docs/configuration.md. SIGTERM, SIGINT, "
        "SIGHUP or SIGUSR1 save and end the run "
        "with exit code 75; --resume continues it to the same bits, on any number of ranks.\n"
        "\n"
        "--json prints folder, checkpoint, ranks, epoch, step, parameter_hash, and metrics: an "
        "array "
        "for each column of metrics.csv.",
};

static Status prepare_folder(const TrainWords *words, const Run *run) {
  if (words->force) run_folder_clear(run->folder);
  TRY(run_folder_create(run->folder));
  char *path = run_folder_path(run->folder, "config.yaml");
  char *text = run_config_text_anywhere(&run->config);
  Status status = file_write(path, text, strlen(text));
  memory_release(text);
  memory_release(path);
  return status;
}

/* Continues from the newest checkpoint, if there is one: then the run has its parameters. */
static Status resume(Run *run, bool *has_resumed) {
  Checkpoint *checkpoint;
  TRY(agree(run->communicator, run_folder_newest(run->folder, &checkpoint)));
  *has_resumed = checkpoint != NULL;
  if (!checkpoint) {
    log_note("no checkpoint in %s: starting from the beginning", run->folder);
    return OK;
  }
  Status status = run_resume(run, checkpoint);
  if (status == OK) {
    log_note("resumed from %s: epoch %llu, step %llu", checkpoint_path(checkpoint),
             (unsigned long long)run->progress.epoch, (unsigned long long)run->progress.step);
  }
  checkpoint_close(checkpoint);
  return status;
}

static Status take_initial_parameters(Run *run, const char *path) {
  TensorList tensors;
  TRY(agree(run->communicator, model_file_read(path, &tensors)));
  Status status = run_take_tensors(run, &tensors, path);
  tensor_list_release(&tensors);
  return status;
}

/* What a program wants to know at the end. */
static void print_json(const Run *run) {
  if (!run_is_first_rank(run)) return;
  char *checkpoint = run_folder_path(run->folder, "checkpoints/last.h5"), hash[HASH_TEXT_BYTES];
  run_parameter_hash(run, hash);
  Json *document = json_new_object();
  json_put_text(document, "folder", run->folder);
  json_put_text(document, "checkpoint", checkpoint);
  json_put_whole(document, "ranks", run->facts.ranks);
  json_put_whole(document, "epoch", (int64_t)run->progress.epoch);
  json_put_whole(document, "step", (int64_t)run->progress.step);
  json_put_text(document, "parameter_hash", hash);
  json_put(document, "metrics", command_metrics_json(&run->history.epochs));
  command_print_json(document);
  memory_release(checkpoint);
}

/* What a person wants to know at the end. */
static void print_summary(const Run *run) {
  char *table = run_history_text(&run->history.epochs), hash[HASH_TEXT_BYTES];
  log_note("\n%s", table);
  memory_release(table);

  char *noise = run_noise_text(run);
  if (noise) log_note("%s", noise);
  memory_release(noise);
  run_parameter_hash(run, hash);
  log_note("parameters xxh3:%s", hash);
  log_note("checkpoint %s/checkpoints/last.h5", run->folder);
  log_note("metrics    %s/metrics.csv", run->folder);
  char *curves = run_folder_path(run->folder, "curves.svg");
  if (run_is_first_rank(run) && file_exists(curves)) log_note("curves     %s", curves);
  memory_release(curves);
  if (run->config.report.tensorboard) log_note("events     %s/tensorboard", run->folder);
}

static Status run_training(const TrainWords *words, Run *run) {
  char *plan = run_plan_text(run);
  log_note("%s", plan);
  memory_release(plan);
  char *advice = core_usage_advice(&run->cores);
  if (advice) log_warning("%s", advice);
  memory_release(advice);
  if (words->dry_run) return OK;

  /* What is in the folder is touched only when nothing can be refused any more. */
  bool has_resumed = false;
  if (words->resume) TRY(resume(run, &has_resumed));
  if (words->init && has_resumed) {
    log_warning("--init %s is not needed: the run goes on from its own checkpoint", words->init);
  } else if (words->init) {
    TRY(take_initial_parameters(run, words->init));
  }
  bool first = run_is_first_rank(run);
  TRY(agree(run->communicator, first ? prepare_folder(words, run) : OK));
  TRY(trainer_run(run));
  if (words->json) print_json(run);
  if (!words->json) print_summary(run);
  return OK;
}

static Status train(const TrainWords *words, const char *command_line, Communicator *communicator) {
  RunConfig config;
  TRY(agree(communicator, run_config_read(words->config, &words->changes, &config)));
  if (words->print_config) {
    char *text = run_config_text(&config);
    if (communicator_rank(communicator) == 0) fputs(text, stdout);
    memory_release(text);
    run_config_release(&config);
    return OK;
  }

  /* Rank 0 holds the folder for all, before anything there is looked at and until the end. */
  char *folder = command_choose_folder(words->folder, words->config, "");
  bool enters = communicator_rank(communicator) == 0 && !words->dry_run;
  FolderLock lock = {0};
  Run *run = NULL;
  Status entered =
      enters ? work_folder_enter(folder, WORK_RUN, words->resume, words->force, &lock) : OK;
  Status status = agree(communicator, entered);
  if (status == OK) status = run_create(&config, folder, command_line, communicator, &run);
  if (status == OK) status = run_training(words, run);
  run_destroy(run);
  folder_lock_release(&lock);
  run_config_release(&config);
  memory_release(folder);
  return status;
}

/* A trial of the file comes before MPI, and what came of it is told with all ranks together: on one
 * of them alone the file may be damaged, or its trial may have come to no end. */
static Status train_together(const TrainWords *words, int argc, char **argv) {
  Status tried = words->init ? model_file_try(words->init) : OK;
  stop_request_listen();
  Communicator *communicator = communicator_open();
  bool speaks = communicator_rank(communicator) == 0;
  log_set_level(!speaks ? LOG_SILENT : words->quiet || words->json ? LOG_WARNINGS : LOG_NOTES);
  char *command_line = command_line_text(argc, argv);
  Status status = agree(communicator, tried);
  if (status == OK) status = train(words, command_line, communicator);
  memory_release(command_line);
  command_leave(communicator, status);
  return status;
}

static Status run_command(int argc, char **argv) {
  TrainWords words = {0};
  bool done;
  Status status = command_parse(&parser, argc, argv, &words, &done);
  if (status == OK && !done) {
    bool both = words.resume && words.force;
    status = both ? fail(ERR_USAGE, "train: --resume and --force exclude each other")
                  : train_together(&words, argc, argv);
  }
  text_list_release(&words.changes);
  return status;
}

const Command train_command = {
    .name = "train",
    .summary = "train a network, on as many ranks as were started",
    .run = run_command,
};
