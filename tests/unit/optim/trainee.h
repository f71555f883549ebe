#pragma once
/* A model's flat vectors, and an optimizer for each slice of them, as ranks hold them.
 *
 * For the tests of optim/. Order of calls: trainee_init or model_init; parameters, gradient and
 * trainee_update by turns; trainee_release. Include it last: cmocka's macro `fail` would hide ours.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "optim/optimizer.h"

#include <cmocka.h>

enum { MOST_SLICES = 8 };

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

typedef struct Trainee {
  KindSetting setting;
  ParameterMap map;
  real *parameters;
  real *gradient;
  size_t n_slices;
  Range blocks[MOST_SLICES];
  Optimizer *slices[MOST_SLICES];
} Trainee;

static inline KindSetting read_setting(const char *yaml) {
  KindSetting setting = {0};
  if (kind_setting_read(&optimizer_kinds, yaml, &setting) != OK) fail_msg("%s", status_message());
  return setting;
}

/* A model of `n_tensors` tensors of these sizes, kernels and biases by turns; in place, because its
 * optimizers point to its setting.
 */
static inline void trainee_init(Trainee *trainee, const char *yaml, size_t n_tensors,
                                const size_t *counts, size_t n_slices) {
  *trainee = (Trainee){.setting = read_setting(yaml), .n_slices = n_slices};
  for (size_t t = 0; t < n_tensors; t++) {
    Shape shape = {.n_dims = 1, .dims = {counts[t]}};
    parameter_map_add(&trainee->map, "dense", t % 2 == 0 ? "kernel" : "bias", shape);
  }
  trainee->parameters = NEW_ARRAY(real, trainee->map.length);
  trainee->gradient = NEW_ARRAY(real, trainee->map.length);

  size_t n_blocks = parameter_block_count(&trainee->map);
  for (size_t s = 0; s < n_slices; s++) {
    Range blocks = {s * n_blocks / n_slices, (s + 1) * n_blocks / n_slices};
    Optimizer **slice = &trainee->slices[s];
    assert_int_equal(optimizer_create(&trainee->setting, &trainee->map, blocks, slice), OK);
    trainee->blocks[s] = blocks;
  }
}

static inline void trainee_release(Trainee *trainee) {
  for (size_t s = 0; s < trainee->n_slices; s++) optimizer_destroy(trainee->slices[s]);
  memory_release(trainee->gradient);
  memory_release(trainee->parameters);
  parameter_map_release(&trainee->map);
  kind_setting_release(&trainee->setting);
}

static inline const real *read_gradient(void *gradient, size_t offset, size_t count) {
  (void)count;
  return (const real *)gradient + offset;
}

/* The trainee's gradient as the optimizers read it. */
static inline GradientSource gradient_source(const Trainee *trainee) {
  return (GradientSource){read_gradient, trainee->gradient};
}

/* Norm of the whole gradient: the partials of all slices, added in block order. */
static inline double gradient_norm(const Trainee *trainee, double scale) {
  double *partials = NEW_ARRAY(double, parameter_block_count(&trainee->map));
  GradientSource gradient = gradient_source(trainee);
  double sum = 0;
  for (size_t s = 0; s < trainee->n_slices; s++) {
    optimizer_norm_partials(trainee->slices[s], &gradient, scale, partials);
    size_t n_partials = trainee->blocks[s].end - trainee->blocks[s].begin;
    for (size_t i = 0; i < n_partials; i++) sum += partials[i];
  }
  memory_release(partials);
  return sqrt(sum);
}

/* One update of all slices with the gradient that lies in the trainee. */
static inline void trainee_update(Trainee *trainee, uint64_t step, double scale) {
  OptimizerStep update = {.step = step, .gradient_scale = scale};
  update.learning_rate = optimizer_learning_rate(&trainee->setting, 1, step);
  if (optimizer_needs_norm(trainee->slices[0])) {
    update.gradient_norm = gradient_norm(trainee, scale);
  }
  GradientSource gradient = gradient_source(trainee);
  for (size_t s = 0; s < trainee->n_slices; s++) {
    optimizer_apply(trainee->slices[s], &update, &gradient, trainee->parameters);
  }
}

/* Element `index` of all tensors one after the other, counted without the padding. */
static inline real *element(const ParameterMap *map, real *flat, size_t index) {
  const ParameterTensor *tensor = map->tensors;
  while (index >= tensor->count) index -= (tensor++)->count;
  return flat + tensor->offset + index;
}

/* Six blocks: three, one short one, exactly one, and a single element. */
static const size_t model_counts[] = {2500, 10, PARAMETER_BLOCK, 1};

static inline void model_init(Trainee *trainee, const char *yaml, size_t n_slices) {
  trainee_init(trainee, yaml, COUNT(model_counts), model_counts, n_slices);
}

/* Numbers in [-1, 1) that look like noise. */
static inline double noise(uint64_t index) {
  uint64_t bits = (index + 1) * 0x9e3779b97f4a7c15u;
  bits = (bits ^ (bits >> 29)) * 0xbf58476d1ce4e5b9u;
  return (double)(bits >> 11) * 0x1p-52 - 1;
}
