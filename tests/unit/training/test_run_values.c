/* Every key of every table, with every odd value: a configuration that can be read builds a model,
 * data and an optimizer or says why not, in one line. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "optim/optimizer.h"
#include "support/temp_files.h"
#include "training/run_data.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static const char GOOD[] = "model:\n"
                           "  input: 2\n"
                           "  layers:\n"
                           "    - dense: {units: 3, activation: softmax}\n"
                           "loss: categorical_cross_entropy\n"
                           "optimizer: {name: sgd, learning_rate: 0.1}\n"
                           "data:\n"
                           "  train: {format: csv, inputs: rows.csv, target: class}\n"
                           "training: {epochs: 2, batch_size: 2}\n";

static const char ROWS[] = "a,b,class\n1,2,0\n3,4,1\n5,6,2\n7,8,0\n";

#define TEN     "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const char *const odd_values[] = {
    "",
    "null",
    "~",
    "\"\"",
    "-",
    "[]",
    "{}",
    "[null]",
    "{null: null}",
    "-1",
    ".nan",
    ".inf",
    "nan",
    "inf",
    "[[1]]",
    "{a: 1}",
    "\"a\\nb\"",
    "'${'",
    "0",
    "1.5",
    "true",
    "[1, 2]",
    "1e999",
    "99999999999999999999999999999",
    HUNDRED HUNDRED HUNDRED,
};

/* ---- what is done with a configuration ---- */

static Status build(const RunConfig *config) {
  Model *model = NULL;
  Optimizer *optimizer = NULL;
  RunData data = {0};
  Status status = model_create(&config->model, &config->loss, &config->metrics, &model);
  if (status == OK) status = run_data_read(config, model, NULL, &data);
  if (status == OK) {
    Range blocks = {0, parameter_block_count(&model->map)};
    status = optimizer_create(&config->optimizer, &model->map, blocks, &optimizer);
  }
  optimizer_destroy(optimizer);
  run_data_release(&data);
  model_destroy(model);
  return status;
}

static void assert_told(const char *change) {
  bool is_told = *status_message() && !strchr(status_message(), '\n');
  if (!is_told) fail_msg("%s: '%s'", change, status_message());
}

static void try_change(char *change) {
  TextList changes = {1, &change};
  RunConfig config;
  Status status = run_config_parse(GOOD, "good.yaml", temp_folder(), &changes, &config);
  if (status == OK) {
    memory_release(run_config_text(&config));
    status = build(&config);
    run_config_release(&config);
  }
  if (status != OK) assert_told(change);
}

/* ---- the tables ---- */

/* What stands before and behind a value in a change. */
typedef struct Frame {
  const char *before, *after;
} Frame;

static void try_table(const Option *table, Frame frame, int level);

static void try_value(Frame frame, const char *value) {
  Text change = {0};
  text_append(&change, "%s%s%s", frame.before, value, frame.after);
  try_change(change.bytes);
  text_release(&change);
}

/* A good value of what has to be given, so that the next key is looked at. */
static void append_required(const Option *table, const Option *but, Text *out) {
  for (const Option *row = table; row && row->key; row++) {
    if (row == but || row->fallback) continue;
    const char *value = row->type == OPTION_KIND   ? row->kinds->kinds[0]->name
                        : row->type == OPTION_PATH ? "rows.csv"
                                                   : "1";
    text_append(out, "%s: %s, ", row->key, value);
  }
}

/* The options of a kind, each on its own, with what else is required. */
static void try_kind(const Option *row, const Kind *kind, Frame frame, int level) {
  bool is_list = row->type == OPTION_KIND_LIST;
  try_value(frame, kind->name);
  for (const Option *option = kind->options; option && option->key; option++) {
    Text before = {0}, after = {0};
    text_append(&before, "%s%s{%s: %s", frame.before, is_list ? "[" : "",
                row->tag ? row->tag : kind->name, row->tag ? kind->name : "{");
    if (row->tag) text_append(&before, ", ");
    append_required(kind->options, option, &before);
    text_append(&after, "%s%s%s", row->tag ? "}" : "}}", is_list ? "]" : "", frame.after);
    const Option alone[] = {*option, {.key = NULL}};
    try_table(alone, (Frame){before.bytes, after.bytes}, level + 1);
    text_release(&before);
    text_release(&after);
  }
}

static void try_row(const Option *row, Frame frame, int level) {
  for (size_t i = 0; i < sizeof odd_values / sizeof *odd_values; i++) {
    try_value(frame, odd_values[i]);
  }
  for (size_t i = 0; row->kinds && row->kinds->kinds[i]; i++) {
    try_kind(row, row->kinds->kinds[i], frame, level);
  }
}

/* At level 0 a key begins the change, as in training.epochs=2; deeper down it stands in a map. */
static void try_table(const Option *table, Frame frame, int level) {
  for (const Option *row = table; row->key; row++) {
    Text before = {0};
    text_append(&before, "%s%s", frame.before, row->key);
    Text path = {0};
    text_append(&path, "%s.", before.bytes);
    if (row->type == OPTION_GROUP) try_table(row->group, (Frame){path.bytes, ""}, level);
    text_append(&before, "%s", level == 0 ? "=" : ": ");
    try_row(row, (Frame){before.bytes, frame.after}, level);
    text_release(&path);
    text_release(&before);
  }
}

static void every_key_survives_every_odd_value(void **state) {
  (void)state;
  temp_write_text("rows.csv", ROWS);
  try_table(run_options, (Frame){"", ""}, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_key_survives_every_odd_value),
  };
  return cmocka_run_group_tests(tests, temp_folder_create, temp_folder_remove);
}
