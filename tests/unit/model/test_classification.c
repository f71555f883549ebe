/* model/output_form and model/classification: what outputs mean, and what is counted from verdicts,
 * against examples counted by hand.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "model/classification.h"
#include "model/evaluation.h"
#include "support/networks.h"

#include <cmocka.h>

static const OutputForm three = {.m = 3, .classes = true, .probabilities = true};
static const OutputForm yes_or_no = {
    .m = 1, .classes = true, .probabilities = true, .threshold = (real)0.5};

/* label, prediction, output */
static const Verdict nine[] = {{0, 0, .9f}, {0, 0, .8f}, {0, 1, .5f},  {0, 2, .75f}, {1, 1, .6f},
                               {1, 2, .5f}, {1, 2, .5f}, {1, 1, 1.0f}, {2, 2, .4f}};

static Classification *classify(const OutputForm *form, size_t n, const Verdict *verdicts) {
  Verdict *copy = NEW_ARRAY(Verdict, n);
  memcpy(copy, verdicts, n * sizeof *copy);
  return classification_create(form, n, copy);
}

/* ---- outputs ---- */

static OutputForm form_of(const char *last_layer, const char *loss) {
  char yaml[128];
  snprintf(yaml, sizeof yaml, "{input: 2, layers: [dense: %s]}", last_layer);
  Network *network = network_create(yaml, loss);
  OutputForm form = output_form(network->model);
  network_destroy(network);
  return form;
}

static void last_activation_and_loss_tell_what_outputs_mean(void **state) {
  (void)state;
  static const struct {
    const char *layer, *loss;
    bool classes, probabilities;
    size_t n_classes;
  } cases[] = {
      {"{units: 4, activation: softmax}", "categorical_cross_entropy", true, true, 4},
      {"{units: 4, activation: softmax}", "mse", true, true, 4},
      {"{units: 4}", "categorical_hinge", true, false, 4},
      {"{units: 1, activation: sigmoid}", "binary_cross_entropy", true, true, 2},
      {"{units: 1, activation: tanh}", "hinge", true, false, 2},
      {"{units: 4, activation: sigmoid}", "binary_cross_entropy", false, false, 4},
      {"{units: 4}", "mse", false, false, 4},
      {"{units: 1}", "mse", false, false, 2},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    OutputForm form = form_of(cases[i].layer, cases[i].loss);
    if (form.classes != cases[i].classes || form.probabilities != cases[i].probabilities) {
      fail_msg("%s with %s", cases[i].layer, cases[i].loss);
    }
    assert_int_equal(output_class_count(&form), cases[i].n_classes);
  }
}

static void largest_output_is_the_class_and_the_first_of_equals(void **state) {
  (void)state;
  assert_int_equal(output_class(&three, (real[]){.2f, .3f, .5f}), 2);
  assert_int_equal(output_class(&three, (real[]){.4f, .4f, .2f}), 0);
  assert_true(output_of_class(&three, (real[]){.2f, .3f, .5f}, 1) == .3f);
}

static void one_output_is_a_yes_above_the_threshold(void **state) {
  (void)state;
  assert_int_equal(output_class(&yes_or_no, (real[]){.5f}), 0);
  assert_int_equal(output_class(&yes_or_no, (real[]){.75f}), 1);
  assert_true(output_of_class(&yes_or_no, (real[]){.25f}, 0) == .75f);
  assert_true(output_of_class(&yes_or_no, (real[]){.25f}, 1) == .25f);
  OutputForm sign = {.m = 1, .classes = true, .threshold = 0};
  assert_int_equal(output_class(&sign, (real[]){-2}), 0);
  assert_true(output_of_class(&sign, (real[]){-2}, 0) == 2);
}

/* ---- scores ---- */

static void assert_score(const ClassScore *found, size_t support, size_t predicted, size_t right) {
  assert_int_equal(found->support, support);
  assert_int_equal(found->predicted, predicted);
  assert_int_equal(found->right, right);
}

static void scores_are_those_counted_by_hand(void **state) {
  (void)state;
  Classification *found = classify(&three, 9, nine);
  assert_score(&found->classes[0], 4, 2, 2);
  assert_score(&found->classes[1], 4, 3, 2);
  assert_score(&found->classes[2], 1, 4, 1);
  assert_true(found->classes[0].precision == 1 && found->classes[0].recall == .5);
  assert_true(found->classes[1].precision == 2 / 3. && found->classes[1].recall == .5);
  assert_true(found->classes[2].precision == .25 && found->classes[2].recall == 1);
  assert_true(found->classes[0].f1 == 4 / 6. && found->classes[1].f1 == 4 / 7. &&
              found->classes[2].f1 == 2 / 5.);
  assert_true(found->accuracy == 5 / 9.);
  assert_true(fabs(found->macro_precision - (1 + 2 / 3. + .25) / 3) < 1e-15);
  assert_true(fabs(found->macro_recall - (.5 + .5 + 1) / 3) < 1e-15);
  assert_true(fabs(found->macro_f1 - (4 / 6. + 4 / 7. + 2 / 5.) / 3) < 1e-15);
  classification_destroy(found);
}

static void matrix_counts_labels_in_rows_and_predictions_in_columns(void **state) {
  (void)state;
  static const size_t expected[] = {2, 1, 1, 0, 2, 2, 0, 0, 1};
  Classification *found = classify(&three, 9, nine);
  size_t *matrix = classification_matrix(found);
  assert_memory_equal(matrix, expected, sizeof expected);
  memory_release(matrix);
  classification_destroy(found);
}

static void class_without_predictions_or_samples_scores_0_and_counts_for_means_if_it_occurs(
    void **state) {
  (void)state;
  static const Verdict verdicts[] = {{0, 0, 1}, {1, 0, .5f}};
  Classification *found = classify(&three, 2, verdicts);
  assert_true(found->classes[1].precision == 0 && found->classes[1].recall == 0 &&
              found->classes[1].f1 == 0);
  assert_true(found->classes[2].precision == 0 && found->classes[2].f1 == 0);
  assert_true(found->macro_precision == .25 && found->macro_recall == .5);
  classification_destroy(found);
}

static void no_samples_are_no_mistakes(void **state) {
  (void)state;
  Classification *found = classify(&three, 0, nine);
  assert_int_equal(found->n_mistakes, 0);
  assert_int_equal(found->n_confusions, 0);
  assert_true(found->accuracy == 0 && found->macro_f1 == 0);
  classification_destroy(found);
  classification_destroy(NULL);
}

/* ---- mistakes ---- */

static void mistakes_are_listed_the_surest_first_and_equals_in_order(void **state) {
  (void)state;
  static const size_t expected[] = {3, 2, 5, 6};
  Classification *found = classify(&three, 9, nine);
  assert_int_equal(found->n_mistakes, 4);
  assert_memory_equal(found->mistakes, expected, sizeof expected);
  classification_destroy(found);
}

static void output_that_is_no_number_comes_last(void **state) {
  (void)state;
  static const Verdict verdicts[] = {{0, 1, NAN}, {0, 1, .5f}, {0, 1, NAN}, {0, 1, .75f}};
  static const size_t expected[] = {3, 1, 0, 2};
  Classification *found = classify(&three, 4, verdicts);
  assert_memory_equal(found->mistakes, expected, sizeof expected);
  classification_destroy(found);
}

static void confusions_are_listed_the_most_frequent_first_and_equals_by_class(void **state) {
  (void)state;
  Classification *found = classify(&three, 9, nine);
  static const Confusion expected[] = {{1, 2, 2}, {0, 1, 1}, {0, 2, 1}};
  assert_int_equal(found->n_confusions, 3);
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(found->confusions[i].label, expected[i].label);
    assert_int_equal(found->confusions[i].prediction, expected[i].prediction);
    assert_int_equal(found->confusions[i].count, expected[i].count);
  }
  classification_destroy(found);
}

/* ---- verdicts of a model ---- */

/* All verdicts of a model over samples, whose targets may be indices or one-hot. */
static Verdict *verdicts_of(const Network *network, const ArrayRows *samples, size_t n) {
  RowSource rows = array_source(samples);
  Evaluation *evaluation = evaluation_create(network->model, &rows, n);
  Verdict *verdicts = NEW_ARRAY(Verdict, n);
  double sums[2];
  for (size_t b = 0; b < evaluation_block_count(evaluation); b++) {
    evaluation_block(evaluation, network->parameters, b, sums, NULL);
    evaluation_verdicts(evaluation, b, verdicts);
  }
  evaluation_destroy(evaluation);
  return verdicts;
}

static void verdicts_are_the_same_for_indices_and_one_hot_targets(void **state) {
  (void)state;
  enum { N = 300, K = 5 };
  Network *network = network_create("{input: 4, layers: [dense: {units: 5, activation: softmax}]}",
                                    "categorical_cross_entropy");
  ArrayRows samples = class_samples_create(N, 4, K);
  real *one_hot = NEW_ARRAY(real, N * K);
  for (size_t i = 0; i < N; i++) one_hot[i * K + (size_t)samples.targets[i]] = 1;
  ArrayRows wide = {.input_width = 4, .target_width = K, .x = samples.x, .targets = one_hot};

  Verdict *by_index = verdicts_of(network, &samples, N), *by_row = verdicts_of(network, &wide, N);
  assert_memory_equal(by_index, by_row, N * sizeof(Verdict));
  size_t n_right = 0;
  for (size_t i = 0; i < N; i++) {
    assert_int_equal(by_index[i].label, (uint32_t)samples.targets[i]);
    assert_true(by_index[i].output >= 1 / (real)K && by_index[i].output <= 1);
    n_right += by_index[i].label == by_index[i].prediction;
  }
  assert_in_range(n_right, 1, N - 1);

  memory_release(by_index), memory_release(by_row), memory_release(one_hot);
  class_samples_release(&samples);
  network_destroy(network);
}

static void one_sigmoid_output_gives_verdicts_of_two_classes(void **state) {
  (void)state;
  enum { N = 40 };
  Network *network = network_create("{input: 1, layers: [dense: {units: 1, activation: sigmoid}]}",
                                    "binary_cross_entropy");
  network_tensor(network, "dense", "kernel")[0] = 1;
  network_tensor(network, "dense", "bias")[0] = 0;
  ArrayRows samples = class_samples_create(N, 1, 2);
  Verdict *verdicts = verdicts_of(network, &samples, N);
  for (size_t i = 0; i < N; i++) {
    assert_int_equal(verdicts[i].prediction, samples.x[i] > 0);
    assert_int_equal(verdicts[i].label, (uint32_t)samples.targets[i]);
    assert_true(fabs(verdicts[i].output - 1 / (1 + exp(-fabs(samples.x[i])))) < 1e-6);
  }
  memory_release(verdicts);
  class_samples_release(&samples);
  network_destroy(network);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(last_activation_and_loss_tell_what_outputs_mean),
      cmocka_unit_test(largest_output_is_the_class_and_the_first_of_equals),
      cmocka_unit_test(one_output_is_a_yes_above_the_threshold),
      cmocka_unit_test(scores_are_those_counted_by_hand),
      cmocka_unit_test(matrix_counts_labels_in_rows_and_predictions_in_columns),
      cmocka_unit_test(
          class_without_predictions_or_samples_scores_0_and_counts_for_means_if_it_occurs),
      cmocka_unit_test(no_samples_are_no_mistakes),
      cmocka_unit_test(mistakes_are_listed_the_surest_first_and_equals_in_order),
      cmocka_unit_test(output_that_is_no_number_comes_last),
      cmocka_unit_test(confusions_are_listed_the_most_frequent_first_and_equals_by_class),
      cmocka_unit_test(verdicts_are_the_same_for_indices_and_one_hot_targets),
      cmocka_unit_test(one_sigmoid_output_gives_verdicts_of_two_classes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
