/* data/dataset and its formats: what is described and read, what does not fit, and the hash. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "math/random.h"
#include "support/temp_files.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

/* Reads a data set as a configuration in the temporary folder would choose it. */
static Status read_setting(const char *yaml_text, Dataset *out) {
  KindSetting setting = {0};
  Status status = kind_setting_read(&dataset_kinds, yaml_text, &setting);
  if (status != OK) return status;
  status = dataset_read(&setting, temp_folder(), out);
  kind_setting_release(&setting);
  return status;
}

static Dataset read_good(const char *yaml_text) {
  Dataset dataset;
  if (read_setting(yaml_text, &dataset) != OK) fail_msg("%s", status_message());
  return dataset;
}

static void assert_refused(const char *yaml_text, Status expected, const char *words) {
  Dataset dataset;
  assert_int_equal(read_setting(yaml_text, &dataset), expected);
  if (!strstr(status_message(), words)) fail_msg("'%s' lacks '%s'", status_message(), words);
  assert_null(dataset.inputs.values);
  assert_null(dataset.description.name);
}

static void assert_values(const Array *array, const char *shape_expected, const double *expected) {
  char shape[SHAPE_TEXT_BYTES];
  assert_string_equal(shape_text(&array->shape, shape), shape_expected);
  for (size_t i = 0; i < shape_count(&array->shape); i++) {
    assert_true(array_at(array, i) == expected[i]);
  }
}

/* ---- idx ---- */

/* Writes an IDX file of bytes 1, 2, 3, ... */
static void write_idx(const char *name, size_t n_dims, const unsigned char *dims) {
  unsigned char bytes[256] = {0, 0, 8, (unsigned char)n_dims};
  size_t n_bytes = 4 + 4 * n_dims, n_elements = 1;
  for (size_t i = 0; i < n_dims; i++) {
    bytes[7 + 4 * i] = dims[i];
    n_elements *= dims[i];
  }
  for (size_t i = 0; i < n_elements; i++) bytes[n_bytes++] = (unsigned char)(i + 1);
  temp_write(name, bytes, n_bytes);
}

static void idx_data_set_keeps_stored_types_and_shapes(void **state) {
  (void)state;
  write_idx("images.idx", 3, (unsigned char[]){2, 2, 3});
  write_idx("labels.idx", 1, (unsigned char[]){2});
  Dataset dataset = read_good("{idx: {inputs: images.idx, targets: labels.idx}}");

  char shape[SHAPE_TEXT_BYTES];
  const DatasetDescription *description = &dataset.description;
  assert_int_equal(description->n_samples, 2);
  assert_int_equal(description->input_dtype, DTYPE_U8);
  assert_string_equal(shape_text(&description->input_shape, shape), "2x3");
  assert_int_equal(description->target_width, 1);
  assert_non_null(strstr(description->name, "images.idx"));
  assert_values(&dataset.inputs, "2x2x3", (double[]){1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  assert_values(&dataset.targets, "2x1", (double[]){1, 2});
  dataset_release(&dataset);
}

static void idx_data_set_needs_no_targets(void **state) {
  (void)state;
  write_idx("rows.idx", 2, (unsigned char[]){2, 2});
  Dataset dataset = read_good("{idx: {inputs: rows.idx}}");
  assert_int_equal(dataset.description.target_width, 0);
  assert_null(dataset.targets.values);
  assert_values(&dataset.inputs, "2x2", (double[]){1, 2, 3, 4});
  dataset_release(&dataset);
}

static void idx_data_set_of_numbers_has_samples_of_one_feature(void **state) {
  (void)state;
  write_idx("numbers.idx", 1, (unsigned char[]){3});
  Dataset dataset = read_good("{idx: {inputs: numbers.idx}}");
  assert_values(&dataset.inputs, "3x1", (double[]){1, 2, 3});
  dataset_release(&dataset);
}

static void idx_data_set_takes_several_targets_per_sample(void **state) {
  (void)state;
  write_idx("rows.idx", 2, (unsigned char[]){2, 2});
  write_idx("targets.idx", 2, (unsigned char[]){2, 3});
  Dataset dataset = read_good("{idx: {inputs: rows.idx, targets: targets.idx}}");
  assert_int_equal(dataset.description.target_width, 3);
  assert_values(&dataset.targets, "2x3", (double[]){1, 2, 3, 4, 5, 6});
  dataset_release(&dataset);
}

static void idx_data_set_with_targets_of_three_dimensions_is_refused(void **state) {
  (void)state;
  write_idx("rows.idx", 2, (unsigned char[]){2, 2});
  write_idx("cube.idx", 3, (unsigned char[]){2, 2, 2});
  assert_refused("{idx: {inputs: rows.idx, targets: cube.idx}}", ERR_DATA,
                 "cube.idx: found targets of the shape 2x2x2, expected one or two dimensions");
}

static void idx_data_set_with_other_counts_is_refused_naming_both(void **state) {
  (void)state;
  write_idx("rows.idx", 2, (unsigned char[]){2, 2});
  write_idx("labels.idx", 1, (unsigned char[]){3});
  assert_refused("{idx: {inputs: rows.idx, targets: labels.idx}}", ERR_DATA,
                 "rows.idx: found 2 inputs, but 3 targets in ");
  assert_non_null(strstr(status_message(), "labels.idx"));
}

static void idx_data_set_with_a_missing_file_is_refused(void **state) {
  (void)state;
  write_idx("rows.idx", 2, (unsigned char[]){2, 2});
  assert_refused("{idx: {inputs: none.idx}}", ERR_NO_INPUT, "none.idx: No such file");
  assert_refused("{idx: {inputs: rows.idx, targets: none.idx}}", ERR_NO_INPUT, "none.idx");
}

static void idx_data_set_that_is_damaged_is_refused(void **state) {
  (void)state;
  unsigned char bytes[] = {0, 0, 8, 1, 0, 0, 0, 2, 7};
  temp_write_gzip("short.gz", bytes, sizeof bytes);
  assert_refused("{idx: {inputs: short.gz}}", ERR_DATA, "short.gz: cut short");
}

static void data_set_paths_expand_variables(void **state) {
  (void)state;
  write_idx("rows.idx", 2, (unsigned char[]){2, 2});
  setenv("LOCKSTEP_TEST_NAME", "rows", 1);
  Dataset dataset = read_good("{idx: {inputs: \"${LOCKSTEP_TEST_NAME}.idx\"}}");
  dataset_release(&dataset);
  assert_refused("{idx: {inputs: \"${LOCKSTEP_TEST_NONE}\"}}", ERR_CONFIG,
                 "kind: the variable LOCKSTEP_TEST_NONE is not set");
}

/* ---- csv ---- */

static void csv_data_set_without_target_has_inputs_alone(void **state) {
  (void)state;
  temp_write_text("t.csv", "a,b\n1,2.5\n3,4\n");
  Dataset dataset = read_good("{csv: {inputs: t.csv}}");
  assert_int_equal(dataset.inputs.dtype, DTYPE_F32);
  assert_values(&dataset.inputs, "2x2", (double[]){1, 2.5, 3, 4});
  assert_int_equal(dataset.description.target_width, 0);
  assert_null(dataset.targets.values);
  dataset_release(&dataset);
}

static void csv_data_set_takes_the_target_out_of_the_inputs(void **state) {
  (void)state;
  temp_write_text("t.csv", "a,y,b\n1,-7,2\n3,2147483647,4\n");
  Dataset dataset = read_good("{csv: {inputs: t.csv, target: y}}");
  assert_values(&dataset.inputs, "2x2", (double[]){1, 2, 3, 4});
  assert_int_equal(dataset.targets.dtype, DTYPE_I32);
  assert_values(&dataset.targets, "2x1", (double[]){-7, 2147483647});
  assert_int_equal(dataset.description.n_class_names, 0);
  dataset_release(&dataset);
}

static void csv_data_set_finds_the_target_by_index(void **state) {
  (void)state;
  temp_write_text("t.csv", "1;2;3\n4;5;6\n");
  Dataset dataset = read_good("{csv: {inputs: t.csv, header: false, delimiter: ';', target: -1}}");
  assert_values(&dataset.inputs, "2x2", (double[]){1, 2, 4, 5});
  assert_values(&dataset.targets, "2x1", (double[]){3, 6});
  dataset_release(&dataset);
}

static void csv_data_set_keeps_fractions_and_large_targets_in_float64(void **state) {
  (void)state;
  temp_write_text("fraction.csv", "1,0.1\n2,3\n");
  Dataset dataset = read_good("{csv: {inputs: fraction.csv, header: false, target: -1}}");
  assert_int_equal(dataset.targets.dtype, DTYPE_F64);
  assert_values(&dataset.targets, "2x1", (double[]){0.1, 3});
  dataset_release(&dataset);

  temp_write_text("large.csv", "1,2147483648\n2,3\n");
  dataset = read_good("{csv: {inputs: large.csv, header: false, target: -1}}");
  assert_int_equal(dataset.targets.dtype, DTYPE_F64);
  assert_values(&dataset.targets, "2x1", (double[]){2147483648.0, 3});
  dataset_release(&dataset);
}

static void csv_data_set_turns_text_targets_into_class_indices(void **state) {
  (void)state;
  temp_write_text("t.csv",
                  "x,kind\n1,dog\n2,cat\n3,dog\n4,\xC3\xA9l\xC3\xA9phant\n5,Zebra\n6,10\n");
  Dataset dataset = read_good("{csv: {inputs: t.csv, target: kind}}");

  static const char *const names[] = {"10", "Zebra", "cat", "dog", "\xC3\xA9l\xC3\xA9phant"};
  assert_int_equal(dataset.description.n_class_names, 5);
  for (size_t i = 0; i < 5; i++) {
    assert_string_equal(dataset.description.class_names[i], names[i]);
  }
  assert_int_equal(dataset.targets.dtype, DTYPE_I32);
  assert_values(&dataset.targets, "6x1", (double[]){3, 2, 3, 4, 1, 0});
  assert_values(&dataset.inputs, "6x1", (double[]){1, 2, 3, 4, 5, 6});
  dataset_release(&dataset);
}

static void csv_data_set_of_the_target_alone_is_refused(void **state) {
  (void)state;
  temp_write_text("t.csv", "y\n1\n");
  assert_refused("{csv: {inputs: t.csv, target: y}}", ERR_DATA,
                 "t.csv: found no column but the target");
}

static void csv_data_set_with_a_number_beyond_float32_is_refused(void **state) {
  (void)state;
  temp_write_text("t.csv", "a,b\n1,2\n3,1e39\n");
  assert_refused("{csv: {inputs: t.csv}}", ERR_DATA,
                 "t.csv: found 1e+39 in column 'b' of row 1 (from 0)");
}

static void csv_data_set_with_a_bad_row_is_refused_by_line(void **state) {
  (void)state;
  temp_write_text("t.csv", "a,b\n1,2\n3\n");
  assert_refused("{csv: {inputs: t.csv}}", ERR_DATA, "t.csv:3: found 1 fields, expected 2");
}

static void csv_data_set_with_an_unknown_target_is_refused(void **state) {
  (void)state;
  temp_write_text("t.csv", "a,label\n1,2\n");
  assert_refused("{csv: {inputs: t.csv, target: lable}}", ERR_DATA, "did you mean label?");
}

static void csv_data_set_with_a_delimiter_that_is_none_is_refused_by_place(void **state) {
  (void)state;
  static const char *const delimiters[] = {"', '", "''", "'\"'", "\"\\n\""};
  temp_write_text("t.csv", "a,b\n1,2\n");
  for (size_t i = 0; i < sizeof delimiters / sizeof *delimiters; i++) {
    char yaml_text[128];
    snprintf(yaml_text, sizeof yaml_text, "{csv: {inputs: t.csv, delimiter: %s}}", delimiters[i]);
    assert_refused(yaml_text, ERR_CONFIG, ": kind: delimiter: found '");
  }
}

/* Reads a data set and returns what went to standard error meanwhile. */
static const char *read_warnings(const char *yaml_text) {
  static char words[512];
  const char *path = temp_path("stderr.txt");
  fflush(stderr);
  int saved = dup(STDERR_FILENO);
  FILE *file = freopen(path, "w+", stderr);
  Dataset dataset = read_good(yaml_text);
  dataset_release(&dataset);
  fflush(stderr);
  rewind(file);
  words[fread(words, 1, sizeof words - 1, file)] = '\0';
  dup2(saved, STDERR_FILENO);
  close(saved);
  return words;
}

static void csv_data_set_warns_about_a_header_of_numbers(void **state) {
  (void)state;
  log_set_level(LOG_WARNINGS);
  temp_write_text("t.csv", "1,2\n3,4\n");
  assert_non_null(strstr(read_warnings("{csv: {inputs: t.csv}}"), "write header: false"));
  assert_string_equal(read_warnings("{csv: {inputs: t.csv, header: false}}"), "");
  temp_write_text("t.csv", "1,b\n3,4\n");
  assert_string_equal(read_warnings("{csv: {inputs: t.csv}}"), "");
  log_set_level(LOG_SILENT);
}

/* ---- linear ---- */

static void linear_data_set_lies_on_its_line_without_noise(void **state) {
  (void)state;
  Dataset dataset = read_good("{linear: {samples: 300, weight: -2, bias: 0.5, noise: 0}}");
  assert_int_equal(dataset.description.n_samples, 300);
  assert_int_equal(dataset.inputs.dtype, DTYPE_F32);
  assert_int_equal(dataset.targets.dtype, DTYPE_F32);
  for (size_t i = 0; i < 300; i++) {
    double x = array_at(&dataset.inputs, i);
    assert_true(array_at(&dataset.targets, i) == (double)(float)(-2 * x + 0.5));
  }
  dataset_release(&dataset);
}

static void linear_data_set_is_drawn_from_its_streams(void **state) {
  (void)state;
  Dataset dataset = read_good("{linear: {seed: 7}}");
  RandomStream x_stream = {.seed = 7, .purpose = RANDOM_DATA, .stream = 0};
  RandomStream noise_stream = {.seed = 7, .purpose = RANDOM_DATA, .stream = 1};
  for (size_t i = 0; i < 1000; i++) {
    real x, noise;
    random_fill_normal(&x_stream, 0, i, 1, &x);
    random_fill_normal(&noise_stream, 0, i, 1, &noise);
    assert_true(array_at(&dataset.inputs, i) == (double)x);
    double y = 3 * (double)x + 2 + (double)noise;
    assert_true(array_at(&dataset.targets, i) == (double)(float)y);
  }
  dataset_release(&dataset);
}

static void linear_data_set_is_fitted_by_its_weight_and_bias(void **state) {
  (void)state;
  enum { N = 100000 };
  Dataset dataset = read_good("{linear: {samples: 100000, weight: 3, bias: 2, noise: 1}}");
  double x = 0, y = 0, xx = 0, xy = 0;
  for (size_t i = 0; i < N; i++) {
    double xi = array_at(&dataset.inputs, i), yi = array_at(&dataset.targets, i);
    x += xi, y += yi, xx += xi * xi, xy += xi * yi;
  }
  /* Least squares; both estimates have a standard deviation of 1 / sqrt(N) = 0.003. */
  double weight = (N * xy - x * y) / (N * xx - x * x);
  assert_true(fabs(weight - 3) < 0.015);
  assert_true(fabs((y - weight * x) / N - 2) < 0.015);
  dataset_release(&dataset);
}

static void linear_data_set_without_samples_is_refused(void **state) {
  (void)state;
  KindSetting setting = {0};
  Status status = kind_setting_read(&dataset_kinds, "{linear: {samples: 0}}", &setting);
  assert_int_equal(status, ERR_CONFIG);
}

/* ---- any format ---- */

static Status open_nothing(const void *options, const char *folder, DatasetSource *source) {
  (void)options, (void)folder;
  source->description.name = memory_copy_text("nothing");
  return OK;
}

static void close_nothing(DatasetSource *source) {
  (void)source;
}

static void data_set_without_samples_is_refused(void **state) {
  (void)state;
  DatasetKind nothing = {.kind = {.name = "nothing"}, .open = open_nothing, .close = close_nothing};
  KindSetting setting = {.kind = &nothing.kind};
  Dataset dataset;
  assert_int_equal(dataset_read(&setting, ".", &dataset), ERR_DATA);
  assert_string_equal(status_message(), "nothing: found no samples, expected at least one");
  assert_null(dataset.description.name);
}

static void data_set_rows_read_in_pieces_equal_those_read_at_once(void **state) {
  (void)state;
  static const char *const settings[] = {
      "{idx: {inputs: rows.idx, targets: labels.idx}}",
      "{csv: {inputs: t.csv, target: y}}",
      "{linear: {samples: 5}}",
  };
  write_idx("rows.idx", 2, (unsigned char[]){5, 4});
  write_idx("labels.idx", 1, (unsigned char[]){5});
  temp_write_text("t.csv", "x,y,z\n1,a,2\n3,b,4\n5,a,6\n7,c,8\n9,b,0\n");
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
    Dataset whole = read_good(settings[i]);
    KindSetting setting = {0};
    assert_int_equal(kind_setting_read(&dataset_kinds, settings[i], &setting), OK);
    const DatasetKind *kind = (const DatasetKind *)setting.kind;
    DatasetSource source = {0};
    assert_int_equal(kind->open(setting.options, temp_folder(), &source), OK);

    Dataset piece = {.description = source.description};
    size_t input_bytes = shape_count(&whole.inputs.shape) * dtype_bytes(whole.inputs.dtype) / 5;
    size_t target_bytes = dtype_bytes(whole.targets.dtype);
    char *inputs = memory_allocate(5 * input_bytes), *targets = memory_allocate(5 * target_bytes);
    for (size_t first = 5; first-- > 0;) { /* backwards: the harder order */
      assert_int_equal(kind->read_rows(&source, first, 1, inputs + first * input_bytes,
                                       targets + first * target_bytes),
                       OK);
    }
    assert_memory_equal(inputs, whole.inputs.values, 5 * input_bytes);
    assert_memory_equal(targets, whole.targets.values, 5 * target_bytes);

    kind->close(&source);
    dataset_release(&piece);
    dataset_release(&whole);
    kind_setting_release(&setting);
    memory_release(inputs);
    memory_release(targets);
  }
}

static void data_format_that_is_unknown_is_refused(void **state) {
  (void)state;
  Dataset dataset;
  assert_int_equal(read_setting("{cvs: {inputs: t.csv}}", &dataset), ERR_CONFIG);
  assert_non_null(strstr(status_message(), "unknown data format 'cvs'; did you mean csv?"));
}

/* ---- hash ---- */

static void hash_of(const char *yaml_text, char out[HASH_TEXT_BYTES]) {
  Dataset dataset = read_good(yaml_text);
  dataset_hash(&dataset, out);
  dataset_release(&dataset);
}

static void data_set_hash_is_that_of_the_decoded_samples(void **state) {
  (void)state;
  char plain[HASH_TEXT_BYTES], quoted[HASH_TEXT_BYTES];
  temp_write_text("a.csv", "x,y\n1,2\n3,4\n");
  temp_write_gzip("b.csv.gz", "\"1.0\";2\r\n3e0;4", 14);
  hash_of("{csv: {inputs: a.csv, target: y}}", plain);
  hash_of("{csv: {inputs: b.csv.gz, header: false, delimiter: ';', target: 1}}", quoted);
  assert_string_equal(plain, quoted);
  assert_int_equal(strlen(plain), 32);
}

static void data_set_hash_differs_by_value_shape_type_and_role(void **state) {
  (void)state;
  temp_write_text("a.csv", "x,y\n1,2\n3,4\n");
  temp_write_text("value.csv", "x,y\n1,2\n5,4\n");
  temp_write("uint8.idx", "\0\0\x08\x01\0\0\0\x01\x07", 9);
  temp_write("int8.idx", "\0\0\x09\x01\0\0\0\x01\x07", 9);
  temp_write_text("shape.csv", "x,y,z,w\n1,2,3,4\n");
  static const char *const settings[] = {
      "{csv: {inputs: a.csv}}",
      "{csv: {inputs: a.csv, target: x}}",
      "{csv: {inputs: a.csv, target: y}}",
      "{csv: {inputs: value.csv, target: y}}",
      "{idx: {inputs: uint8.idx}}",
      "{idx: {inputs: int8.idx}}",
      "{csv: {inputs: shape.csv}}",
      "{linear: {samples: 2}}",
      "{linear: {samples: 2, seed: 43}}",
  };
  enum { N = sizeof settings / sizeof *settings };
  char hashes[N][HASH_TEXT_BYTES];
  for (size_t i = 0; i < N; i++) {
    hash_of(settings[i], hashes[i]);
    for (size_t j = 0; j < i; j++) assert_string_not_equal(hashes[i], hashes[j]);
  }
}

/* ---- public data sets ---- */

static void data_set_of_mnist_is_read(void **state) {
  (void)state;
  const char *folder = getenv("MNIST");
  if (!folder) skip();
  Dataset dataset = read_good("{idx: {inputs: \"${MNIST}/t10k-images-idx3-ubyte.gz\","
                              " targets: \"${MNIST}/t10k-labels-idx1-ubyte.gz\"}}");
  assert_int_equal(dataset.description.n_samples, 10000);
  assert_int_equal(shape_count(&dataset.inputs.shape), 10000 * 784);
  assert_true(array_at(&dataset.targets, 0) == 7);
  dataset_release(&dataset);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(idx_data_set_keeps_stored_types_and_shapes),
      cmocka_unit_test(idx_data_set_needs_no_targets),
      cmocka_unit_test(idx_data_set_of_numbers_has_samples_of_one_feature),
      cmocka_unit_test(idx_data_set_takes_several_targets_per_sample),
      cmocka_unit_test(idx_data_set_with_targets_of_three_dimensions_is_refused),
      cmocka_unit_test(idx_data_set_with_other_counts_is_refused_naming_both),
      cmocka_unit_test(idx_data_set_with_a_missing_file_is_refused),
      cmocka_unit_test(idx_data_set_that_is_damaged_is_refused),
      cmocka_unit_test(data_set_paths_expand_variables),
      cmocka_unit_test(csv_data_set_without_target_has_inputs_alone),
      cmocka_unit_test(csv_data_set_takes_the_target_out_of_the_inputs),
      cmocka_unit_test(csv_data_set_finds_the_target_by_index),
      cmocka_unit_test(csv_data_set_keeps_fractions_and_large_targets_in_float64),
      cmocka_unit_test(csv_data_set_turns_text_targets_into_class_indices),
      cmocka_unit_test(csv_data_set_of_the_target_alone_is_refused),
      cmocka_unit_test(csv_data_set_with_a_number_beyond_float32_is_refused),
      cmocka_unit_test(csv_data_set_with_a_bad_row_is_refused_by_line),
      cmocka_unit_test(csv_data_set_with_an_unknown_target_is_refused),
      cmocka_unit_test(csv_data_set_with_a_delimiter_that_is_none_is_refused_by_place),
      cmocka_unit_test(csv_data_set_warns_about_a_header_of_numbers),
      cmocka_unit_test(linear_data_set_lies_on_its_line_without_noise),
      cmocka_unit_test(linear_data_set_is_drawn_from_its_streams),
      cmocka_unit_test(linear_data_set_is_fitted_by_its_weight_and_bias),
      cmocka_unit_test(linear_data_set_without_samples_is_refused),
      cmocka_unit_test(data_set_without_samples_is_refused),
      cmocka_unit_test(data_set_rows_read_in_pieces_equal_those_read_at_once),
      cmocka_unit_test(data_format_that_is_unknown_is_refused),
      cmocka_unit_test(data_set_hash_is_that_of_the_decoded_samples),
      cmocka_unit_test(data_set_hash_differs_by_value_shape_type_and_role),
      cmocka_unit_test(data_set_of_mnist_is_read),
  };
  return cmocka_run_group_tests(tests, temp_folder_create, temp_folder_remove);
}
