#pragma once
/* Optimizers: update rules over a slice of the flat parameter vector.
 *
 * A kind is one file in optim/optimizers/ and one row in optim/optimizer_kinds.c: a pure function
 * over ranges of flat arrays. What all rules share, scaling, clipping and weight decay, is done
 * here, block by block, right before the rule. A slice is a run of blocks (math/parameters.h), so
 * results never depend on how the vector is divided among owners.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "config/kind.h"
#include "config/options.h"
#include "math/parameters.h"
#include "optim/schedule.h"

enum { OPTIMIZER_MOST_SLOTS = 3 };

/* One application of a rule to `count` parameters that share their settings. No two of the arrays
 * overlap; a rule that reads an element once and writes it once is the fastest.
 */
typedef struct UpdateRange {
  real rate; /* the learning rate, or what the kind's `rate` made of it */
  size_t count;
  const real *g; /* gradient */
  real *w;       /* parameters */
  real *slots[OPTIMIZER_MOST_SLOTS];
} UpdateRange;

typedef struct OptimizerKind {
  Kind kind;

  /* Writes the names of the slots that these options need; returns their number. */
  size_t (*slots)(const void *options, const char *names[OPTIMIZER_MOST_SLOTS]);

  /* What every element of the slots is at first. NULL: 0. */
  real (*initial)(const void *options);

  /* What stands for the learning rate in update number `step`, from 1; found once for all ranges of
   * the update. NULL: the learning rate.
   */
  double (*rate)(const void *options, double learning_rate, uint64_t step);

  void (*update)(const void *options, const UpdateRange *range);
} OptimizerKind;

extern const KindTable optimizer_kinds;

/* How the learning rate follows the batch size. */
typedef enum RateScaling { RATE_SCALING_NONE, RATE_SCALING_LINEAR, RATE_SCALING_SQRT } RateScaling;

extern const char *const rate_scaling_names[];

/* Every optimizer's settings begin with this, and its table with OPTIMIZER_OPTIONS. */
typedef struct OptimizerOptions {
  double learning_rate;
  int scale_learning_rate; /* RateScaling */
  int64_t base_batch_size; /* 0: none */
  double weight_decay;
  TextList decay_exclude;
  double clip_norm;  /* 0: none */
  double clip_value; /* 0: none */
  KindSetting schedule;
} OptimizerOptions;

#define OPTIMIZER_OPTIONS(learning_rate_text, weight_decay_text)                                   \
  {.key = "learning_rate",                                                                         \
   .type = OPTION_REAL,                                                                            \
   .offset = offsetof(OptimizerOptions, learning_rate),                                            \
   .fallback = learning_rate_text,                                                                 \
   .min = 0,                                                                                       \
   .max = INFINITY,                                                                                \
   .help = "size of a step, before the schedule's factor"},                                        \
      {.key = "scale_learning_rate",                                                               \
       .type = OPTION_CHOICE,                                                                      \
       .offset = offsetof(OptimizerOptions, scale_learning_rate),                                  \
       .fallback = "none",                                                                         \
       .choices = rate_scaling_names,                                                              \
       .help = "linear: learning_rate times batch_size / base_batch_size; sqrt: times its root"},  \
      {.key = "base_batch_size",                                                                   \
       .type = OPTION_INT,                                                                         \
       .offset = offsetof(OptimizerOptions, base_batch_size),                                      \
       .fallback = "null",                                                                         \
       .min = 1,                                                                                   \
       .max = 1e9,                                                                                 \
       .word = "null",                                                                             \
       .word_value = 0,                                                                            \
       .help = "the batch size that learning_rate was chosen for"},                                \
      {.key = "schedule",                                                                          \
       .type = OPTION_KIND,                                                                        \
       .offset = offsetof(OptimizerOptions, schedule),                                             \
       .fallback = "constant",                                                                     \
       .kinds = &schedule_kinds,                                                                   \
       .help = "factor on the learning rate as a function of the step"},                           \
      {.key = "weight_decay",                                                                      \
       .type = OPTION_REAL,                                                                        \
       .offset = offsetof(OptimizerOptions, weight_decay),                                         \
       .fallback = weight_decay_text,                                                              \
       .min = 0,                                                                                   \
       .max = INFINITY,                                                                            \
       .help = "decoupled decay: w -= learning_rate * weight_decay * w before the update"},        \
      {.key = "decay_exclude",                                                                     \
       .type = OPTION_TEXT_LIST,                                                                   \
       .offset = offsetof(OptimizerOptions, decay_exclude),                                        \
       .fallback = "[]",                                                                           \
       .help = "names of tensors without weight decay, such as [bias]"},                           \
      {.key = "clip_norm",                                                                         \
       .type = OPTION_REAL,                                                                        \
       .offset = offsetof(OptimizerOptions, clip_norm),                                            \
       .fallback = "null",                                                                         \
       .min = 0,                                                                                   \
       .max = INFINITY,                                                                            \
       .above_min = true,                                                                          \
       .word = "null",                                                                             \
       .word_value = 0,                                                                            \
       .help = "largest Euclidean norm of the whole gradient; larger ones are scaled down"},       \
  {                                                                                                \
    .key = "clip_value", .type = OPTION_REAL, .offset = offsetof(OptimizerOptions, clip_value),    \
    .fallback = "null", .min = 0, .max = INFINITY, .above_min = true, .word = "null",              \
    .word_value = 0, .help = "largest absolute value of an element of the gradient"                \
  }

typedef struct Optimizer Optimizer;

/* An optimizer for one slice: the blocks [blocks.begin, blocks.end) of the map.
 *
 * Ownership   optimizer_destroy; setting and map must outlive it
 * Errors      ERR_CONFIG for clip_norm and clip_value together, and for a name in decay_exclude
 *             that no tensor has
 */
Status optimizer_create(const KindSetting *setting, const ParameterMap *map, Range blocks,
                        Optimizer **out);

/* Releases it; NULL is fine. */
void optimizer_destroy(Optimizer *optimizer);

/* Number of slots, their names, and the slice's part of one: elements slice.begin to slice.end. */
size_t optimizer_slot_count(const Optimizer *optimizer);
const char *optimizer_slot_name(const Optimizer *optimizer, size_t slot);
real *optimizer_slot(const Optimizer *optimizer, size_t slot);

/* True if optimizer_apply needs the norm of the whole gradient. */
bool optimizer_needs_norm(const Optimizer *optimizer);

/* Where the summed gradient comes from, a block at a time, so that summing and updating share one
 * pass through the cache: `count` elements from flat position `offset`, borrowed until the next
 * call.
 */
typedef struct GradientSource {
  const real *(*read)(void *context, size_t offset, size_t count);
  void *context;
} GradientSource;

/* The squared norm of each block of the slice's gradient, times the square of `scale`.
 *
 * Formula     elements_squared_norm of each
 * Shapes      partials (blocks)
 */
void optimizer_norm_partials(const Optimizer *optimizer, const GradientSource *gradient,
                             double scale, double *partials);

/* What one update is made with. */
typedef struct OptimizerStep {
  uint64_t step;         /* finished updates */
  double learning_rate;  /* optimizer_learning_rate */
  double gradient_scale; /* from the sum over samples to the loss's gradient */
  double gradient_norm;  /* of the scaled gradient; only if optimizer_needs_norm */
} OptimizerStep;

/* Updates the slice.
 *
 * Shapes      parameters: the flat vector
 */
void optimizer_apply(Optimizer *optimizer, const OptimizerStep *step,
                     const GradientSource *gradient, real *parameters);

/* The learning rate for batches of `batch_size` samples, before the schedule.
 *
 * Formula     learning_rate * s;   s = 1, or with k = batch_size / base_batch_size: s = k (linear),
 *             s = sqrt(k) (sqrt)
 * Source      linear: Goyal et al. 2017, section 2.1; sqrt: Krizhevsky 2014, section 5
 * Range       batch_size >= 1, the global one
 */
double optimizer_scaled_rate(const KindSetting *setting, size_t batch_size);

/* The learning rate of the update after `step` finished ones.
 *
 * Formula     optimizer_scaled_rate(batch_size) * schedule_factor(step)
 */
double optimizer_learning_rate(const KindSetting *setting, size_t batch_size, uint64_t step);
