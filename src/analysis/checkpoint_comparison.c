#include "analysis/checkpoint_comparison.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "optim/optimizer.h"

/* ---- progress ---- */

static void add_count(ValueDifferences *list, const char *name, uint64_t a, uint64_t b) {
  char texts[2][NUMBER_TEXT_BYTES];
  snprintf(texts[0], NUMBER_TEXT_BYTES, "%" PRIu64, a);
  snprintf(texts[1], NUMBER_TEXT_BYTES, "%" PRIu64, b);
  value_differences_add(list, name, texts[0], texts[1], true);
}

static char *sums_text(const Progress *progress) {
  Text text = {0};
  char number[NUMBER_TEXT_BYTES];
  text_append(&text, "[");
  for (size_t i = 0; i < progress->n_sums; i++) {
    text_append(&text, "%s%s", i ? ", " : "", text_real(number, progress->epoch_sums[i]));
  }
  text_append(&text, "]");
  return text_take(&text);
}

static void compare_progress(const Checkpoint *a, const Checkpoint *b, ValueDifferences *out) {
  const Progress *of_a = checkpoint_progress(a), *of_b = checkpoint_progress(b);
  add_count(out, "epoch", of_a->epoch, of_b->epoch);
  add_count(out, "step", of_a->step, of_b->step);
  add_count(out, "epoch_step", of_a->epoch_step, of_b->epoch_step);
  add_count(out, "samples_seen", of_a->samples_seen, of_b->samples_seen);
  char *sums_a = sums_text(of_a), *sums_b = sums_text(of_b);
  value_differences_add(out, "epoch_sums", sums_a, sums_b, true);
  memory_release(sums_a);
  memory_release(sums_b);
  value_differences_add(out, "data_hash", checkpoint_data_hash(a), checkpoint_data_hash(b), true);
}

/* ---- tensors ---- */

static const ParameterTensor *find_tensor(const Model *model, const ParameterTensor *wanted) {
  for (size_t t = 0; t < model->map.n_tensors; t++) {
    const ParameterTensor *tensor = &model->map.tensors[t];
    bool same =
        strcmp(tensor->layer, wanted->layer) == 0 && strcmp(tensor->name, wanted->name) == 0;
    if (same) return tensor;
  }
  return NULL;
}

static void compare_elements(const real *a, const real *b, TensorComparison *out) {
  for (size_t i = 0; i < out->count; i++) {
    if (memcmp(&a[i], &b[i], sizeof(real)) == 0) continue;
    out->n_different++;
    double absolute = fabs((double)a[i] - (double)b[i]);
    double larger = fmax(fabs((double)a[i]), fabs((double)b[i]));
    double relative = larger > 0 ? absolute / larger : 0; /* 0 and -0 */
    if (!isfinite(absolute)) absolute = relative = INFINITY;
    out->largest_absolute = fmax(out->largest_absolute, absolute);
    out->largest_relative = fmax(out->largest_relative, relative);
  }
}

/* A flat vector in each of the two; NULL where one of them does not have it. */
typedef struct VectorPair {
  const char *slot;
  const Model *model_a, *model_b;
  const real *a, *b;
} VectorPair;

static void add_tensor(CheckpointComparison *out, const VectorPair *pair, const ParameterTensor *a,
                       const ParameterTensor *b) {
  const ParameterTensor *either = a ? a : b;
  TensorComparison tensor = {.slot = pair->slot,
                             .layer = either->layer,
                             .name = either->name,
                             .shape_a = a ? &a->shape : NULL,
                             .shape_b = b ? &b->shape : NULL};
  if (a && b && shape_is_same(&a->shape, &b->shape)) {
    tensor.count = a->count;
    compare_elements(pair->a + a->offset, pair->b + b->offset, &tensor);
  }
  size_t old = out->n_tensors * sizeof tensor;
  out->tensors = memory_grow(out->tensors, old, old + sizeof tensor);
  out->tensors[out->n_tensors++] = tensor;
}

static void compare_vectors(CheckpointComparison *out, const VectorPair *pair) {
  const ParameterMap *map_a = &pair->model_a->map, *map_b = &pair->model_b->map;
  for (size_t t = 0; pair->a && t < map_a->n_tensors; t++) {
    const ParameterTensor *tensor = &map_a->tensors[t];
    add_tensor(out, pair, tensor, pair->b ? find_tensor(pair->model_b, tensor) : NULL);
  }
  for (size_t t = 0; pair->b && t < map_b->n_tensors; t++) {
    const ParameterTensor *tensor = &map_b->tensors[t];
    bool is_done = pair->a && find_tensor(pair->model_a, tensor);
    if (!is_done) add_tensor(out, pair, NULL, tensor);
  }
}

/* ---- optimizer slots ---- */

typedef struct SlotNames {
  size_t count;
  const char *names[OPTIMIZER_MOST_SLOTS];
} SlotNames;

static SlotNames slot_names(const TrainedModel *model) {
  const KindSetting *optimizer = &model->config.optimizer;
  SlotNames slots;
  slots.count = ((const OptimizerKind *)optimizer->kind)->slots(optimizer->options, slots.names);
  return slots;
}

static bool has_slot(const SlotNames *slots, const char *name) {
  bool found = false;
  for (size_t i = 0; i < slots->count; i++) found = found || strcmp(slots->names[i], name) == 0;
  return found;
}

/* *out is NULL where the optimizer has no such slot. */
static Status read_slot(const TrainedModel *model, const SlotNames *slots, const char *name,
                        real **out) {
  *out = NULL;
  if (!has_slot(slots, name)) return OK;
  *out = NEW_ARRAY(real, model->model->map.length);
  return checkpoint_read_slot(model->checkpoint, &model->model->map, name, *out);
}

static Status compare_slot(const TrainedModel *a, const TrainedModel *b, const char *name,
                           CheckpointComparison *out) {
  SlotNames slots_a = slot_names(a), slots_b = slot_names(b);
  real *values_a = NULL, *values_b = NULL;
  Status status = read_slot(a, &slots_a, name, &values_a);
  if (status == OK) status = read_slot(b, &slots_b, name, &values_b);
  if (status == OK) {
    compare_vectors(out, &(VectorPair){name, a->model, b->model, values_a, values_b});
  }
  memory_release(values_a);
  memory_release(values_b);
  return status;
}

static Status compare_slots(const TrainedModel *a, const TrainedModel *b,
                            CheckpointComparison *out) {
  SlotNames slots_a = slot_names(a), slots_b = slot_names(b);
  for (size_t i = 0; i < slots_a.count; i++) TRY(compare_slot(a, b, slots_a.names[i], out));
  for (size_t i = 0; i < slots_b.count; i++) {
    const char *name = slots_b.names[i];
    if (!has_slot(&slots_a, name)) TRY(compare_slot(a, b, name, out));
  }
  return OK;
}

/* ---- everything ---- */

bool tensor_comparison_is_equal(const TensorComparison *tensor) {
  return tensor->shape_a && tensor->shape_b && shape_is_same(tensor->shape_a, tensor->shape_b) &&
         tensor->n_different == 0;
}

static bool is_equal(const CheckpointComparison *comparison) {
  bool equal = comparison->progress.count == 0;
  for (size_t i = 0; i < comparison->config.count; i++) {
    equal = equal && !comparison->config.items[i].identity;
  }
  for (size_t i = 0; i < comparison->n_tensors; i++) {
    equal = equal && tensor_comparison_is_equal(&comparison->tensors[i]);
  }
  return equal;
}

Status checkpoint_compare(const TrainedModel *a, const TrainedModel *b, CheckpointComparison *out) {
  *out = (CheckpointComparison){0};
  value_differences_add_options(&out->config, run_options, &a->config, &b->config);
  compare_progress(a->checkpoint, b->checkpoint, &out->progress);
  compare_vectors(out, &(VectorPair){NULL, a->model, b->model, a->parameters, b->parameters});
  Status status = compare_slots(a, b, out);
  if (status != OK) {
    checkpoint_comparison_release(out);
    return status;
  }
  out->equal = is_equal(out);
  return OK;
}

void checkpoint_comparison_release(CheckpointComparison *comparison) {
  value_differences_release(&comparison->config);
  value_differences_release(&comparison->progress);
  memory_release(comparison->tensors);
  *comparison = (CheckpointComparison){0};
}
