#include "data/transform.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "base/text.h"
#include "config/options.h"

typedef struct TargetRuleKind {
  Kind kind;

  /* True where the rule holds for `target`, a whole number. */
  bool (*holds)(const void *options, double target);
} TargetRuleKind;

/* ---- odd ---- */

static bool odd_holds(const void *options, double target) {
  (void)options;
  return fmod(target, 2) != 0;
}

static const TargetRuleKind odd_rule = {
    .kind = {.name = "odd", .summary = "1 for odd targets, 0 for even ones"},
    .holds = odd_holds,
};

/* ---- equals ---- */

typedef struct EqualsOptions {
  int64_t value;
} EqualsOptions;

static const Option equals_options[] = {
    {.key = "value",
     .type = OPTION_INT,
     .offset = offsetof(EqualsOptions, value),
     .help = "the target that becomes 1"},
    {.key = NULL},
};

static bool equals_holds(const void *options, double target) {
  return target == (double)((const EqualsOptions *)options)->value;
}

static const TargetRuleKind equals_rule = {
    .kind = {.name = "equals",
             .summary = "1 for targets equal to a number, 0 for all others",
             .options = equals_options,
             .options_size = sizeof(EqualsOptions),
             .short_option = "value"},
    .holds = equals_holds,
};

/* ---- the table ---- */

static const Kind *const kinds[] = {&odd_rule.kind, &equals_rule.kind, NULL};

const KindTable target_rule_kinds = {.noun = "target rule", .kinds = kinds};

/* ---- application ---- */

static Status check_targets(const KindSetting *rule, const Dataset *dataset) {
  const DatasetDescription *description = &dataset->description;
  const char *expected = "one whole number per sample for the target rule";
  if (description->target_width != 1) {
    return fail(ERR_DATA, "%s: found %zu targets per sample, expected %s %s", description->name,
                description->target_width, expected, rule->kind->name);
  }
  for (size_t i = 0; i < description->n_samples; i++) {
    double target = array_at(&dataset->targets, i);
    if (isfinite(target) && target == trunc(target)) continue;
    char number[NUMBER_TEXT_BYTES];
    return fail(ERR_DATA, "%s: found the target %s of sample %zu (from 0), expected %s %s",
                description->name, text_real(number, target), i, expected, rule->kind->name);
  }
  return OK;
}

static void drop_class_names(DatasetDescription *description) {
  for (size_t i = 0; i < description->n_class_names; i++) {
    memory_release(description->class_names[i]);
  }
  memory_release(description->class_names);
  description->class_names = NULL;
  description->n_class_names = 0;
}

Status dataset_apply_target_rule(const KindSetting *rule, Dataset *dataset) {
  if (!rule->kind) return OK;
  TRY(check_targets(rule, dataset));

  const TargetRuleKind *kind = (const TargetRuleKind *)rule->kind; /* a row begins with its Kind */
  Array answers = array_create(DTYPE_U8, dataset->targets.shape);
  for (size_t i = 0; i < dataset->description.n_samples; i++) {
    bool holds = kind->holds(rule->options, array_at(&dataset->targets, i));
    ((uint8_t *)answers.values)[i] = holds;
  }
  array_release(&dataset->targets);
  dataset->targets = answers;
  dataset->description.target_dtype = DTYPE_U8;
  drop_class_names(&dataset->description);
  return OK;
}
