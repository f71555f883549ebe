/* config/yaml_tree: reading with places, what is refused, and the paths of --set. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "config/yaml_tree.h"
#include "support/temp_files.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static YamlNode *read_good(const char *text) {
  YamlNode *root;
  if (yaml_read_text(text, "test.yaml", &root) != OK) fail_msg("%s", status_message());
  return root;
}

static void assert_refused(const char *text, const char *message) {
  YamlNode *root;
  assert_int_equal(yaml_read_text(text, "test.yaml", &root), ERR_CONFIG);
  assert_string_equal(status_message(), message);
  assert_null(root);
}

/* ---- reading ---- */

static void nodes_remember_file_and_line(void **state) {
  (void)state;
  YamlNode *root =
      read_good("seed: 1\n\nmodel:\n  input: 4\n  layers:\n  - dense:\n      units: 3\n");
  const YamlNode *layers = yaml_find(yaml_find(root, "model"), "layers");
  const YamlNode *units = yaml_find(yaml_find(layers->items[0], "dense"), "units");
  char place[YAML_PLACE_BYTES];
  assert_string_equal(yaml_place(yaml_find(root, "seed"), place), "test.yaml:1");
  assert_string_equal(yaml_place(units, place), "test.yaml:7");
  assert_string_equal(units->text, "3");
  yaml_destroy(root);
}

static void maps_and_lists_keep_their_order(void **state) {
  (void)state;
  YamlNode *root = read_good("{b: 1, a: [x, y, {z: 2}], c: {}}");
  assert_int_equal(root->type, YAML_MAP);
  assert_int_equal(root->count, 3);
  assert_string_equal(root->keys[0], "b");
  assert_string_equal(root->keys[1], "a");
  assert_int_equal(root->items[1]->type, YAML_LIST);
  assert_int_equal(root->items[1]->count, 3);
  assert_string_equal(root->items[1]->items[1]->text, "y");
  assert_int_equal(root->items[2]->count, 0);
  yaml_destroy(root);
}

static void aliases_are_copies_of_their_anchors(void **state) {
  (void)state;
  YamlNode *root = read_good("a: &x {k: 1}\nb: *x\n");
  assert_string_equal(yaml_find(yaml_find(root, "b"), "k")->text, "1");
  assert_ptr_not_equal(yaml_find(root, "a"), yaml_find(root, "b"));
  yaml_destroy(root);
}

static void empty_document_is_an_empty_map(void **state) {
  (void)state;
  static const char *const texts[] = {"", "\n\n", "# only a comment\n"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    YamlNode *root = read_good(texts[i]);
    assert_int_equal(root->type, YAML_MAP);
    assert_int_equal(root->count, 0);
    yaml_destroy(root);
  }
}

static void null_is_written_in_three_ways_without_quotes(void **state) {
  (void)state;
  YamlNode *root = read_good("a: null\nb: ~\nc:\nd: \"null\"\ne: '~'\nf: \"\"\ng: {}\nh: 0\n");
  for (size_t i = 0; i < root->count; i++) {
    assert_int_equal(yaml_is_null(root->items[i]), i < 3);
  }
  yaml_destroy(root);
}

static void find_looks_in_maps_alone(void **state) {
  (void)state;
  YamlNode *root = read_good("a: [b]\n");
  assert_null(yaml_find(root, "b"));
  assert_null(yaml_find(yaml_find(root, "a"), "b"));
  assert_null(yaml_find(yaml_find(root, "a")->items[0], "b"));
  yaml_destroy(root);
}

static void file_is_read_under_its_path(void **state) {
  (void)state;
  const char *path = temp_write_text("good.yaml", "a: 1\nb: 2\n");
  YamlNode *root;
  char place[YAML_PLACE_BYTES], expected[YAML_PLACE_BYTES];
  assert_int_equal(yaml_read_file(path, &root), OK);
  snprintf(expected, sizeof expected, "%s:2", path);
  assert_string_equal(yaml_place(yaml_find(root, "b"), place), expected);
  yaml_destroy(root);
}

static void value_of_the_command_line_has_no_line(void **state) {
  (void)state;
  YamlNode *value;
  char place[YAML_PLACE_BYTES];
  assert_int_equal(yaml_read_value("{cosine: {decay_steps: 10}}", "--set x=...", &value), OK);
  assert_string_equal(yaml_place(value->items[0]->items[0], place), "--set x=...");
  yaml_destroy(value);
}

static void value_that_is_empty_is_null(void **state) {
  (void)state;
  YamlNode *value;
  assert_int_equal(yaml_read_value("", "--set x=", &value), OK);
  assert_int_equal(value->type, YAML_SCALAR);
  assert_true(yaml_is_null(value));
  yaml_destroy(value);
}

/* ---- what is refused ---- */

static void file_that_is_missing_is_no_input(void **state) {
  (void)state;
  YamlNode *root;
  assert_int_equal(yaml_read_file("/no/such.yaml", &root), ERR_NO_INPUT);
  assert_string_equal(status_message(), "/no/such.yaml: cannot read: No such file or directory");
  assert_null(root);
}

static void folder_is_no_input(void **state) {
  (void)state;
  YamlNode *root;
  assert_int_equal(yaml_read_file(temp_folder(), &root), ERR_NO_INPUT);
  assert_non_null(strstr(status_message(), ": cannot read: "));
  assert_null(root);
}

static void syntax_errors_are_refused_by_line(void **state) {
  (void)state;
  assert_refused("a: 1\nb: {x: 1]\n", "test.yaml:2: YAML syntax: did not find expected ',' or '}'");
  assert_refused("a: 1\n\tb: 2\n", "test.yaml:2: YAML syntax: found a tab character that violates "
                                   "indentation");
  assert_refused("a: \"open\n", "test.yaml:2: YAML syntax: found unexpected end of stream");
  assert_refused("a: *nothing\n", "test.yaml:1: YAML syntax: found undefined alias");
}

static void bytes_that_are_no_text_are_refused_where_they_stand(void **state) {
  (void)state;
  YamlNode *root;
  assert_int_equal(yaml_read_text("a: 1\nb: 2\nc: \xff\n", "test.yaml", &root), ERR_CONFIG);
  assert_non_null(strstr(status_message(), "test.yaml"));
  /* Line 3, or byte 13: not line 1, where nothing is wrong. */
  assert_null(strstr(status_message(), "test.yaml:1:"));
  assert_true(strstr(status_message(), ":3:") || strstr(status_message(), "13"));
}

static void key_that_stands_twice_is_refused_by_line(void **state) {
  (void)state;
  assert_refused("a: 1\nb: 2\na: 3\n", "test.yaml:3: a: this key stands twice");
  assert_refused("m:\n  x: 1\n  x: 1\n", "test.yaml:3: x: this key stands twice");
}

static void key_that_is_no_text_is_refused(void **state) {
  (void)state;
  assert_refused("? [a, b]\n: 1\n", "test.yaml:1: a key must be plain text");
}

static void second_document_is_refused(void **state) {
  (void)state;
  assert_refused("a: 1\n---\nb: 2\n", "test.yaml:3: a second document; expected one");
  assert_refused("a: 1\n---\nb: {\n",
                 "test.yaml:4: YAML syntax: did not find expected node content");
}

static void nesting_without_end_is_refused(void **state) {
  (void)state;
  assert_refused("&x [*x]\n", "test.yaml:1: nested too deeply or too large");
}

static void anchors_that_multiply_are_refused(void **state) {
  (void)state;
  Text text = {0};
  text_append(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
  for (int i = 1; i < 6; i++) { /* a million nodes: were they made, memory would still suffice */
    text_append(&text, "a%d: &a%d [", i, i);
    for (int j = 0; j < 10; j++) text_append(&text, "%s*a%d", j ? ", " : "", i - 1);
    text_append(&text, "]\n");
  }
  YamlNode *root;
  assert_int_equal(yaml_read_text(text.bytes, "test.yaml", &root), ERR_CONFIG);
  assert_non_null(strstr(status_message(), "nested too deeply or too large"));
  text_release(&text);
}

/* ---- paths ---- */

static const YamlNode *find_path(const YamlNode *root, const char *a, const char *b) {
  const YamlNode *first = yaml_find(root, a);
  return first && b ? yaml_find(first, b) : first;
}

static void assign(YamlNode *root, const char *path, const char *value_text) {
  YamlNode *value;
  assert_int_equal(yaml_read_value(value_text, "--set", &value), OK);
  if (yaml_assign(root, path, value) != OK) fail_msg("%s", status_message());
}

static void assign_replaces_a_value(void **state) {
  (void)state;
  YamlNode *root = read_good("training: {epochs: 5, batch_size: 128}\n");
  assign(root, "training.epochs", "2");
  assert_string_equal(find_path(root, "training", "epochs")->text, "2");
  assert_string_equal(find_path(root, "training", "batch_size")->text, "128");
  assert_int_equal(yaml_find(root, "training")->count, 2);
  yaml_destroy(root);
}

static void assign_makes_the_maps_on_its_way(void **state) {
  (void)state;
  YamlNode *root = read_good("seed: 1\n");
  assign(root, "data.train.format", "csv");
  assert_string_equal(yaml_find(find_path(root, "data", "train"), "format")->text, "csv");
  yaml_destroy(root);
}

static void assign_reaches_items_of_lists(void **state) {
  (void)state;
  YamlNode *root = read_good("layers:\n- dense: {units: 3}\n- dropout: {rate: 0.5}\n");
  assign(root, "layers.1.dropout.rate", "0.1");
  assign(root, "layers[0].dense.units", "7");
  const YamlNode *layers = yaml_find(root, "layers");
  assert_string_equal(find_path(layers->items[1], "dropout", "rate")->text, "0.1");
  assert_string_equal(find_path(layers->items[0], "dense", "units")->text, "7");
  yaml_destroy(root);
}

static void assign_gives_a_lone_name_room_for_options(void **state) {
  (void)state;
  YamlNode *root = read_good("optimizer: adam\nloss: huber\nempty: null\n");
  assign(root, "optimizer.beta_1", "0.8");
  assert_string_equal(find_path(root, "optimizer", "name")->text, "adam");
  assert_string_equal(find_path(root, "optimizer", "beta_1")->text, "0.8");
  assign(root, "loss.huber.delta", "2");
  assert_int_equal(yaml_find(root, "loss")->count, 1);
  assert_string_equal(yaml_find(find_path(root, "loss", "huber"), "delta")->text, "2");
  assign(root, "empty.x", "1");
  assert_int_equal(yaml_find(root, "empty")->count, 1);
  yaml_destroy(root);
}

static void assert_assign_refused(const char *path, const char *message) {
  YamlNode *root = read_good("layers: [a, b]\n"), *value;
  assert_int_equal(yaml_read_value("1", "--set", &value), OK);
  assert_int_equal(yaml_assign(root, path, value), ERR_CONFIG);
  assert_string_equal(status_message(), message);
  yaml_destroy(root);
}

static void assign_to_an_item_that_is_missing_is_refused(void **state) {
  (void)state;
  assert_assign_refused("layers.2", "--set: no item '2' in a list of 2, counted from 0");
  assert_assign_refused("layers.-1", "--set: no item '-1' in a list of 2, counted from 0");
  assert_assign_refused("layers.dense", "--set: no item 'dense' in a list of 2, counted from 0");
  assert_assign_refused("layers.99999999999999999999",
                        "--set: no item '99999999999999999999' in a list of 2, counted from 0");
}

static void assign_without_a_key_is_refused(void **state) {
  (void)state;
  assert_assign_refused("", "--set: no key before the '='");
  assert_assign_refused("..[]", "--set: no key before the '='");
}

/* ---- writing ---- */

static void scalars_are_quoted_where_they_must_be_and_read_back(void **state) {
  (void)state;
  static const struct {
    const char *text, *written;
  } cases[] = {{"relu", "relu"},
               {"a/b-c.d_1", "a/b-c.d_1"},
               {"", "\"\""},
               {"null", "\"null\""},
               {"~", "\"~\""},
               {"-1", "\"-1\""},
               {"a b", "\"a b\""},
               {",", "\",\""},
               {"a: b", "\"a: b\""},
               {"\"q\\", "\"\\\"q\\\\\""},
               {"#c", "\"#c\""},
               {"\t", "\"\\x09\""},
               {"two\nlines", "\"two\\x0alines\""},
               {"\xc3\xa9", "\"\xc3\xa9\""}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    Text text = {0};
    yaml_append_scalar(&text, cases[i].text);
    assert_string_equal(text.bytes, cases[i].written);
    YamlNode *node;
    assert_int_equal(yaml_read_value(text.bytes, "test", &node), OK);
    assert_int_equal(node->type, YAML_SCALAR);
    assert_string_equal(node->text, cases[i].text);
    assert_false(yaml_is_null(node));
    yaml_destroy(node);
    text_release(&text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nodes_remember_file_and_line),
      cmocka_unit_test(maps_and_lists_keep_their_order),
      cmocka_unit_test(aliases_are_copies_of_their_anchors),
      cmocka_unit_test(empty_document_is_an_empty_map),
      cmocka_unit_test(null_is_written_in_three_ways_without_quotes),
      cmocka_unit_test(find_looks_in_maps_alone),
      cmocka_unit_test(file_is_read_under_its_path),
      cmocka_unit_test(value_of_the_command_line_has_no_line),
      cmocka_unit_test(value_that_is_empty_is_null),
      cmocka_unit_test(file_that_is_missing_is_no_input),
      cmocka_unit_test(folder_is_no_input),
      cmocka_unit_test(syntax_errors_are_refused_by_line),
      cmocka_unit_test(bytes_that_are_no_text_are_refused_where_they_stand),
      cmocka_unit_test(key_that_stands_twice_is_refused_by_line),
      cmocka_unit_test(key_that_is_no_text_is_refused),
      cmocka_unit_test(second_document_is_refused),
      cmocka_unit_test(nesting_without_end_is_refused),
      cmocka_unit_test(anchors_that_multiply_are_refused),
      cmocka_unit_test(assign_replaces_a_value),
      cmocka_unit_test(assign_makes_the_maps_on_its_way),
      cmocka_unit_test(assign_reaches_items_of_lists),
      cmocka_unit_test(assign_gives_a_lone_name_room_for_options),
      cmocka_unit_test(assign_to_an_item_that_is_missing_is_refused),
      cmocka_unit_test(assign_without_a_key_is_refused),
      cmocka_unit_test(scalars_are_quoted_where_they_must_be_and_read_back),
  };
  return cmocka_run_group_tests(tests, temp_folder_create, temp_folder_remove);
}
