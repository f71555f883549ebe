#include "training/config_starter.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/memory.h"

/* ---- lines ---- */

enum { COMMENT_COLUMN = 48 };

/* Names out of data files may hold anything: a line break would end the comment. */
static void append_comment(Text *out, const char *comment) {
  text_append(out, "# ");
  for (; *comment; comment++) {
    text_append(out, "%c", iscntrl((unsigned char)*comment) ? '?' : *comment);
  }
  text_append(out, "\n");
}

/* A line with its reason behind it, or above it where it is long. */
__attribute__((format(printf, 3, 4))) static void append_line(Text *out, const char *comment,
                                                              const char *format, ...) {
  char *line;
  va_list arguments;
  va_start(arguments, format);
  CHECK(vasprintf(&line, format, arguments) >= 0, "no memory for a line");
  va_end(arguments);
  if (strlen(line) >= COMMENT_COLUMN) {
    text_append(out, "%*s", (int)strspn(line, " "), "");
    append_comment(out, comment);
    text_append(out, "%s\n", line);
  } else {
    text_append(out, "%-*s", COMMENT_COLUMN, line);
    append_comment(out, comment);
  }
  free(line);
}

/* ---- what was found, in words ---- */

char *config_starter_summary(const DataOutline *outline) {
  Text text = {0};
  char number[NUMBER_TEXT_BYTES];
  size_t n_outputs = outline->data.description.target_width;
  text_append(&text, "%s samples of %zu number%s, ",
              text_count(number, outline->data.description.n_samples), outline->width,
              outline->width == 1 ? "" : "s");
  switch (outline->task) {
  case TASK_CLASSES: text_append(&text, "%zu classes", outline->n_classes); break;
  case TASK_YES_NO: text_append(&text, "two answers"); break;
  case TASK_NUMBERS:
    if (n_outputs == 1) text_append(&text, "a number as target");
    if (n_outputs > 1) text_append(&text, "%zu numbers as targets", n_outputs);
    break;
  }
  return text_take(&text);
}

enum { MOST_NAMES = 12 };

static void append_class_names(Text *out, const DatasetDescription *description) {
  if (description->n_class_names == 0) return;
  Text text = {0};
  text_append(&text, "Classes, by their index from 0:");
  for (size_t i = 0; i < description->n_class_names && i < MOST_NAMES; i++) {
    text_append(&text, "%s %s", i ? "," : "", description->class_names[i]);
  }
  if (description->n_class_names > MOST_NAMES) text_append(&text, ", ...");
  append_comment(out, text.bytes);
  text_release(&text);
}

static void append_findings(Text *out, const DataOutline *outline) {
  Text text = {0};
  char *summary = config_starter_summary(outline);
  text_append(&text, "Found: %s. Inputs lie between %.4g and %.4g.", summary, outline->inputs.least,
              outline->inputs.greatest);
  append_comment(out, text.bytes);
  memory_release(summary);
  text_release(&text);
  append_class_names(out, &outline->data.description);
}

static void append_head(Text *out, const char *path, const DataOutline *outline) {
  Text command = {0};
  char *word = text_shell_word(path);
  text_append(&command, "    lockstep train %s", word);
  memory_release(word);
  append_comment(out, "Written by `lockstep new`. It trains as it is:");
  text_append(out, "#\n");
  append_comment(out, command.bytes);
  text_append(out, "#\n");
  text_release(&command);
  if (outline) append_findings(out, outline);
  append_comment(out, "Every key: docs/configuration.md. One kind: lockstep options adam.");
  text_append(out, "\n");
  append_line(out, "of every random choice; others tell how much is luck", "seed: 1");
  text_append(out, "\n");
}

/* ---- the model ---- */

enum { WIDE = 256 }; /* inputs, from which on one layer sees enough */

/* A power of two of about twice the inputs, in bounds that train in seconds. */
static size_t hidden_units(size_t width) {
  enum { LEAST = 32, MOST = 128 };
  size_t units = LEAST;
  while (units < 2 * width && units < MOST) units *= 2;
  return width >= WIDE ? WIDE : units;
}

static void append_hidden(Text *out, const DataOutline *outline) {
  size_t units = hidden_units(outline->width);
  append_line(out, "hidden; more units learn finer shapes, and noise sooner",
              "    - dense: {units: %zu, activation: relu}", units);
  if (outline->width >= WIDE) return;
  append_line(out, "one may do; `- dropout: 0.2` between, if data are few",
              "    - dense: {units: %zu, activation: relu}", units);
}

/* Targets far from 0 or from 1 in size: the configuration cannot scale them, but the last layer can
 * begin where they lie. */
static bool starts_at_targets(const DataOutline *outline) {
  double deviation = outline->target_deviation;
  return deviation > 10 || deviation < 0.1 || fabs(outline->target_mean) > 10;
}

/* With hidden units of about 1, outputs begin with the deviation of the targets. */
static void append_number_output(Text *out, const DataOutline *outline) {
  size_t n_outputs = outline->data.description.target_width;
  if (!starts_at_targets(outline)) {
    append_line(out, "the number itself: no activation", "    - dense: {units: %zu}", n_outputs);
    return;
  }
  double stddev = outline->target_deviation / sqrt((double)hidden_units(outline->width));
  append_line(out, "the number itself; data.scale is for inputs alone, so begin where targets lie",
              "    - dense:\n"
              "        units: %zu\n"
              "        kernel_initializer: {normal: {stddev: %.3g}}\n"
              "        bias_initializer: {constant: %.4g}",
              n_outputs, stddev, outline->target_mean);
}

static void append_output(Text *out, const DataOutline *outline) {
  size_t n_units = (size_t)outline->targets.greatest + 1; /* of classes */
  switch (outline->task) {
  case TASK_NUMBERS: append_number_output(out, outline); break;
  case TASK_YES_NO:
    append_line(out,
                outline->data.description.n_class_names > 0 ? "the probability of class 1"
                                                            : "the probability of a yes",
                "    - dense: {units: 1, activation: sigmoid}");
    break;
  case TASK_CLASSES:
    append_line(out,
                n_units == outline->n_classes
                    ? "a probability for each class"
                    : "a probability for each class from 0 on, used or not",
                "    - dense: {units: %zu, activation: softmax}", n_units);
    break;
  }
}

static void append_input(Text *out, const DataOutline *outline) {
  const Shape *shape = &outline->data.description.input_shape;
  char text[SHAPE_TEXT_BYTES], comment[SHAPE_TEXT_BYTES + 64];
  snprintf(comment, sizeof comment, "numbers of a sample%s%s", shape->n_dims > 1 ? ": " : "",
           shape->n_dims > 1 ? shape_text(shape, text) : "");
  append_line(out, comment, "  input: %zu", outline->width);
}

static void append_model(Text *out, const DataOutline *outline) {
  text_append(out, "model:\n");
  append_input(out, outline);
  text_append(out, "  layers:\n");
  append_hidden(out, outline);
  append_output(out, outline);
  text_append(out, "\n");
}

/* ---- loss and optimizer ---- */

static void append_loss(Text *out, const DataOutline *outline) {
  switch (outline->task) {
  case TASK_NUMBERS:
    append_line(out, "mean_absolute_error or huber forgive outliers", "loss: mean_squared_error");
    append_line(out, "how far off, in the unit of the targets", "metrics: [mean_absolute_error]");
    break;
  case TASK_YES_NO:
    append_line(out, "for one answer of two", "loss: binary_cross_entropy");
    append_line(out, "share of right answers", "metrics: [accuracy]");
    break;
  case TASK_CLASSES:
    append_line(out, "for one class of several", "loss: categorical_cross_entropy");
    append_line(out, "share of right answers", "metrics: [accuracy]");
    break;
  }
  text_append(out, "\n");
  append_line(out, "too high, and the loss jumps; too low, and it crawls",
              "optimizer: {name: adam, learning_rate: 0.001}");
  text_append(out, "\n");
}

/* ---- data ---- */

/* Some columns hold much larger numbers than most. */
static bool is_uneven(const DataOutline *outline) {
  enum { MUCH = 10 };
  return outline->columns.greatest > MUCH * outline->typical;
}

/* What the inputs are divided by. */
static double input_scale(const DataOutline *outline) {
  enum { SMALL = 4, BYTE = 255 };
  if (outline->data.description.input_dtype == DTYPE_U8) return BYTE;
  double size = is_uneven(outline) ? outline->typical : outline->columns.greatest;
  return size > SMALL ? size : 1;
}

static void append_scale(Text *out, const DataOutline *outline) {
  double scale = input_scale(outline);
  append_line(out,
              scale == 1 ? "inputs are divided by it: they are small as they are"
                         : "inputs are divided by it, so that they are about 1",
              "  scale: %.4g", scale);
  if (!is_uneven(outline)) return;
  text_append(
      out,
      "  # The columns differ in size: the largest number is %.4g in one, %.4g in another,\n"
      "  # and there is one scale for all, here a middle one. Divide each column by its own\n"
      "  # deviation in the file itself, and training will be faster and better.\n",
      outline->columns.least, outline->columns.greatest);
}

static void append_target_rule(Text *out, const DataOutline *outline) {
  bool is_plain = outline->targets.least == 0 && outline->targets.greatest == 1;
  if (outline->task != TASK_YES_NO || is_plain) return;
  append_line(out, "this target is a yes, the other one a no", "  target_rule: {equals: %.0f}",
              outline->targets.greatest);
}

static void append_constant_columns(Text *out, const DataOutline *outline) {
  if (outline->files.is_idx || outline->n_constant == 0) return;
  text_append(out, "  # The same number in all samples, and so of no use: %zu of %zu columns.\n",
              outline->n_constant, outline->width);
}

static const char *reason_of(const char *option) {
  static const char *const reasons[][2] = {
      {"inputs:", "a relative path lies below this file's folder"},
      {"targets:", "a number for each of the inputs"},
      {"header:", "the first row is a sample already"},
      {"delimiter:", "between two fields"},
      {"target:", "the column to predict: a name, or an index from 0; -1: the last"},
  };
  for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
    if (strncmp(option, reasons[i][0], strlen(reasons[i][0])) == 0) return reasons[i][1];
  }
  return "";
}

static void append_train(Text *out, const DataOutline *outline) {
  bool is_idx = outline->files.is_idx;
  Text options = {0};
  data_outline_append_options(outline, false, "\n", &options);
  text_append(out, "  train:\n");
  append_line(out, is_idx ? "as MNIST has it" : "a row for each sample", "    format: %s",
              is_idx ? "idx" : "csv");
  char *rest;
  for (char *option = strtok_r(options.bytes, "\n", &rest); option;
       option = strtok_r(NULL, "\n", &rest)) {
    append_line(out, reason_of(option), "    %s", option);
  }
  text_release(&options);
}

static void append_test(Text *out, const DataOutline *outline) {
  if (!outline->files.test_inputs) return;
  text_append(out, "  # What `lockstep eval` measures on, once all is decided.\n");
  text_append(out, "  test:\n    format: %s\n    ", outline->files.is_idx ? "idx" : "csv");
  data_outline_append_options(outline, true, "\n    ", out);
  text_append(out, "\n");
}

static void append_data(Text *out, const DataOutline *outline) {
  enum { LEAST_TO_SPLIT = 10 };
  bool is_split = outline->data.description.n_samples >= LEAST_TO_SPLIT;
  text_append(out, "data:\n");
  append_train(out, outline);
  append_line(out,
              is_split ? "kept back from training: its loss tells what was learnt"
                       : "too few samples to keep some of them back",
              "  validation: %s", is_split ? "{split: 0.2}" : "null");
  append_test(out, outline);
  append_scale(out, outline);
  append_target_rule(out, outline);
  append_constant_columns(out, outline);
  text_append(out, "\n");
}

/* ---- training ---- */

/* Small batches take many steps, of which small data need many an epoch. */
static void append_training(Text *out, const DataOutline *outline) {
  enum { WANTED_STEPS = 4000, LEAST_EPOCHS = 5, MOST_EPOCHS = 200 };
  size_t n_training = outline->data.description.n_samples * 4 / 5;
  size_t batch_size = n_training < 1000 ? 16 : n_training < 10000 ? 32 : 128;
  size_t steps = n_training / batch_size + 1, epochs = WANTED_STEPS / steps + 1;
  if (epochs < LEAST_EPOCHS) epochs = LEAST_EPOCHS;
  if (epochs > MOST_EPOCHS) epochs = MOST_EPOCHS;
  text_append(out, "training:\n");
  append_line(out, "passes over the samples; enough where val_loss rises", "  epochs: %zu", epochs);
  append_line(out, "samples an update; larger: faster epochs, fewer updates", "  batch_size: %zu",
              batch_size);
}

/* ---- without data ---- */

static void append_line_example(Text *out) {
  text_append(out, "model:\n");
  append_line(out, "numbers of a sample", "  input: 1");
  text_append(out, "  layers:\n");
  append_line(out, "a straight line: a weight and a bias", "    - dense: {units: 1}");
  text_append(out, "\n");
  append_line(out, "of classes: categorical_cross_entropy", "loss: mean_squared_error");
  append_line(out, "how far off", "metrics: [mean_absolute_error]");
  text_append(out, "\n");
  append_line(out, "or adam, which suits most networks",
              "optimizer: {name: sgd, learning_rate: 0.05}");
  text_append(out, "\ndata:\n");
  append_line(out, "made-up points around y = 3 x + 2", "  train: {format: linear, noise: 0.5}");
  text_append(out,
              "  # Your own, a row for each sample, the last column the target:\n"
              "  # train: {format: csv, inputs: FILE.csv, target: -1}\n"
              "  # `lockstep new NAME --data FILE.csv` looks at a file and writes all of this.\n");
  append_line(out, "kept back from training: its loss tells what was learnt",
              "  validation: {split: 0.2}");
  text_append(out, "\ntraining:\n");
  append_line(out, "passes over the samples", "  epochs: 10");
  append_line(out, "samples for an update", "  batch_size: 32");
}

char *config_starter_text(const char *path, const DataOutline *outline) {
  Text text = {0};
  append_head(&text, path, outline);
  if (!outline) {
    append_line_example(&text);
    return text_take(&text);
  }
  append_model(&text, outline);
  append_loss(&text, outline);
  append_data(&text, outline);
  append_training(&text, outline);
  return text_take(&text);
}
