/* optim/optimizer: independence of slices, weight decay, norms, errors. */

#include <string.h>

#include "unit/optim/trainee.h" /* last */

/* ---- slices ---- */

/* Five updates of noise, from parameters of noise. */
static void train_on_noise(Trainee *trainee) {
  const ParameterMap *map = &trainee->map;
  for (size_t i = 0; i < map->count; i++) *element(map, trainee->parameters, i) = (real)noise(i);
  for (uint64_t step = 0; step < 5; step++) {
    for (size_t i = 0; i < map->count; i++) {
      *element(map, trainee->gradient, i) = (real)(30 * noise(i + (step + 1) * map->count));
    }
    trainee_update(trainee, step, 0.03125);
  }
}

/* The elements of a slot that the slices hold between them are those that one owner holds. */
static void assert_same_slots(const Trainee *whole, const Trainee *parts) {
  size_t n_slots = optimizer_slot_count(whole->slices[0]);
  for (size_t s = 0; s < parts->n_slices; s++) {
    assert_int_equal(optimizer_slot_count(parts->slices[s]), n_slots);
    Range slice = parameter_slice(&parts->map, parts->blocks[s]);
    for (size_t slot = 0; slot < n_slots; slot++) {
      assert_memory_equal(optimizer_slot(parts->slices[s], slot),
                          optimizer_slot(whole->slices[0], slot) + slice.begin,
                          (slice.end - slice.begin) * sizeof(real));
    }
  }
}

static void assert_slices_do_not_matter(const char *yaml, size_t n_slices) {
  Trainee whole, parts;
  model_init(&whole, yaml, 1);
  model_init(&parts, yaml, n_slices);
  train_on_noise(&whole);
  train_on_noise(&parts);
  assert_memory_equal(parts.parameters, whole.parameters, whole.map.length * sizeof(real));
  assert_same_slots(&whole, &parts);
  trainee_release(&parts);
  trainee_release(&whole);
}

static void slices_of_any_number_give_the_same_bits(void **state) {
  (void)state;
  static const char *const optimizers[] = {
      "sgd",
      "sgd: {momentum: 0.9, clip_norm: 1}",
      "sgd: {momentum: 0.9, nesterov: true, clip_value: 0.5}",
      "rmsprop",
      "rmsprop: {momentum: 0.9}",
      "rmsprop: {centered: true}",
      "rmsprop: {momentum: 0.9, centered: true}",
      "adagrad",
      "adam",
      "adamw: {amsgrad: true, decay_exclude: [bias], clip_norm: 1}",
  };
  static const size_t slice_counts[] = {2, 3, 5, 8}; /* 8: more slices than blocks */
  for (size_t i = 0; i < COUNT(optimizers); i++) {
    for (size_t j = 0; j < COUNT(slice_counts); j++) {
      assert_slices_do_not_matter(optimizers[i], slice_counts[j]);
    }
  }
}

static void padding_between_tensors_stays_zero(void **state) {
  (void)state;
  Trainee trainee;
  model_init(&trainee, "adagrad: {weight_decay: 0.1}", 1);
  train_on_noise(&trainee);
  const real *accumulator = optimizer_slot(trainee.slices[0], 0);
  for (size_t t = 0; t + 1 < trainee.map.n_tensors; t++) {
    const ParameterTensor *tensor = &trainee.map.tensors[t];
    for (size_t i = tensor->offset + tensor->count; i < tensor[1].offset; i++) {
      assert_true(trainee.parameters[i] == 0 && accumulator[i] == 0);
    }
  }
  trainee_release(&trainee);
}

/* ---- weight decay ---- */

static void decay_exclude_spares_biases(void **state) {
  (void)state;
  const char *yaml = "adamw: {learning_rate: 0.5, weight_decay: 0.5, decay_exclude: [bias]}";
  Trainee trainee;
  model_init(&trainee, yaml, 2);
  for (size_t i = 0; i < trainee.map.length; i++) trainee.parameters[i] = 1;
  trainee_update(&trainee, 0, 1);
  for (size_t t = 0; t < trainee.map.n_tensors; t++) {
    const ParameterTensor *tensor = &trainee.map.tensors[t];
    real expected = strcmp(tensor->name, "bias") == 0 ? 1 : (real)0.75;
    for (size_t i = 0; i < tensor->count; i++) {
      assert_true(trainee.parameters[tensor->offset + i] == expected);
    }
  }
  trainee_release(&trainee);
}

/* ---- norms ---- */

static void norm_partials_belong_to_blocks(void **state) {
  (void)state;
  static const double expected[] = {1024, 1024, 452, 10, 1024, 1};
  Trainee trainee;
  model_init(&trainee, "sgd: {clip_norm: 1}", 1);
  for (size_t i = 0; i < trainee.map.length; i++) trainee.gradient[i] = 4;
  double partials[COUNT(expected)];
  GradientSource gradient = gradient_source(&trainee);
  optimizer_norm_partials(trainee.slices[0], &gradient, 0.25, partials);
  assert_memory_equal(partials, expected, sizeof expected);
  trainee_release(&trainee);
}

/* ---- errors ---- */

/* The setting is read, but no optimizer can be made of it. */
static void assert_no_optimizer(const char *yaml, const char *message) {
  Trainee trainee;
  model_init(&trainee, yaml, 0);
  Range blocks = {0, parameter_block_count(&trainee.map)};
  Optimizer *optimizer;
  Status status = optimizer_create(&trainee.setting, &trainee.map, blocks, &optimizer);
  assert_int_equal(status, ERR_CONFIG);
  assert_null(optimizer);
  if (!strstr(status_message(), message)) fail_msg("'%s' lacks '%s'", status_message(), message);
  assert_ptr_equal(strstr(status_message(), trainee.setting.place), status_message());
  trainee_release(&trainee);
}

static void clip_norm_with_clip_value_is_refused(void **state) {
  (void)state;
  assert_no_optimizer("sgd: {clip_norm: 1, clip_value: 1}",
                      "found clip_norm and clip_value, expected at most one of them");
}

static void unknown_name_in_decay_exclude_is_refused(void **state) {
  (void)state;
  assert_no_optimizer("adamw: {decay_exclude: [bias, gamma]}",
                      "decay_exclude: no tensor of the model is named 'gamma'");
}

static void scaling_without_a_base_is_refused(void **state) {
  (void)state;
  assert_no_optimizer("sgd: {scale_learning_rate: sqrt}",
                      "scale_learning_rate: found sqrt without base_batch_size");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(slices_of_any_number_give_the_same_bits),
      cmocka_unit_test(padding_between_tensors_stays_zero),
      cmocka_unit_test(decay_exclude_spares_biases),
      cmocka_unit_test(norm_partials_belong_to_blocks),
      cmocka_unit_test(clip_norm_with_clip_value_is_refused),
      cmocka_unit_test(unknown_name_in_decay_exclude_is_refused),
      cmocka_unit_test(scaling_without_a_base_is_refused),
  };
  return cmocka_run_group_tests_name("optim/optimizer", tests, NULL, NULL);
}
