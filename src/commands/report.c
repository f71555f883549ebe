/* `lockstep report`: a page about one run, or about several side by side. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "commands/command.h"
#include "commands/command_json.h"
#include "commands/output_files.h"
#include "io/file.h"
#include "storage/run_folder.h"
#include "analysis/report/report_page.h"
#include "analysis/report/report_source.h"

typedef struct ReportWords {
  TextList runs, changes;
  const char *output;
  bool json;
} ReportWords;

enum { KEY_JSON = 1000 };

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0,
     "Where the page goes (default: RUN/report.html; ./report.html for several runs, and for a "
     "checkpoint named by its file)",
     0},
    {"set", 's', "KEY=VALUE", 0,
     "Change one key of the stored configurations, such as data.test.inputs; may be given again",
     0},
    {"json", KEY_JSON, NULL, 0, "Print a JSON object: page, bytes, runs", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static error_t parse_word(int key, char *argument, struct argp_state *state) {
  ReportWords *words = state->input;
  switch (key) {
  case 'o': words->output = argument; return 0;
  case 's': text_list_add(&words->changes, argument); return 0;
  case KEY_JSON: words->json = true; return 0;
  case ARGP_KEY_ARG: text_list_add(&words->runs, argument); return 0;
  case ARGP_KEY_END:
    if (words->runs.count > 0) return 0;
    argp_error(state, "no run given, expected a run's folder or an .h5 file");
    return EINVAL;
  default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_word,
    .args_doc = "RUN [RUN...]",
    .doc =
        "Write a page about a run: curves, confusion matrix, mistakes, weights, what ran where. Of "
        "several runs, a page that compares them. RUN is a run's folder or a checkpoint.\v"
        "Example:\n"
        "  lockstep report runs/mnist_512 && xdg-open runs/mnist_512/report.html\n"
        "\n"
        "The page is one file that needs no network and no script. The model is looked at with the "
        "samples that `lockstep eval` takes; where these cannot be read, the page says so and "
        "shows the rest. A run that still goes on is shown as its newest checkpoint has it.",
};

static char *choose_output(const ReportWords *words) {
  if (words->output) return memory_copy_text(words->output);
  bool one_folder = words->runs.count == 1 && folder_exists(words->runs.values[0]);
  return one_folder ? run_folder_path(words->runs.values[0], "report.html")
                    : memory_copy_text("report.html");
}

/* Runs of one name are told apart by their paths. */
static void name_apart(const ReportWords *words, ReportRun *runs) {
  bool same = false;
  for (size_t i = 0; i < words->runs.count; i++) {
    for (size_t j = 0; j < i; j++) same = same || strcmp(runs[i].name, runs[j].name) == 0;
  }
  for (size_t i = 0; same && i < words->runs.count; i++) runs[i].name = words->runs.values[i];
}

static void print_outcome(const ReportWords *words, const char *path, const ReportRun *runs) {
  if (!words->json) {
    puts(path);
    return;
  }
  Json *document = json_new_object(), *names = json_new_array();
  for (size_t i = 0; i < words->runs.count; i++) json_add_text(names, runs[i].name);
  json_put_text(document, "page", path);
  json_put_whole(document, "bytes", (int64_t)file_size(path));
  json_put(document, "runs", names);
  command_print_json(document);
}

static Status write_page(const ReportWords *words, const ReportSource *sources) {
  size_t count = words->runs.count;
  ReportRun *runs = NEW_ARRAY(ReportRun, count);
  for (size_t i = 0; i < count; i++) runs[i] = report_source_run(&sources[i]);
  name_apart(words, runs);
  char *path = choose_output(words);
  Status status = report_page_write(path, runs, count);
  if (status == OK) print_outcome(words, path, runs);
  memory_release(path);
  memory_release(runs);
  return status;
}

static Status report(const ReportWords *words) {
  size_t count = words->runs.count;
  ReportSource *sources = NEW_ARRAY(ReportSource, count);
  Status status = OK;
  for (size_t i = 0; i < count && status == OK; i++) {
    status = report_source_open(words->runs.values[i], &words->changes, &sources[i]);
    const OutputFile page = {"--output", words->output};
    if (status == OK) status = output_files_check(&page, 1, NULL, &sources[i].model);
  }
  for (size_t i = 0; i < count && status == OK && report_page_shows_each(count); i++) {
    report_source_assess(&sources[i], DATA_DEFAULT);
  }
  if (status == OK) status = write_page(words, sources);
  for (size_t i = 0; i < count; i++) report_source_close(&sources[i]);
  memory_release(sources);
  return status;
}

static Status run_command(int argc, char **argv) {
  ReportWords words = {0};
  bool done;
  Status status = command_parse(&parser, argc, argv, &words, &done);
  /* One rank is enough: the others of a launcher have nothing to do. */
  if (status == OK && !done && communicator_expected_rank() == 0) {
    log_set_level(LOG_WARNINGS);
    status = report(&words);
  }
  text_list_release(&words.runs);
  text_list_release(&words.changes);
  return status;
}

const Command report_command = {
    .name = "report",
    .summary = "write a page about a run, or about several",
    .run = run_command,
};
