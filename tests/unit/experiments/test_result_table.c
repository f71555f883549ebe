/* experiments/result_table: one table in all its forms. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "experiments/result_table.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

/* Two points: one with everything, one of which nothing is known. */
static ResultTable *make_table(void) {
  ResultTable *table = result_table_create();
  size_t key = result_table_add_column(table, "batch_size", RESULT_TEXT, 0);
  size_t runs = result_table_add_column(table, "runs", RESULT_NUMBER, 0);
  size_t accuracy = result_table_add_column(table, "accuracy", RESULT_MEAN, 3);
  size_t hidden = result_table_add_column(table, "hidden", RESULT_NUMBER, -1);
  result_table_add_column(table, "empty", RESULT_NUMBER, 2);
  result_table_add_row(table);
  result_table_set_text(table, key, "{a: 1, \"b\"}");
  result_table_set_number(table, runs, 2);
  result_table_set_mean(table, accuracy, mean_of((const double[]){0.5, 0.75}, 2));
  result_table_set_number(table, hidden, 7);
  result_table_add_row(table);
  result_table_set_text(table, key, "32");
  result_table_set_mean(table, accuracy, mean_of((const double[]){0.25}, 1));
  return table;
}

static void assert_text(char *text, const char *expected) {
  assert_string_equal(text, expected);
  memory_release(text);
}

static void people_see_means_and_their_deviations(void **state) {
  (void)state;
  ResultTable *table = make_table();
  assert_text(result_table_text(table), "batch_size   runs       accuracy\n"
                                        "{a: 1, \"b\"}     2  0.625 ± 0.177\n"
                                        "32                         0.250\n");
  result_table_destroy(table);
}

static void csv_quotes_what_holds_commas(void **state) {
  (void)state;
  ResultTable *table = make_table();
  assert_text(result_table_csv(table), "batch_size,runs,accuracy,accuracy_deviation,hidden,empty\n"
                                       "\"{a: 1, \"\"b\"\"}\",2,0.625,0.176776695,7,\n"
                                       "32,,0.25,,,\n");
  result_table_destroy(table);
}

static void json_has_null_where_there_is_nothing(void **state) {
  (void)state;
  ResultTable *table = make_table();
  Json *rows = result_table_json(table);
  assert_text(json_text(rows, false),
              "[{\"batch_size\":\"{a: 1, \\\"b\\\"}\",\"runs\":2.0,\"accuracy\":0.625,"
              "\"accuracy_deviation\":0.176776695,\"hidden\":7.0,\"empty\":null},"
              "{\"batch_size\":\"32\",\"runs\":null,\"accuracy\":0.25,"
              "\"accuracy_deviation\":null,\"hidden\":null,\"empty\":null}]");
  json_release(rows);
  result_table_destroy(table);
}

static void hdf5_holds_a_dataset_per_column(void **state) {
  (void)state;
  ResultTable *table = make_table();
  H5File *file = h5_begin(0);
  result_table_write(table, file, "/points");
  char *bytes, **texts;
  size_t count, n_texts;
  h5_finish(file, &bytes, &count);
  H5File *read;
  Array deviations;
  assert_int_equal(h5_open(bytes, count, "points", &read), OK);
  assert_int_equal(h5_read_array(read, "/points/accuracy_deviation", DTYPE_F64, &deviations), OK);
  assert_int_equal(shape_count(&deviations.shape), 2);
  assert_float_equal(array_at(&deviations, 0), 0.1767766953, 1e-9);
  assert_true(isnan(array_at(&deviations, 1)));
  assert_int_equal(h5_get_texts(read, "/points", "batch_size", &texts, &n_texts), OK);
  assert_int_equal(n_texts, 2);
  assert_string_equal(texts[1], "32");
  for (size_t i = 0; i < n_texts; i++) memory_release(texts[i]);
  memory_release(texts);
  array_release(&deviations);
  h5_close(read);
  memory_release(bytes);
  result_table_destroy(table);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(people_see_means_and_their_deviations),
      cmocka_unit_test(csv_quotes_what_holds_commas),
      cmocka_unit_test(json_has_null_where_there_is_nothing),
      cmocka_unit_test(hdf5_holds_a_dataset_per_column),
  };
  return cmocka_run_group_tests_name("experiments/result_table", tests, NULL, NULL);
}
