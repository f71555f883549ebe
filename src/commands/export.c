/* `lockstep export`: a checkpoint's model as a file of another program. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "commands/command.h"
#include "commands/command_json.h"
#include "commands/output_files.h"
#include "distributed/communicator.h"
#include "io/file.h"
#include "io/path.h"
#include "storage/model_file.h"
#include "analysis/trained_model.h"

typedef struct ExportWords {
  const char *checkpoint;
  const char *format;
  const char *output; /* NULL: beside the checkpoint */
  bool json;
} ExportWords;

enum { KEY_TO = 1000, KEY_OUTPUT, KEY_JSON };

static const struct argp_option options[] = {
    {"to", KEY_TO, "FORMAT", 0, "The format of the file", 0},
    {"output", KEY_OUTPUT, "FILE", 0,
     "Where it goes (default: beside the checkpoint, with the format's ending)", 0},
    {"json", KEY_JSON, NULL, 0, "Print one JSON document about the file", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static error_t parse_word(int key, char *argument, struct argp_state *state) {
  ExportWords *words = state->input;
  switch (key) {
  case KEY_TO: words->format = argument; return 0;
  case KEY_OUTPUT: words->output = argument; return 0;
  case KEY_JSON: words->json = true; return 0;
  default: return command_take_checkpoint(&words->checkpoint, key, argument, state);
  }
}

/* The next format that can be written, from *row on; NULL behind the last. */
static const ModelFileKind *next_written(const Kind *const **row) {
  while (**row) {
    const ModelFileKind *kind = (const ModelFileKind *)*(*row)++;
    if (kind->write) return kind;
  }
  return NULL;
}

/* Completes the help with what the table of formats holds. */
static char *describe_formats(int key, const char *text, void *input) {
  (void)input;
  if (key != ARGP_KEY_HELP_POST_DOC) return (char *)(uintptr_t)text;
  Text help = {0};
  text_append(&help, "Formats:\n");
  const Kind *const *row = model_file_kinds.kinds;
  for (const ModelFileKind *kind; (kind = next_written(&row));) {
    text_append(&help, "  %-14s %s (%s)\n", kind->kind.name, kind->kind.summary, kind->ending);
  }
  text_append(&help, "\n%s", text);
  return text_take(&help); /* argp releases it with free, as memory_release does */
}

static const struct argp parser = {
    .options = options,
    .parser = parse_word,
    .args_doc = "CHECKPOINT --to FORMAT",
    .doc =
        "Write the model in CHECKPOINT, an .h5 file or a run's folder, as a file of another "
        "program.\v"
        "Example:\n"
        "  lockstep export runs/mnist_512 --to onnx --output mnist.onnx\n"
        "\n"
        "A file that is there already is replaced. FILE must have the ending of its format. Names "
        "and orders in each file, and how it is loaded, are in docs/exchange_formats.md. "
        "data.scale is no part of the model: inputs have to be divided by it before.\n"
        "\n"
        "Keys of the JSON document: file, format, bytes, tensor_count, parameter_count, "
        "parameter_hash, data_scale.",
    .help_filter = describe_formats,
};

static Status fail_format(const char *found) {
  Text names = {0};
  const Kind *const *row = model_file_kinds.kinds;
  for (const ModelFileKind *kind; (kind = next_written(&row));) {
    text_append(&names, "%s%s", names.length ? ", " : "", kind->kind.name);
  }
  Status status =
      found
          ? fail(ERR_USAGE, "export: --to: found '%s', expected one of: %s", found, names.bytes)
          : fail(ERR_USAGE, "export: no format given, expected --to with one of: %s", names.bytes);
  text_release(&names);
  return status;
}

static Status find_format(const char *name, const ModelFileKind **out) {
  *out = name ? (const ModelFileKind *)kind_find(&model_file_kinds, name) : NULL;
  return *out && (*out)->write ? OK : fail_format(name);
}

/* Where the file goes. Other endings are refused: Keras would not read its own format under one. */
static Status choose_output(const ExportWords *words, const ModelFileKind *format,
                            const char *checkpoint, char **out) {
  *out = NULL;
  Text path = {0};
  if (words->output) {
    bool is_bare = strcmp(words->output, format->ending) == 0;
    if (is_bare || !text_ends_in(words->output, format->ending)) {
      return fail(ERR_USAGE, "export: --output: found '%s', expected a name that ends in %s",
                  words->output, format->ending);
    }
    text_append(&path, "%s", words->output);
  } else {
    char *folder = path_folder(checkpoint), *stem = path_stem(checkpoint);
    text_append(&path, "%s/%s%s", folder, stem, format->ending);
    memory_release(folder);
    memory_release(stem);
  }
  *out = text_take(&path);
  return OK;
}

static void print_json(const ExportWords *words, const TrainedModel *model, const char *path,
                       size_t n_bytes) {
  const ParameterMap *map = &model->model->map;
  Json *document = json_new_object();
  json_put_text(document, "file", path);
  json_put_text(document, "format", words->format);
  json_put_whole(document, "bytes", (int64_t)n_bytes);
  json_put_whole(document, "tensor_count", (int64_t)map->n_tensors);
  json_put_whole(document, "parameter_count", (int64_t)map->count);
  json_put_text(document, "parameter_hash", checkpoint_parameter_hash(model->checkpoint));
  json_put_real(document, "data_scale", model->config.data.scale);
  command_print_json(document);
}

static void print_text(const TrainedModel *model, const char *path, size_t n_bytes) {
  char number[NUMBER_TEXT_BYTES], bytes[NUMBER_TEXT_BYTES], scale[NUMBER_TEXT_BYTES];
  printf("wrote %s: %s parameters, %s\n", path, text_count(number, model->model->map.count),
         text_bytes(bytes, (double)n_bytes));
  if (model->config.data.scale != 1) {
    printf("its inputs are to be divided by %s, the data.scale of the training\n",
           text_real(scale, model->config.data.scale));
  }
}

static Status write_model(const ExportWords *words, const ModelFileKind *format,
                          const TrainedModel *model, const char *path) {
  ModelExport content = {.model = model->model,
                         .parameters = model->parameters,
                         .data_scale = model->config.data.scale};
  char *bytes;
  size_t count;
  format->write(&content, &bytes, &count);
  Status status = file_write(path, bytes, count);
  if (status == OK && words->json) print_json(words, model, path, count);
  if (status == OK && !words->json) print_text(model, path, count);
  memory_release(bytes);
  return status;
}

static Status export_model(const ExportWords *words, const ModelFileKind *format,
                           const TrainedModel *model) {
  char *path;
  TRY(choose_output(words, format, checkpoint_path(model->checkpoint), &path));
  const OutputFile output = {"--output", path};
  Status status = output_files_check(&output, 1, NULL, model);
  if (status == OK) status = write_model(words, format, model, path);
  memory_release(path);
  return status;
}

static Status run_command(int argc, char **argv) {
  ExportWords words = {0};
  bool done;
  TRY(command_parse(&parser, argc, argv, &words, &done));
  /* One rank is enough: the others of a launcher have nothing to do. */
  if (done || communicator_expected_rank() != 0) return OK;

  log_set_level(LOG_WARNINGS);
  const ModelFileKind *format;
  TRY(find_format(words.format, &format));
  TrainedModel model;
  TRY(trained_model_open(words.checkpoint, NULL, &model));
  Status status = export_model(&words, format, &model);
  trained_model_close(&model);
  return status;
}

const Command export_command = {
    .name = "export",
    .summary = "write a checkpoint's model as a file of Keras, PyTorch, NumPy or ONNX",
    .run = run_command,
};
