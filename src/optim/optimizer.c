#include "optim/optimizer.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "math/elementwise.h"
#include "math/vectorised.h"

const char *const rate_scaling_names[] = {"none", "linear", "sqrt", NULL};

/* A block of the slice, with the settings of its tensor. */
typedef struct Segment {
  size_t offset; /* in the flat vector */
  size_t count;
  bool decays;
} Segment;

struct Optimizer {
  const KindSetting *setting;
  Range slice; /* of the flat vector */
  size_t n_segments;
  Segment *segments;
  size_t n_slots;
  const char *slot_names[OPTIMIZER_MOST_SLOTS];
  real *slots[OPTIMIZER_MOST_SLOTS];
};

static const OptimizerOptions *options_of(const KindSetting *setting) {
  return setting->options;
}

static const OptimizerKind *kind_of(const KindSetting *setting) {
  return (const OptimizerKind *)setting->kind;
}

static bool list_has(const TextList *list, const char *name) {
  for (size_t i = 0; i < list->count; i++) {
    if (strcmp(list->values[i], name) == 0) return true;
  }
  return false;
}

static Status check_options(const KindSetting *setting, const ParameterMap *map) {
  const OptimizerOptions *options = options_of(setting);
  if (options->clip_norm > 0 && options->clip_value > 0) {
    return fail(ERR_CONFIG, "%s: found clip_norm and clip_value, expected at most one of them",
                setting->place);
  }
  if (options->scale_learning_rate != RATE_SCALING_NONE && options->base_batch_size == 0) {
    return fail(
        ERR_CONFIG,
        "%s: scale_learning_rate: found %s without base_batch_size, expected the batch size "
        "that learning_rate was chosen for",
        setting->place, rate_scaling_names[options->scale_learning_rate]);
  }
  for (size_t i = 0; i < options->decay_exclude.count; i++) {
    const char *name = options->decay_exclude.values[i];
    bool found = false;
    for (size_t t = 0; t < map->n_tensors; t++) found |= strcmp(map->tensors[t].name, name) == 0;
    if (!found) {
      return fail(ERR_CONFIG, "%s: decay_exclude: no tensor of the model is named '%s'",
                  setting->place, name);
    }
  }
  return OK;
}

static void create_segments(Optimizer *optimizer, const ParameterMap *map, Range blocks) {
  ParameterBlock *all = NEW_ARRAY(ParameterBlock, parameter_block_count(map));
  parameter_blocks(map, all);
  const TextList *spared = &options_of(optimizer->setting)->decay_exclude;
  optimizer->n_segments = blocks.end - blocks.begin;
  optimizer->segments = NEW_ARRAY(Segment, optimizer->n_segments);
  for (size_t i = 0; i < optimizer->n_segments; i++) {
    const ParameterBlock *block = &all[blocks.begin + i];
    optimizer->segments[i] =
        (Segment){.offset = block->offset,
                  .count = block->count,
                  .decays = !list_has(spared, map->tensors[block->tensor].name)};
  }
  memory_release(all);
}

static void create_slots(Optimizer *optimizer) {
  const KindSetting *setting = optimizer->setting;
  const OptimizerKind *kind = kind_of(setting);
  size_t length = optimizer->slice.end - optimizer->slice.begin;
  real initial = kind->initial ? kind->initial(setting->options) : 0;

  optimizer->n_slots = kind->slots(setting->options, optimizer->slot_names);
  for (size_t i = 0; i < optimizer->n_slots; i++) {
    optimizer->slots[i] = NEW_ARRAY(real, length);
    for (size_t s = 0; s < optimizer->n_segments; s++) {
      const Segment *segment = &optimizer->segments[s];
      real *values = optimizer->slots[i] + segment->offset - optimizer->slice.begin;
      for (size_t j = 0; j < segment->count; j++) values[j] = initial;
    }
  }
}

Status optimizer_create(const KindSetting *setting, const ParameterMap *map, Range blocks,
                        Optimizer **out) {
  *out = NULL;
  TRY(check_options(setting, map));
  Optimizer *optimizer = NEW(Optimizer);
  optimizer->setting = setting;
  optimizer->slice = parameter_slice(map, blocks);
  create_segments(optimizer, map, blocks);
  create_slots(optimizer);
  *out = optimizer;
  return OK;
}

void optimizer_destroy(Optimizer *optimizer) {
  if (!optimizer) return;
  for (size_t i = 0; i < optimizer->n_slots; i++) memory_release(optimizer->slots[i]);
  memory_release(optimizer->segments);
  memory_release(optimizer);
}

size_t optimizer_slot_count(const Optimizer *optimizer) {
  return optimizer->n_slots;
}

const char *optimizer_slot_name(const Optimizer *optimizer, size_t slot) {
  return optimizer->slot_names[slot];
}

real *optimizer_slot(const Optimizer *optimizer, size_t slot) {
  return optimizer->slots[slot];
}

bool optimizer_needs_norm(const Optimizer *optimizer) {
  return options_of(optimizer->setting)->clip_norm > 0;
}

void optimizer_norm_partials(const Optimizer *optimizer, const GradientSource *gradient,
                             double scale, double *partials) {
  for (size_t i = 0; i < optimizer->n_segments; i++) {
    const Segment *segment = &optimizer->segments[i];
    const real *values = gradient->read(gradient->context, segment->offset, segment->count);
    partials[i] = elements_squared_norm(segment->count, scale, values);
  }
}

VECTORISED static void clip_elements(size_t count, real limit, real *g) {
  for (size_t i = 0; i < count; i++) {
    real low = g[i] < -limit ? -limit : g[i];
    g[i] = low > limit ? limit : low;
  }
}

double optimizer_scaled_rate(const KindSetting *setting, size_t batch_size) {
  const OptimizerOptions *options = options_of(setting);
  if (options->scale_learning_rate == RATE_SCALING_NONE) return options->learning_rate;
  double ratio = (double)batch_size / (double)options->base_batch_size;
  bool is_root = options->scale_learning_rate == RATE_SCALING_SQRT;
  return options->learning_rate * (is_root ? sqrt(ratio) : ratio);
}

double optimizer_learning_rate(const KindSetting *setting, size_t batch_size, uint64_t step) {
  return optimizer_scaled_rate(setting, batch_size) *
         schedule_factor(&options_of(setting)->schedule, step);
}

/* The factor on the summed gradient: the loss's, and the one that keeps the norm in its limit. */
static real gradient_factor(const OptimizerOptions *options, const OptimizerStep *step) {
  bool too_long = options->clip_norm > 0 && step->gradient_norm > options->clip_norm;
  double clip = too_long ? options->clip_norm / step->gradient_norm : 1;
  return (real)(step->gradient_scale * clip);
}

static real rate_of_rule(const KindSetting *setting, double learning_rate, uint64_t step) {
  const OptimizerKind *kind = kind_of(setting);
  return (real)(kind->rate ? kind->rate(setting->options, learning_rate, step) : learning_rate);
}

/* What every block of an update is made with. */
typedef struct BlockUpdate {
  real factor;    /* on the summed gradient */
  real decay;     /* of the parameters, learning rate included */
  real rule_rate; /* what the rule takes as its rate */
} BlockUpdate;

static void update_block(const Optimizer *optimizer, const Segment *segment,
                         const BlockUpdate *update, const real *sum, real *w) {
  const KindSetting *setting = optimizer->setting;
  const OptimizerOptions *options = options_of(setting);
  real g[PARAMETER_BLOCK];
  elements_scale(segment->count, update->factor, sum, g);
  if (options->clip_value > 0) clip_elements(segment->count, (real)options->clip_value, g);
  if (segment->decays && update->decay > 0) {
    for (size_t j = 0; j < segment->count; j++) w[j] -= update->decay * w[j];
  }

  UpdateRange range = {.rate = update->rule_rate, .count = segment->count, .g = g, .w = w};
  for (size_t s = 0; s < optimizer->n_slots; s++) {
    range.slots[s] = optimizer->slots[s] + segment->offset - optimizer->slice.begin;
  }
  kind_of(setting)->update(setting->options, &range);
}

void optimizer_apply(Optimizer *optimizer, const OptimizerStep *step,
                     const GradientSource *gradient, real *parameters) {
  const KindSetting *setting = optimizer->setting;
  const OptimizerOptions *options = options_of(setting);
  double rate = step->learning_rate;
  BlockUpdate update = {.factor = gradient_factor(options, step),
                        .decay = (real)(rate * options->weight_decay),
                        .rule_rate = rate_of_rule(setting, rate, step->step + 1)};
  for (size_t i = 0; i < optimizer->n_segments; i++) {
    const Segment *segment = &optimizer->segments[i];
    /* Other cores have just read what is written next. */
    if (i + 1 < optimizer->n_segments) {
      memory_claim(parameters + segment[1].offset, segment[1].count * sizeof(real));
    }
    const real *sum = gradient->read(gradient->context, segment->offset, segment->count);
    update_block(optimizer, segment, &update, sum, parameters + segment->offset);
  }
}
