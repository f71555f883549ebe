/* `lockstep options`: the reference of the configuration, printed from the option tables. */

#include <errno.h>
#include <stdio.h>

#include "base/text.h"
#include "commands/command.h"
#include "commands/command_json.h"
#include "commands/options_json.h"
#include "config/reference.h"
#include "distributed/communicator.h"
#include "training/run_config.h"

typedef struct OptionsWords {
  const char *kind; /* NULL: everything */
  bool markdown, json;
} OptionsWords;

enum { KEY_MARKDOWN = 1000, KEY_JSON };

static const struct argp_option options[] = {
    {"markdown", KEY_MARKDOWN, NULL, 0, "Print Markdown: docs/configuration.md", 0},
    {"json", KEY_JSON, NULL, 0, "Print a JSON object", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static error_t parse_word(int key, char *argument, struct argp_state *state) {
  OptionsWords *words = state->input;
  switch (key) {
  case KEY_MARKDOWN: words->markdown = true; return 0;
  case KEY_JSON: words->json = true; return 0;
  case ARGP_KEY_ARG:
    if (words->kind) {
      argp_error(state, "found a second kind '%s', expected one", argument);
      return EINVAL;
    }
    words->kind = argument;
    return 0;
  default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_word,
    .args_doc = "[KIND]",
    .doc =
        "Print every key that a configuration can have, and every kind of layer, loss, optimizer "
        "and so on with its options; with KIND, the options of that kind alone.\v"
        "Example:\n"
        "  lockstep options adam\n"
        "\n"
        "`fixed` marks keys that a result depends on: a run cannot be resumed with another value.\n"
        "\n"
        "--json prints keys (key, kind, values, default: null if it must be given, fixed, help) "
        "and "
        "kinds: for each noun an array of name, aliases, summary and options.",
};

/* What stands above the tables on the page; tests/commands/test_commands.sh tries the example. */
static const char introduction[] =
    "# Configuration\n"
    "\n"
    "This page is printed by `lockstep options --markdown` (`make docs`) from the tables that "
    "read\n"
    "the configuration. `lockstep options adam` shows one kind in the terminal.\n"
    "\n"
    "A run is described by one YAML file:\n"
    "\n"
    "```yaml\n"
    "seed: 1\n"
    "model:\n"
    "  input: 784\n"
    "  layers:\n"
    "    - dense: {units: 512, activation: relu}\n"
    "    - dropout: 0.1\n"
    "    - dense: {units: 10, activation: softmax}\n"
    "loss: categorical_cross_entropy\n"
    "optimizer: {name: adam, learning_rate: 0.001}\n"
    "data:\n"
    "  train:\n"
    "    format: idx\n"
    "    inputs: ${MNIST:-../data/mnist}/train-images-idx3-ubyte.gz\n"
    "    targets: ${MNIST:-../data/mnist}/train-labels-idx1-ubyte.gz\n"
    "  validation: {split: 0.1}\n"
    "  scale: 255\n"
    "training: {epochs: 5, batch_size: 128}\n"
    "```\n"
    "\n"
    "- `lockstep train run.yaml --set training.epochs=10` changes a key for one run; "
    "`--print-config`\n"
    "  shows the configuration with every default filled in.\n"
    "- Relative paths lie below the folder of the file. `${VAR}` and `${VAR:-default}` stand for "
    "the\n"
    "  environment's variables.\n"
    "- An unknown key, or a value out of bounds, is refused before anything is read; so is a key\n"
    "  without a value, unless its default is `null` or an empty list.\n"
    "- `fixed` in the column Resume marks what a result depends on: a run cannot be resumed with\n"
    "  another value. Everything else may change between one part of a run and the next.\n"
    "- A kind, such as a layer or a loss, is chosen by its name, with its options where it has "
    "some.\n";

static Status run_command(int argc, char **argv) {
  OptionsWords words = {0};
  bool done;
  TRY(command_parse(&parser, argc, argv, &words, &done));
  if (done || communicator_expected_rank() != 0) return OK;

  Text text = {0};
  Status status = OK;
  if (words.kind) {
    status = reference_append_kind(run_options, words.kind, words.markdown, &text);
  } else {
    if (words.markdown) text_append(&text, "%s", introduction);
    reference_append(run_options, words.markdown, &text);
  }
  if (status == OK && words.json) command_print_json(options_json(run_options, words.kind));
  if (status == OK && !words.json) fputs(text.bytes, stdout);
  text_release(&text);
  return status;
}

const Command options_command = {
    .name = "options",
    .summary = "print the reference of the configuration",
    .run = run_command,
};
