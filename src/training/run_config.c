#include "training/run_config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "data/dataset.h"
#include "data/split.h"
#include "data/transform.h"
#include "distributed/gradient_reduction.h"
#include "io/file.h"
#include "model/loss.h"
#include "model/metric.h"
#include "optim/optimizer.h"

static const Option data_options[] = {
    {.key = "train",
     .type = OPTION_KIND,
     .offset = offsetof(DataSettings, train),
     .kinds = &dataset_kinds,
     .tag = "format",
     .help = "the samples to train on"},
    {.key = "validation",
     .type = OPTION_KIND,
     .offset = offsetof(DataSettings, validation),
     .fallback = "null",
     .kinds = &validation_kinds,
     .tag = "format",
     .untagged = "split",
     .help = "samples to look at after every epoch: a data set, or {split: 0.2} of the training "
             "samples"},
    {.key = "test",
     .type = OPTION_KIND,
     .offset = offsetof(DataSettings, test),
     .fallback = "null",
     .kinds = &dataset_kinds,
     .tag = "format",
     .help = "what `eval` takes when it is not told otherwise; default: the validation samples"},
    {.key = "scale",
     .type = OPTION_REAL,
     .offset = offsetof(DataSettings, scale),
     .fallback = "1",
     .min = 0,
     .max = INFINITY,
     .above_min = true,
     .identity = true,
     .help = "inputs are divided by it"},
    {.key = "target_rule",
     .type = OPTION_KIND,
     .offset = offsetof(DataSettings, target_rule),
     .fallback = "null",
     .kinds = &target_rule_kinds,
     .identity = true,
     .help = "makes a target of 0 or 1 out of a number"},
    {.key = NULL},
};

static const Option training_options[] = {
    {.key = "epochs",
     .type = OPTION_INT,
     .offset = offsetof(TrainingSettings, epochs),
     .fallback = "1",
     .min = 0,
     .max = 1e9,
     .help = "passes over the training samples"},
    {.key = "steps",
     .type = OPTION_INT,
     .offset = offsetof(TrainingSettings, steps),
     .fallback = "null",
     .min = 1,
     .max = 1e15,
     .word = "null",
     .word_value = 0,
     .help = "stop after so many updates, whatever the epoch"},
    {.key = "batch_size",
     .type = OPTION_INT,
     .offset = offsetof(TrainingSettings, batch_size),
     .fallback = "32",
     .min = 1,
     .max = 1e9,
     .word = "full",
     .word_value = 0,
     .identity = true,
     .help = "samples per update, over all ranks; full: all of them"},
    {.key = "shards",
     .type = OPTION_INT,
     .offset = offsetof(TrainingSettings, shards),
     .fallback = "auto",
     .min = 1,
     .max = 4096,
     .word = "auto",
     .word_value = 0,
     .identity = true,
     .help = "pieces of a batch, the most ranks that can share it; auto: the largest power of two "
             "not above batch_size / 16, at least 1, at most 64"},
    {.key = "shuffle",
     .type = OPTION_BOOL,
     .offset = offsetof(TrainingSettings, shuffle),
     .fallback = "true",
     .identity = true,
     .help = "visit the samples in another order every epoch"},
    {.key = "drop_last",
     .type = OPTION_BOOL,
     .offset = offsetof(TrainingSettings, drop_last),
     .fallback = "false",
     .identity = true,
     .help = "leave out the last batch of an epoch where it is short"},
    {.key = "reduction",
     .type = OPTION_CHOICE,
     .offset = offsetof(TrainingSettings, reduction),
     .fallback = "auto",
     .choices = reduction_path_names,
     .help = "how gradients travel between ranks; the result is the same"},
    {.key = NULL},
};

static const Option checkpoint_options[] = {
    {.key = "every_epochs",
     .type = OPTION_INT,
     .offset = offsetof(CheckpointSettings, every_epochs),
     .fallback = "1",
     .min = 1,
     .max = 1e9,
     .word = "null",
     .word_value = 0,
     .help = "save after every so many epochs; the end of a run is always saved"},
    {.key = "every_steps",
     .type = OPTION_INT,
     .offset = offsetof(CheckpointSettings, every_steps),
     .fallback = "null",
     .min = 1,
     .max = 1e15,
     .word = "null",
     .word_value = 0,
     .help = "save after every so many updates"},
    {.key = "keep",
     .type = OPTION_INT,
     .offset = offsetof(CheckpointSettings, keep),
     .fallback = "3",
     .min = 1,
     .max = 1e9,
     .help = "checkpoints that stay; older ones are removed"},
    {.key = NULL},
};

static const Option report_options[] = {
    {.key = "every_steps",
     .type = OPTION_INT,
     .offset = offsetof(ReportSettings, every_steps),
     .fallback = "1",
     .min = 1,
     .max = 1e9,
     .help = "keep the loss of every so many updates in the checkpoint"},
    {.key = "curves",
     .type = OPTION_BOOL,
     .offset = offsetof(ReportSettings, curves),
     .fallback = "true",
     .help = "draw curves.svg where gnuplot is installed"},
    {.key = NULL},
};

const Option run_options[] = {
    {.key = "seed",
     .type = OPTION_INT,
     .offset = offsetof(RunConfig, seed),
     .fallback = "1",
     .min = 0,
     .max = 9007199254740991.0,
     .identity = true,
     .help = "of every random choice: initial weights, order of the samples, dropout, splits"},
    {.key = "model",
     .type = OPTION_GROUP,
     .offset = offsetof(RunConfig, model),
     .group = model_options,
     .help = "the network"},
    {.key = "loss",
     .type = OPTION_KIND,
     .offset = offsetof(RunConfig, loss),
     .kinds = &loss_kinds,
     .identity = true,
     .help = "what training makes small"},
    {.key = "metrics",
     .type = OPTION_KIND_LIST,
     .offset = offsetof(RunConfig, metrics),
     .fallback = "[]",
     .kinds = &metric_kinds,
     .help = "what to watch; default: accuracy for classes, mean_absolute_error for numbers"},
    {.key = "optimizer",
     .type = OPTION_KIND,
     .offset = offsetof(RunConfig, optimizer),
     .kinds = &optimizer_kinds,
     .tag = "name",
     .identity = true,
     .help = "the update rule"},
    {.key = "data",
     .type = OPTION_GROUP,
     .offset = offsetof(RunConfig, data),
     .group = data_options,
     .help = "the samples"},
    {.key = "training",
     .type = OPTION_GROUP,
     .offset = offsetof(RunConfig, training),
     .group = training_options,
     .help = "how long, and in what pieces"},
    {.key = "checkpoint",
     .type = OPTION_GROUP,
     .offset = offsetof(RunConfig, checkpoint),
     .group = checkpoint_options,
     .help = "what is saved, and when"},
    {.key = "report",
     .type = OPTION_GROUP,
     .offset = offsetof(RunConfig, report),
     .group = report_options,
     .help = "what is recorded and drawn"},
    {.key = NULL},
};

/* One change of the command line: "training.epochs=2". */
static Status apply_change(YamlNode *root, const char *change) {
  const char *equals = strchr(change, '=');
  if (!equals || equals == change) {
    return fail(ERR_USAGE, "--set %s: expected key=value, as in training.epochs=2", change);
  }
  Text source = {0}, key = {0};
  text_append(&source, "--set %s", change);
  text_append_bytes(&key, change, (size_t)(equals - change));

  YamlNode *value = NULL;
  Status status = yaml_read_value(equals + 1, source.bytes, &value);
  if (status == OK) status = yaml_assign(root, key.bytes, value);
  text_release(&source);
  text_release(&key);
  return status;
}

/* Takes the tree. */
static Status read_tree(YamlNode *root, const char *folder, const TextList *changes,
                        RunConfig *out) {
  *out = (RunConfig){0};
  Status status = OK;
  for (size_t i = 0; changes && i < changes->count && status == OK; i++) {
    status = apply_change(root, changes->values[i]);
  }
  if (status == OK) status = options_read(run_options, root, out);
  if (status == OK) out->folder = memory_copy_text(folder);
  yaml_destroy(root);
  return status;
}

Status run_config_read(const char *path, const TextList *changes, RunConfig *out) {
  *out = (RunConfig){0};
  YamlNode *root;
  TRY(yaml_read_file(path, &root));
  char *folder = path_folder(path);
  Status status = read_tree(root, folder, changes, out);
  memory_release(folder);
  return status;
}

Status run_config_parse(const char *text, const char *source, const char *folder,
                        const TextList *changes, RunConfig *out) {
  *out = (RunConfig){0};
  YamlNode *root;
  TRY(yaml_read_text(text, source, &root));
  return read_tree(root, folder, changes, out);
}

char *run_config_text(const RunConfig *config) {
  Text text = {0};
  options_write(run_options, config, &text);
  return text_take(&text);
}

/* The identity values of a configuration, one "path value" line each. */
static Status append_identity(void *context, const OptionValue *value) {
  if (value->identity) text_append(context, "%s %s\n", value->path, value->text);
  return OK;
}

Status run_config_same_identity(const RunConfig *stored, const RunConfig *config) {
  Text old = {0}, new = {0};
  options_visit(run_options, stored, append_identity, &old);
  options_visit(run_options, config, append_identity, &new);

  Status status = OK;
  char *old_rest = NULL, *new_rest = NULL;
  char *old_line = strtok_r(old.bytes, "\n", &old_rest);
  char *new_line = strtok_r(new.bytes, "\n", &new_rest);
  while (old_line && new_line && strcmp(old_line, new_line) == 0) {
    old_line = strtok_r(NULL, "\n", &old_rest);
    new_line = strtok_r(NULL, "\n", &new_rest);
  }
  if (old_line || new_line) {
    const char *line = new_line ? new_line : old_line;
    size_t path = strcspn(line, " ");
    bool same_path = old_line && new_line && strncmp(old_line, new_line, path + 1) == 0;
    status = fail(ERR_CONFIG,
                  "%.*s: found %s, but the run to resume has %s; a result depends on it, so start "
                  "a new run, or use --init",
                  (int)path, line, new_line ? new_line + (same_path ? path + 1 : 0) : "nothing",
                  old_line ? old_line + (same_path ? path + 1 : 0) : "nothing");
  }
  text_release(&old);
  text_release(&new);
  return status;
}

void run_config_release(RunConfig *config) {
  options_release(run_options, config);
  memory_release(config->folder);
  config->folder = NULL;
}
