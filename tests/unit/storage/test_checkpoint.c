/* storage/checkpoint: everything is read back by bits, the same moment gives the same file, and a
 * file that is damaged or of another model is refused. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "io/file.h"
#include "io/h5.h"
#include "support/temp_files.h"
#include "unit/storage/content.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static Content *content;

static int make_content(void **state) {
  content = content_create(CONTENT_MODEL, 90);
  return temp_folder_create(state);
}

static int drop_content(void **state) {
  content_destroy(content);
  return temp_folder_remove(state);
}

static const char *write_good(const char *name) {
  const char *path = temp_path(name);
  if (checkpoint_write(path, &content->content) != OK) fail_msg("%s", status_message());
  return path;
}

static Checkpoint *open_good(const char *path) {
  Checkpoint *checkpoint;
  if (checkpoint_open(path, &checkpoint) != OK) fail_msg("%s", status_message());
  return checkpoint;
}

static void assert_same_doubles(size_t count, const double *found, const double *expected) {
  for (size_t i = 0; i < count; i++) {
    bool both_absent = isnan(found[i]) && isnan(expected[i]);
    if (!both_absent) assert_memory_equal(&found[i], &expected[i], sizeof(double));
  }
}

/* ---- round trip ---- */

static void progress_is_read_back(void **state) {
  (void)state;
  Checkpoint *checkpoint = open_good(write_good("progress.h5"));
  const Progress *found = checkpoint_progress(checkpoint), *expected = &content->progress;
  assert_int_equal(found->step, 90);
  assert_int_equal(found->epoch, 2);
  assert_int_equal(found->epoch_step, 10);
  assert_int_equal(found->samples_seen, 1280);
  assert_true(found->epoch_weight == 160 && found->epoch_seconds == 0.125);
  assert_true(found->noise.variance == 3 && found->noise.gradient == 0.5);
  assert_int_equal(found->n_sums, 2);
  assert_same_doubles(2, found->epoch_sums, expected->epoch_sums);
  checkpoint_close(checkpoint);
}

static void texts_and_facts_are_read_back(void **state) {
  (void)state;
  Checkpoint *checkpoint = open_good(write_good("facts.h5"));
  const RunFacts *facts = checkpoint_facts(checkpoint);
  char hash[HASH_TEXT_BYTES];
  parameters_hash(&content->network->model->map, content->network->parameters, hash);
  assert_string_equal(checkpoint_config(checkpoint), content->content.config);
  assert_string_equal(checkpoint_data_hash(checkpoint), content->content.data_hash);
  assert_string_equal(checkpoint_parameter_hash(checkpoint), hash);
  assert_string_equal(checkpoint_optimizer(checkpoint), "adam");
  assert_int_equal(facts->ranks * 100 + facts->ranks_per_node * 10 + facts->hosts, 322);
  assert_string_equal(facts->command_line, "lockstep train \"a b.yaml\"");
  assert_string_equal(facts->kernel_family, "Zen");
  assert_string_equal(facts->created, "2024-01-02T03:04:05Z");
  checkpoint_close(checkpoint);
}

static void names_of_classes_are_read_back_where_there_are_any(void **state) {
  (void)state;
  static const char *const names[] = {"ape", "", "Bär, alt"};
  size_t count;
  Checkpoint *checkpoint = open_good(write_good("numbers.h5"));
  assert_null(checkpoint_class_names(checkpoint, &count));
  assert_int_equal(count, 0);
  checkpoint_close(checkpoint);

  content->content.n_class_names = 3;
  content->content.class_names = names;
  checkpoint = open_good(write_good("classes.h5"));
  const char *const *found = checkpoint_class_names(checkpoint, &count);
  assert_int_equal(count, 3);
  for (size_t i = 0; i < 3; i++) assert_string_equal(found[i], names[i]);
  checkpoint_close(checkpoint);
  content->content.n_class_names = 0;
}

static void assert_same_table(const MetricTable *found, const MetricTable *expected) {
  assert_int_equal(found->n_columns, expected->n_columns);
  assert_int_equal(found->n_rows, expected->n_rows);
  for (size_t i = 0; i < expected->n_columns; i++) {
    assert_string_equal(found->names[i], expected->names[i]);
  }
  assert_same_doubles(found->n_rows * found->n_columns, found->values, expected->values);
}

static void history_is_read_back(void **state) {
  (void)state;
  Checkpoint *checkpoint = open_good(write_good("history.h5"));
  const History *found = checkpoint_history(checkpoint);
  assert_same_table(&found->epochs, &content->history.epochs);
  assert_same_table(&found->steps, &content->history.steps);
  assert_same_table(&found->histograms, &content->history.histograms);
  checkpoint_close(checkpoint);
}

static void history_without_rows_is_read_back(void **state) {
  (void)state;
  Content *fresh = content_create(CONTENT_MODEL, 0);
  fresh->history.epochs.n_rows = fresh->history.steps.n_rows = 0;
  fresh->history.histograms.n_rows = 0;
  const char *path = temp_path("fresh.h5");
  assert_int_equal(checkpoint_write(path, &fresh->content), OK);
  Checkpoint *checkpoint = open_good(path);
  assert_same_table(&checkpoint_history(checkpoint)->epochs, &fresh->history.epochs);
  assert_same_table(&checkpoint_history(checkpoint)->steps, &fresh->history.steps);
  assert_int_equal(checkpoint_history(checkpoint)->histograms.n_rows, 0);
  checkpoint_close(checkpoint);
  content_destroy(fresh);
}

/* Compares what lies in tensors; the padding has to stay zero. */
static void assert_same_vector(const real *found, const real *expected) {
  const ParameterMap *map = &content->network->model->map;
  size_t next = 0;
  for (size_t t = 0; t < map->n_tensors; t++) {
    const ParameterTensor *tensor = &map->tensors[t];
    for (; next < tensor->offset; next++) assert_true(found[next] == 0);
    assert_same_bits(tensor->name, tensor->count, found + next, expected + next);
    next += tensor->count;
  }
  for (; next < map->length; next++) assert_true(found[next] == 0);
}

static void parameters_and_slots_are_read_back(void **state) {
  (void)state;
  const ParameterMap *map = &content->network->model->map;
  Checkpoint *checkpoint = open_good(write_good("vectors.h5"));
  static const char *const names[] = {"momentum", "velocity"};
  for (size_t i = 0; i < 3; i++) {
    real *values = NEW_ARRAY(real, map->length);
    if (i < 2) {
      assert_int_equal(checkpoint_read_slot(checkpoint, map, names[i], values), OK);
    } else {
      assert_int_equal(checkpoint_read_parameters(checkpoint, map, values), OK);
    }
    assert_same_vector(values, i < 2 ? content->slots[i] : content->network->parameters);
    memory_release(values);
  }
  checkpoint_close(checkpoint);
}

static void same_moment_gives_the_same_bytes(void **state) {
  (void)state;
  char *once, *twice;
  size_t once_count, twice_count;
  file_read(write_good("once.h5"), &once, &once_count);
  Content *again = content_create(CONTENT_MODEL, 90); /* in other memory */
  const char *path = temp_path("twice.h5");
  assert_int_equal(checkpoint_write(path, &again->content), OK);
  file_read(path, &twice, &twice_count);
  assert_int_equal(once_count, twice_count);
  assert_memory_equal(once, twice, once_count);
  memory_release(once), memory_release(twice);
  content_destroy(again);
}

static void padding_does_not_enter_the_file(void **state) {
  (void)state;
  const ParameterMap *map = &content->network->model->map;
  char *once, *twice;
  size_t once_count, twice_count, behind = map->tensors[0].offset + map->tensors[0].count;
  assert_true(behind < map->tensors[1].offset);
  file_read(write_good("zeros.h5"), &once, &once_count);
  content->network->parameters[behind] = content->slots[0][behind] = 7;
  file_read(write_good("sevens.h5"), &twice, &twice_count);
  content->network->parameters[behind] = content->slots[0][behind] = 0;
  assert_memory_equal(once, twice, once_count);
  memory_release(once), memory_release(twice);
}

/* ---- as a Keras model ---- */

static void file_is_a_keras_model(void **state) {
  (void)state;
  char *bytes, *text, **names;
  size_t count;
  H5File *file;
  file_read(write_good("keras.h5"), &bytes, &count);
  assert_int_equal(h5_open(bytes, count, "keras.h5", &file), OK);
  assert_int_equal(h5_get_texts(file, "/model_weights", "layer_names", &names, &count), OK);
  /* A leaky_relu with a slope of its own is a layer of its own. */
  static const char *const expected[] = {"dense", "dense_activation", "dropout", "dense_1"};
  assert_int_equal(count, 4);
  for (size_t i = 0; i < 4; i++) {
    assert_string_equal(names[i], expected[i]);
    memory_release(names[i]);
  }
  memory_release(names);
  assert_true(h5_has(file, "/model_weights/dense_1/dense_1/kernel:0"));
  assert_true(h5_has(file, "/model_weights/dropout"));
  assert_int_equal(h5_get_text(file, "/", "model_config", &text), OK);
  assert_non_null(strstr(text, "\"class_name\":\"Sequential\""));
  assert_non_null(strstr(text, "\"batch_input_shape\":[null,6]"));
  memory_release(text);
  h5_close(file);
  memory_release(bytes);
}

/* ---- what is refused ---- */

static void parameter_that_is_not_finite_is_never_saved(void **state) {
  (void)state;
  const char *path = write_good("finite.h5");
  real *last = &content->network->parameters[content->network->model->map.tensors[3].offset];
  real before = *last;
  *last = INFINITY;
  assert_int_equal(checkpoint_write(path, &content->content), ERR_DIVERGED);
  assert_non_null(strstr(status_message(), "not saved: a parameter is not finite"));
  *last = before;
  checkpoint_close(open_good(path)); /* the old one is still there */
}

static void file_that_is_missing_is_no_input(void **state) {
  (void)state;
  Checkpoint *checkpoint;
  assert_int_equal(checkpoint_open("/no/such.h5", &checkpoint), ERR_NO_INPUT);
  assert_null(checkpoint);
}

/* Flips one bit of the file in place, and back. */
static void checkpoint_is_known_by_its_title_even_where_it_is_broken(void **state) {
  (void)state;
  const char *path = write_good("known.h5");
  assert_true(checkpoint_recognise(path));
  temp_cut(path, 100);
  assert_true(checkpoint_recognise(path));
  assert_false(checkpoint_recognise(temp_write_text("page", "Lockstep check")));
  assert_false(checkpoint_recognise("/no/such.h5"));
  assert_false(checkpoint_recognise(temp_folder()));
}

static void flip(FILE *file, size_t at) {
  fseek(file, (long)at, SEEK_SET);
  int byte = fgetc(file);
  fseek(file, (long)at, SEEK_SET);
  fputc(byte ^ 1 << at % 8, file);
  fflush(file);
}

static void flipped_bit_anywhere_is_refused(void **state) {
  (void)state;
  const char *path = write_good("flipped.h5");
  char *bytes;
  size_t count;
  file_read(path, &bytes, &count);
  FILE *file = fopen(path, "r+b");
  for (size_t at = 0; at < count; at += 1 + at % 37) {
    Checkpoint *checkpoint;
    flip(file, at);
    if (checkpoint_open(path, &checkpoint) != ERR_DATA) fail_msg("byte %zu can change unseen", at);
    assert_null(checkpoint);
    flip(file, at);
  }
  fclose(file);
  checkpoint_close(open_good(path));
  memory_release(bytes);
}

static void model_of_other_layers_is_refused(void **state) {
  (void)state;
  Checkpoint *checkpoint = open_good(write_good("layers.h5"));
  Network *other =
      network_create("{input: 6, layers: [dense: {units: 5, name: first}]}", "mean_squared_error");
  assert_int_equal(checkpoint_read_parameters(checkpoint, &other->model->map, other->parameters),
                   ERR_DATA);
  assert_non_null(strstr(status_message(), "another model: it has no tensor kernel of a layer "
                                           "first"));
  network_destroy(other);
  checkpoint_close(checkpoint);
}

static void model_of_other_shapes_is_refused_with_both(void **state) {
  (void)state;
  Checkpoint *checkpoint = open_good(write_good("shapes.h5"));
  Network *other = network_create("{input: 5, layers: [dense: {units: 6}]}", "mean_squared_error");
  const ParameterMap *map = &other->model->map;
  assert_int_equal(checkpoint_read_parameters(checkpoint, map, other->parameters), ERR_DATA);
  assert_non_null(strstr(status_message(), "found the shape 6x5 for kernel of layer dense, "
                                           "expected 5x6"));
  assert_int_equal(checkpoint_read_slot(checkpoint, map, "momentum", other->parameters), ERR_DATA);
  assert_non_null(strstr(status_message(), "/lockstep/optimizer/momentum: found 53 elements, "
                                           "expected 36"));
  network_destroy(other);
  checkpoint_close(checkpoint);
}

static void slot_that_is_missing_is_refused(void **state) {
  (void)state;
  const ParameterMap *map = &content->network->model->map;
  real *values = NEW_ARRAY(real, map->length);
  Checkpoint *checkpoint = open_good(write_good("slots.h5"));
  assert_int_equal(checkpoint_read_slot(checkpoint, map, "accumulator", values), ERR_DATA);
  assert_non_null(strstr(status_message(), "/lockstep/optimizer/accumulator: no such dataset"));
  checkpoint_close(checkpoint);
  memory_release(values);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(progress_is_read_back),
      cmocka_unit_test(texts_and_facts_are_read_back),
      cmocka_unit_test(names_of_classes_are_read_back_where_there_are_any),
      cmocka_unit_test(history_is_read_back),
      cmocka_unit_test(history_without_rows_is_read_back),
      cmocka_unit_test(parameters_and_slots_are_read_back),
      cmocka_unit_test(same_moment_gives_the_same_bytes),
      cmocka_unit_test(padding_does_not_enter_the_file),
      cmocka_unit_test(file_is_a_keras_model),
      cmocka_unit_test(parameter_that_is_not_finite_is_never_saved),
      cmocka_unit_test(file_that_is_missing_is_no_input),
      cmocka_unit_test(checkpoint_is_known_by_its_title_even_where_it_is_broken),
      cmocka_unit_test(flipped_bit_anywhere_is_refused),
      cmocka_unit_test(model_of_other_layers_is_refused),
      cmocka_unit_test(model_of_other_shapes_is_refused_with_both),
      cmocka_unit_test(slot_that_is_missing_is_refused),
  };
  return cmocka_run_group_tests(tests, make_content, drop_content);
}
