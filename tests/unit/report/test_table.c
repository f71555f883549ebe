/* report/table: columns as wide as what stands in them, numbers to the right. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "report/table.h"

#include <cmocka.h>

/* Compares a table's text, and releases the table. */
static void assert_text(TextTable *table, const char *expected) {
  char *text = text_table_text(table);
  assert_string_equal(text, expected);
  memory_release(text);
  text_table_destroy(table);
}

static void columns_are_as_wide_as_their_widest_cell(void **state) {
  (void)state;
  TextTable *table = text_table_create(3, (const char *const[]){"layer", "kind", "parameters"});
  text_table_add(table, (const char *const[]){"dense", "dense", "401,920"});
  text_table_add(table, (const char *const[]){"a_longer_name", "x", "10"});
  assert_text(table, "layer          kind   parameters\n"
                     "dense          dense     401,920\n"
                     "a_longer_name  x              10\n");
}

static void numbers_stand_to_the_right_and_words_to_the_left(void **state) {
  (void)state;
  TextTable *table = text_table_create(2, (const char *const[]){"n", "w"});
  text_table_add(table, (const char *const[]){"-1.5", "word"});
  text_table_add(table, (const char *const[]){"+20", "1"});
  text_table_add(table, (const char *const[]){".5", "2"});
  assert_text(table, "   n  w\n-1.5  word\n +20  1\n  .5  2\n");
}

static void empty_cells_stay_empty(void **state) {
  (void)state;
  TextTable *table = text_table_create(2, (const char *const[]){"loss", "val_loss"});
  text_table_add(table, (const char *const[]){"0.5", ""});
  text_table_add(table, (const char *const[]){NULL, "0.25"});
  assert_text(table, "loss  val_loss\n 0.5\n          0.25\n");
}

static void table_without_rows_is_its_header(void **state) {
  (void)state;
  assert_text(text_table_create(2, (const char *const[]){"a", "b"}), "a  b\n");
  text_table_destroy(NULL);
}

static void characters_count_not_their_bytes(void **state) {
  (void)state;
  TextTable *table = text_table_create(2, (const char *const[]){"name", "n"});
  text_table_add(table, (const char *const[]){"Bär", "1"});
  text_table_add(table, (const char *const[]){"Maus", "22"});
  assert_text(table, "name   n\nBär    1\nMaus  22\n");
}

static void cells_are_copied(void **state) {
  (void)state;
  char cell[] = "one";
  TextTable *table = text_table_create(1, (const char *const[]){"x"});
  text_table_add(table, (const char *const[]){cell});
  strcpy(cell, "two");
  assert_text(table, "x\none\n");
}

static void box_is_drawn_as_keras_draws_it(void **state) {
  (void)state;
  TextTable *table = text_table_create(2, (const char *const[]){"Layer", "Param #"});
  text_table_add(table, (const char *const[]){"dense (Dense)", "24"});
  text_table_add(table, (const char *const[]){"out", "1,027"});
  char *text = text_table_boxed(table);
  assert_string_equal(text, "┏━━━━━━━━━━━━━━━┳━━━━━━━━━┓\n"
                            "┃ Layer         ┃ Param # ┃\n"
                            "┡━━━━━━━━━━━━━━━╇━━━━━━━━━┩\n"
                            "│ dense (Dense) │      24 │\n"
                            "├───────────────┼─────────┤\n"
                            "│ out           │   1,027 │\n"
                            "└───────────────┴─────────┘\n");
  memory_release(text);
  text_table_destroy(table);
}

static void page_shows_the_same_cells_with_numbers_to_the_right(void **state) {
  (void)state;
  TextTable *table = text_table_create(2, (const char *const[]){"layer", "n"});
  text_table_add(table, (const char *const[]){"<dense>", "1,024"});
  Html page = {0};
  text_table_html(table, &page);
  char *markup = html_take(&page);
  assert_string_equal(markup, "<div class=\"scroll\"><table>"
                              "<tr><th>layer</th><th class=\"number\">n</th></tr>"
                              "<tr><td>&lt;dense&gt;</td><td class=\"number\">1,024</td></tr>"
                              "</table></div>");
  memory_release(markup);
  text_table_destroy(table);
}

static void a_table_without_columns_is_an_empty_line(void **state) {
  (void)state;
  assert_text(text_table_create(0, NULL), "\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_table_without_columns_is_an_empty_line),
      cmocka_unit_test(box_is_drawn_as_keras_draws_it),
      cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
      cmocka_unit_test(numbers_stand_to_the_right_and_words_to_the_left),
      cmocka_unit_test(empty_cells_stay_empty),
      cmocka_unit_test(table_without_rows_is_its_header),
      cmocka_unit_test(characters_count_not_their_bytes),
      cmocka_unit_test(cells_are_copied),
      cmocka_unit_test(page_shows_the_same_cells_with_numbers_to_the_right),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
