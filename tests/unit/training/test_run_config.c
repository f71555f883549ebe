/* training/run_config: the whole configuration, changes of the command line, the text that is kept,
 * and which of its values a resume may change. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "support/networks.h"
#include "support/temp_files.h"
#include "training/run_config.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static const char GOOD[] = "seed: 3\n"
                           "model:\n"
                           "  input: 4\n"
                           "  layers:\n"
                           "    - dense: {units: 8, activation: relu}\n"
                           "    - dropout: 0.25\n"
                           "    - dense: {units: 3, activation: softmax}\n"
                           "loss: sparse_categorical_crossentropy\n"
                           "optimizer: adam\n"
                           "data:\n"
                           "  train: {format: csv, inputs: a.csv, target: class}\n"
                           "  validation: {split: 0.2}\n"
                           "training: {epochs: 5, batch_size: 64}\n";

enum { MOST_CHANGES = 4 };

/* GOOD with changes "key=value", of which the last is NULL. */
static Status parse(const char *const *changes, RunConfig *out) {
  TextList list = {0, (char *[MOST_CHANGES]){0}};
  while (changes[list.count]) {
    list.values[list.count] = memory_copy_text(changes[list.count]);
    list.count++;
  }
  Status status = run_config_parse(GOOD, "good.yaml", "configs", &list, out);
  for (size_t i = 0; i < list.count; i++) memory_release(list.values[i]);
  return status;
}

static RunConfig parse_good(const char *change) {
  RunConfig config;
  if (parse((const char *const[]){change, NULL}, &config) != OK) fail_msg("%s", status_message());
  return config;
}

/* ---- reading ---- */

static void configuration_is_read_with_its_defaults(void **state) {
  (void)state;
  RunConfig config = parse_good(NULL);
  assert_int_equal(config.seed, 3);
  assert_int_equal(config.model.layers.count, 3);
  assert_string_equal(config.loss.kind->name, "categorical_cross_entropy");
  assert_string_equal(config.optimizer.kind->name, "adam");
  assert_string_equal(config.data.train.kind->name, "csv");
  assert_string_equal(config.data.validation.kind->name, "split");
  assert_null(config.data.test.kind);
  assert_true(config.data.scale == 1);
  assert_int_equal(config.training.epochs, 5);
  assert_int_equal(config.training.shards, 0);
  assert_true(config.training.shuffle && !config.training.drop_last);
  assert_int_equal(config.checkpoint.every_epochs, 1);
  assert_int_equal(config.checkpoint.keep, 3);
  assert_string_equal(config.folder, "configs");
  run_config_release(&config);
}

static void file_is_read_and_its_folder_kept(void **state) {
  (void)state;
  RunConfig config;
  const char *path = temp_write_text("run.yaml", GOOD);
  assert_int_equal(run_config_read(path, NULL, &config), OK);
  assert_string_equal(config.folder, temp_folder());
  run_config_release(&config);
  assert_null(config.folder);
}

static void file_that_is_missing_is_no_input(void **state) {
  (void)state;
  RunConfig config, zeros;
  memset(&zeros, 0, sizeof zeros);
  assert_refused(run_config_read("/no/such.yaml", NULL, &config), ERR_NO_INPUT, "/no/such.yaml");
  assert_memory_equal(&config, &zeros, sizeof zeros);
}

static void configuration_that_is_wrong_is_refused_and_empty(void **state) {
  (void)state;
  RunConfig config, zeros;
  memset(&zeros, 0, sizeof zeros);
  assert_refused(run_config_parse("seed: 1\nlos: x\n", "bad.yaml", ".", NULL, &config), ERR_CONFIG,
                 "bad.yaml:2: los: unknown key; did you mean loss?");
  assert_memory_equal(&config, &zeros, sizeof zeros);
  assert_refused(run_config_parse("seed: 1\n", "bad.yaml", ".", NULL, &config), ERR_CONFIG,
                 "bad.yaml:1: model.input: missing");
  assert_memory_equal(&config, &zeros, sizeof zeros);
}

/* ---- changes ---- */

static void changes_are_applied_in_their_order(void **state) {
  (void)state;
  RunConfig config;
  assert_int_equal(parse((const char *const[]){"training.epochs=7", "training.epochs=9",
                                               "model.layers.0.dense.units=16", NULL},
                         &config),
                   OK);
  assert_int_equal(config.training.epochs, 9);
  char *text = run_config_text(&config);
  assert_non_null(strstr(text, "units: 16"));
  memory_release(text);
  run_config_release(&config);
}

static void change_may_be_a_whole_map(void **state) {
  (void)state;
  RunConfig config = parse_good("optimizer={name: sgd, momentum: 0.9}");
  assert_string_equal(config.optimizer.kind->name, "sgd");
  run_config_release(&config);
  config = parse_good("optimizer.learning_rate=0.5"); /* of `optimizer: adam` */
  assert_string_equal(config.optimizer.kind->name, "adam");
  run_config_release(&config);
}

static void change_may_hold_an_equals_sign_in_its_value(void **state) {
  (void)state;
  RunConfig config = parse_good("data.train.inputs=a=b.csv");
  char *text = run_config_text(&config);
  assert_non_null(strstr(text, "inputs: \"a=b.csv\""));
  memory_release(text);
  run_config_release(&config);
}

static void assert_change_refused(const char *change, Status code, const char *words) {
  RunConfig config;
  assert_refused(parse((const char *const[]){change, NULL}, &config), code, words);
  assert_null(config.folder);
}

static void change_that_is_wrong_is_refused_by_its_words(void **state) {
  (void)state;
  assert_change_refused("training.epochs", ERR_USAGE, "--set training.epochs: expected key=value");
  assert_change_refused("=5", ERR_USAGE, "--set =5: expected key=value");
  assert_change_refused("", ERR_USAGE, "--set : expected key=value");
  assert_change_refused("training.epoch=5", ERR_CONFIG,
                        "training.epoch=5: training.epoch: unknown key; did you mean "
                        "training.epochs?");
  assert_change_refused("training.epochs=x", ERR_CONFIG,
                        "training.epochs=x: training.epochs: found 'x'");
  assert_change_refused("training.epochs=", ERR_CONFIG,
                        "training.epochs=: training.epochs: found nothing");
  assert_change_refused("training=5", ERR_CONFIG,
                        "training=5: training: found '5', expected "
                        "keys with values");
  assert_change_refused("model.layers.3.dense.units=1", ERR_CONFIG,
                        "model.layers.3.dense.units=1: no item '3' in a list of 3");
  assert_change_refused("loss={", ERR_CONFIG, "loss={");
  assert_change_refused("model.input=[0123456789, 0123456789, 0123456789, x]", ERR_CONFIG,
                        "model.input=[0123456789, 0123456789, 012...: model.input: found 'x'");
}

/* ---- the text ---- */

static void text_read_again_is_the_same_text(void **state) {
  (void)state;
  static const char *const changes[] = {
      NULL,
      "optimizer={name: rmsprop, learning_rate: 0.1, clip_norm: 0.3, decay_exclude: [bias]}",
      "optimizer.schedule={cosine: {decay_steps: 100, warmup_steps: 3}}",
      "training={batch_size: full, shards: 12, reduction: allreduce, steps: 7}",
      "data.train={format: idx, inputs: '${MNIST:-../data}/a b.gz', targets: t.gz}",
      "data.train.delimiter=';'",
      "data.target_rule={equals: {value: 3}}",
      "metrics=[accuracy, median_absolute_error]",
      "loss={huber: 0.5}",
  };
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
    RunConfig config = parse_good(changes[i]), again;
    char *once = run_config_text(&config);
    if (run_config_parse(once, "text", ".", NULL, &again) != OK) fail_msg("%s", status_message());
    char *twice = run_config_text(&again);
    assert_string_equal(once, twice);
    assert_int_equal(run_config_same_identity(&config, &again), OK);
    memory_release(once), memory_release(twice);
    run_config_release(&config), run_config_release(&again);
  }
}

/* ---- identity ---- */

static Status compare(const char *stored_change, const char *change) {
  RunConfig stored = parse_good(stored_change), config = parse_good(change);
  Status status = run_config_same_identity(&stored, &config);
  run_config_release(&stored), run_config_release(&config);
  return status;
}

static void free_options_may_change(void **state) {
  (void)state;
  static const char *const changes[] = {"training.epochs=50",
                                        "training.steps=10",
                                        "training.reduction=allreduce",
                                        "checkpoint.every_steps=7",
                                        "checkpoint.keep=1",
                                        "report.curves=false",
                                        "report.every_steps=5",
                                        "metrics=[mean_squared_error]",
                                        "data.train.inputs=moved.csv",
                                        "data.test={format: csv, inputs: t.csv}"};
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
    if (compare(NULL, changes[i]) != OK) fail_msg("%s: %s", changes[i], status_message());
  }
}

static void identity_options_may_not_change_and_both_values_are_named(void **state) {
  (void)state;
  static const char *const changes[][3] = {
      /* the change, and what the message says */
      {"seed=4", "seed: found 4, but the run to resume has 3", ""},
      {"model.input=5", "model.input: found [5], but the run to resume has [4]", ""},
      {"model.layers.0.dense.units=9", "model.layers[0].dense.units: found 9", "has 8"},
      {"model.layers.0.dense.activation=tanh", "activation: found tanh", "has relu"},
      {"model.layers.1.dropout=0.5", "dropout.rate: found 0.5", "has 0.25"},
      {"model.layers=[dense: 3]", "model.layers.count: found 1", "has 3"},
      {"loss=mse", "loss: found mean_squared_error", "has categorical_cross_entropy"},
      {"optimizer=sgd", "optimizer: found sgd", "has adam"},
      {"optimizer.beta_1=0.8", "optimizer.beta_1: found 0.8", "has 0.9"},
      {"optimizer.weight_decay=0.1", "optimizer.weight_decay: found 0.1", "has 0"},
      {"optimizer.clip_norm=1", "optimizer.clip_norm: found 1", "has null"},
      {"optimizer.schedule={cosine: 9}", "optimizer.schedule: found cosine", "has constant"},
      {"data.scale=255", "data.scale: found 255", "has 1"},
      {"data.validation.split=0.3", "data.validation.split: found 0.3", "has 0.2"},
      {"data.target_rule=odd", "data.target_rule: found odd", "has null"},
      {"training.batch_size=32", "training.batch_size: found 32", "has 64"},
      {"training.batch_size=full", "training.batch_size: found full", "has 64"},
      {"training.shards=2", "training.shards: found 2", "has auto"},
      {"training.shuffle=false", "training.shuffle: found false", "has true"},
      {"training.drop_last=true", "training.drop_last: found true", "has false"},
  };
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
    assert_refused(compare(NULL, changes[i][0]), ERR_CONFIG, changes[i][1]);
    assert_refused(compare(NULL, changes[i][0]), ERR_CONFIG, changes[i][2]);
    assert_int_equal(compare(changes[i][0], changes[i][0]), OK);
  }
}

static void value_that_only_one_of_them_has_is_named(void **state) {
  (void)state;
  /* A split takes samples away from training. */
  assert_refused(compare(NULL, "data.validation=null"), ERR_CONFIG,
                 "data.validation.split: found nothing, but the run to resume has 0.2");
  assert_refused(compare("data.validation=null", NULL), ERR_CONFIG,
                 "data.validation.split: found 0.2, but the run to resume has nothing");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(configuration_is_read_with_its_defaults),
      cmocka_unit_test(file_is_read_and_its_folder_kept),
      cmocka_unit_test(file_that_is_missing_is_no_input),
      cmocka_unit_test(configuration_that_is_wrong_is_refused_and_empty),
      cmocka_unit_test(changes_are_applied_in_their_order),
      cmocka_unit_test(change_may_be_a_whole_map),
      cmocka_unit_test(change_may_hold_an_equals_sign_in_its_value),
      cmocka_unit_test(change_that_is_wrong_is_refused_by_its_words),
      cmocka_unit_test(text_read_again_is_the_same_text),
      cmocka_unit_test(free_options_may_change),
      cmocka_unit_test(identity_options_may_not_change_and_both_values_are_named),
      cmocka_unit_test(value_that_only_one_of_them_has_is_named),
  };
  return cmocka_run_group_tests(tests, temp_folder_create, temp_folder_remove);
}
