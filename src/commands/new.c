/* `lockstep new`: a commented configuration for data that it looks at. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/command_json.h"
#include "io/file.h"
#include "io/path.h"
#include "training/config_starter.h"
#include "training/run_config.h"

typedef struct NewWords {
  const char *name;
  OutlineRequest data; /* path NULL: none */
  bool force, json;
} NewWords;

enum { KEY_DATA = 1000, KEY_TARGETS, KEY_TARGET, KEY_FORCE, KEY_JSON };

static const struct argp_option options[] = {
    {"data", KEY_DATA, "FILE", 0, "A CSV file, IDX inputs, or a folder with one of them", 0},
    {"targets", KEY_TARGETS, "FILE", 0, "IDX targets (default: found by the name of the inputs)",
     0},
    {"target", KEY_TARGET, "COLUMN", 0,
     "Column of the targets in a CSV file, by its name or its index from 0 (default: the only one "
     "with text, or the last)",
     0},
    {"force", KEY_FORCE, NULL, 0, "Replace a file that is there", 0},
    {"json", KEY_JSON, NULL, 0, "Print a JSON object: config, data, found", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

/* "." and "runs/" are folders, and no names of files in them. */
static bool is_name(const char *name) {
  const char *slash = strrchr(name, '/'), *last = slash ? slash + 1 : name;
  return *last && strcmp(last, ".") != 0 && strcmp(last, "..") != 0;
}

static error_t check_words(const NewWords *words, struct argp_state *state) {
  const char *without_data = words->data.targets ? "--targets" : "--target";
  if (!words->name || !*words->name) {
    argp_error(state, "no name given, expected one for the configuration");
    return EINVAL;
  }
  if (!is_name(words->name)) {
    argp_error(state, "found the name '%s', expected one of a file", words->name);
    return EINVAL;
  }
  if (!words->data.path && (words->data.targets || words->data.target)) {
    argp_error(state, "found %s alone, expected --data with it", without_data);
    return EINVAL;
  }
  return 0;
}

static error_t parse_word(int key, char *argument, struct argp_state *state) {
  NewWords *words = state->input;
  switch (key) {
  case KEY_DATA: words->data.path = argument; return 0;
  case KEY_TARGETS: words->data.targets = argument; return 0;
  case KEY_TARGET: words->data.target = argument; return 0;
  case KEY_FORCE: words->force = true; return 0;
  case KEY_JSON: words->json = true; return 0;
  case ARGP_KEY_ARG:
    if (words->name) {
      argp_error(state, "found a second name '%s', expected one", argument);
      return EINVAL;
    }
    words->name = argument;
    return 0;
  case ARGP_KEY_END: return check_words(words, state);
  default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_word,
    .args_doc = "NAME",
    .doc =
        "Look at the data in FILE and write NAME.yaml, a configuration that trains on them as it "
        "is, with a reason beside every line. Without --data: one with made-up points.\v"
        "Example:\n"
        "  lockstep new iris --data iris.csv && lockstep train iris.yaml\n"
        "\n"
        "It finds out whether a CSV file has a header, what stands between fields, and whether "
        "targets are classes, two answers or numbers. In a folder it looks for one CSV file, or "
        "for IDX images with their labels; test samples beside training samples become "
        "data.test.",
};

/* "iris" and "iris.yaml" are both iris.yaml; "iris.yml" stays. */
static char *config_path(const char *name) {
  Text path = {0};
  bool has_ending = text_ends_in(name, ".yaml") || text_ends_in(name, ".yml");
  text_append(&path, "%s%s", name, has_ending ? "" : ".yaml");
  return text_take(&path);
}

/* Paths in a configuration lie below its own folder; where that is another one, they are absolute.
 */
static Status look(const NewWords *words, const char *path, DataOutline *out) {
  OutlineRequest request = words->data;
  bool is_here = !strchr(path, '/');
  char *data = is_here ? NULL : path_absolute(request.path);
  char *targets = is_here || !request.targets ? NULL : path_absolute(request.targets);
  if (data) request.path = data;
  if (targets) request.targets = targets;
  Status status = data_outline_read(&request, out);
  memory_release(data);
  memory_release(targets);
  return status;
}

/* What is written must be a configuration, whatever the data are called. */
static Status check_and_write(const char *path, const char *text) {
  RunConfig config;
  char *folder = path_folder(path);
  Status status = run_config_parse(text, path, folder, NULL, &config);
  memory_release(folder);
  TRY(status);
  run_config_release(&config);
  return file_write(path, text, strlen(text));
}

static void print_outcome(const NewWords *words, const char *path, const char *found) {
  if (!words->json) {
    char *word = text_shell_word(path);
    printf("%s: %s; train it: lockstep train %s\n", path, found, word);
    memory_release(word);
    return;
  }
  Json *document = json_new_object();
  json_put_text(document, "config", path);
  json_put_text(document, "data", words->data.path);
  json_put_text(document, "found", found);
  command_print_json(document);
}

static Status write_config(const NewWords *words, const char *path) {
  if (!words->force && file_exists(path)) {
    return fail(ERR_OUTPUT, "%s: there is such a file already; replace it with --force", path);
  }
  DataOutline outline = {0};
  bool has_data = words->data.path != NULL;
  if (has_data) TRY(look(words, path, &outline));
  char *text = config_starter_text(path, has_data ? &outline : NULL);
  char *summary = has_data ? config_starter_summary(&outline) : NULL;
  Status status = check_and_write(path, text);
  if (status == OK) {
    print_outcome(words, path, summary ? summary : "a line through made-up points");
  }
  memory_release(summary);
  memory_release(text);
  data_outline_release(&outline);
  return status;
}

static Status run_command(int argc, char **argv) {
  NewWords words = {0};
  bool done;
  TRY(command_parse(&parser, argc, argv, &words, &done));
  /* One rank is enough: the others of a launcher have nothing to do. */
  if (done || communicator_expected_rank() != 0) return OK;

  log_set_level(LOG_WARNINGS);
  char *path = config_path(words.name);
  Status status = write_config(&words, path);
  memory_release(path);
  return status;
}

const Command new_command = {
    .name = "new",
    .summary = "write a configuration for data that it looks at",
    .run = run_command,
};
