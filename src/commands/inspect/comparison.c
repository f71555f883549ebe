/* `lockstep inspect A B`: where two checkpoints differ. */

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/command_json.h"
#include "commands/inspect/subjects.h"
#include "io/path.h"
#include "report/table.h"
#include "analysis/checkpoint_comparison.h"

/* ---- for people ---- */

static void print_values(const char *what, const ValueDifferences *differences) {
  if (differences->count == 0) return;
  const char *const headers[] = {what, "a", "b", ""};
  TextTable *table = text_table_create(4, headers);
  for (size_t i = 0; i < differences->count; i++) {
    const ValueDifference *item = &differences->items[i];
    const char *cells[] = {item->name, item->a ? item->a : "(none)", item->b ? item->b : "(none)",
                           item->identity ? "" : "(no result depends on it)"};
    text_table_add(table, cells);
  }
  command_print_table(table);
}

/* "784x512", or what stands against what. */
static char *shapes_text(const TensorComparison *tensor) {
  char a[SHAPE_TEXT_BYTES] = "(none)", b[SHAPE_TEXT_BYTES] = "(none)";
  if (tensor->shape_a) shape_text(tensor->shape_a, a);
  if (tensor->shape_b) shape_text(tensor->shape_b, b);
  Text text = {0};
  text_append(&text, "%s", a);
  bool same = tensor->shape_a && tensor->shape_b && shape_is_same(tensor->shape_a, tensor->shape_b);
  if (!same) text_append(&text, " against %s", b);
  return text_take(&text);
}

static void add_tensor(TextTable *table, const TensorComparison *tensor) {
  char name[2 * TENSOR_NAME_BYTES + 64], cells[4][NUMBER_TEXT_BYTES] = {{0}};
  snprintf(name, sizeof name, "%s%s%s/%s", tensor->slot ? tensor->slot : "",
           tensor->slot ? " of " : "", tensor->layer, tensor->name);
  char *shapes = shapes_text(tensor);
  if (tensor->count > 0) {
    text_count(cells[0], tensor->n_different);
    text_count(cells[1], tensor->count);
    snprintf(cells[2], NUMBER_TEXT_BYTES, "%.4g", tensor->largest_absolute);
    snprintf(cells[3], NUMBER_TEXT_BYTES, "%.4g", tensor->largest_relative);
  }
  text_table_add(table,
                 (const char *const[]){name, shapes, cells[0], cells[1], cells[2], cells[3],
                                       tensor_comparison_is_equal(tensor) ? "equal" : "different"});
  memory_release(shapes);
}

static void print_tensors(const CheckpointComparison *comparison) {
  static const char *const headers[] = {
      "tensor", "shape", "differ", "of", "largest absolute", "largest relative", ""};
  TextTable *table = text_table_create(7, headers);
  for (size_t i = 0; i < comparison->n_tensors; i++) add_tensor(table, &comparison->tensors[i]);
  command_print_table(table);
}

static void print_comparison(const TrainedModel *a, const TrainedModel *b,
                             const CheckpointComparison *comparison) {
  printf("a  %s\nb  %s\n", checkpoint_path(a->checkpoint), checkpoint_path(b->checkpoint));
  print_values("configuration", &comparison->config);
  print_values("progress", &comparison->progress);
  print_tensors(comparison);
  printf("\n%s\n", comparison->equal ? "equal" : "different");
}

/* ---- for programs ---- */

static Json *values_json(const ValueDifferences *differences) {
  Json *entries = json_new_array();
  for (size_t i = 0; i < differences->count; i++) {
    const ValueDifference *item = &differences->items[i];
    Json *entry = json_new_object();
    json_put_text(entry, "name", item->name);
    json_put_text(entry, "a", item->a);
    json_put_text(entry, "b", item->b);
    json_put_bool(entry, "identity", item->identity);
    json_add(entries, entry);
  }
  return entries;
}

static void put_shape(Json *entry, const char *key, const Shape *shape) {
  if (shape) json_put(entry, key, command_shape_json(shape));
  if (!shape) json_put_text(entry, key, NULL);
}

static Json *tensor_json(const TensorComparison *tensor) {
  Json *entry = json_new_object();
  json_put_text(entry, "slot", tensor->slot);
  json_put_text(entry, "layer", tensor->layer);
  json_put_text(entry, "name", tensor->name);
  put_shape(entry, "shape_a", tensor->shape_a);
  put_shape(entry, "shape_b", tensor->shape_b);
  json_put_bool(entry, "equal", tensor_comparison_is_equal(tensor));
  if (tensor->count == 0) return entry;
  json_put_whole(entry, "elements", (int64_t)tensor->count);
  json_put_whole(entry, "different", (int64_t)tensor->n_different);
  json_put_real(entry, "largest_absolute", tensor->largest_absolute);
  json_put_real(entry, "largest_relative", tensor->largest_relative);
  return entry;
}

static Json *comparison_json(const TrainedModel *a, const TrainedModel *b,
                             const CheckpointComparison *comparison) {
  Json *document = json_new_object(), *tensors = json_new_array();
  for (size_t i = 0; i < comparison->n_tensors; i++) {
    json_add(tensors, tensor_json(&comparison->tensors[i]));
  }
  json_put_text(document, "a", checkpoint_path(a->checkpoint));
  json_put_text(document, "b", checkpoint_path(b->checkpoint));
  json_put_bool(document, "equal", comparison->equal);
  json_put(document, "config", values_json(&comparison->config));
  json_put(document, "progress", values_json(&comparison->progress));
  json_put(document, "tensors", tensors);
  return document;
}

static Status compare(const TrainedModel *a, const TrainedModel *b, bool json) {
  CheckpointComparison comparison;
  TRY(checkpoint_compare(a, b, &comparison));
  if (json) {
    command_print_json(comparison_json(a, b, &comparison));
  } else {
    print_comparison(a, b, &comparison);
  }
  Status status = comparison.equal ? OK : DIFFERENT;
  checkpoint_comparison_release(&comparison);
  return status;
}

/* Two names of one folder: a run that goes on would give two checkpoints of it. */
static bool is_same_name(const char *path_a, const char *path_b) {
  char *a = path_absolute(path_a), *b = path_absolute(path_b);
  bool same = strcmp(a, b) == 0;
  memory_release(a);
  memory_release(b);
  return same;
}

Status inspect_two(const char *path_a, const char *path_b, bool json) {
  TrainedModel a, b = {0};
  TRY(trained_model_open(path_a, NULL, &a));
  bool same = is_same_name(path_a, path_b);
  Status status = same ? OK : trained_model_open(path_b, NULL, &b);
  if (status == OK) status = compare(&a, same ? &a : &b, json);
  trained_model_close(&a);
  trained_model_close(&b);
  return status;
}
