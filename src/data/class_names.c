#include "data/class_names.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/fatal.h"
#include "base/memory.h"

const char *class_name(const DatasetDescription *description, size_t k,
                       char out[NUMBER_TEXT_BYTES]) {
  if (k < description->n_class_names) return description->class_names[k];
  snprintf(out, NUMBER_TEXT_BYTES, "%zu", k);
  return out;
}

static size_t name_index(const DatasetDescription *description, const char *name) {
  size_t index = 0;
  while (index < description->n_class_names && strcmp(description->class_names[index], name) != 0) {
    index++;
  }
  return index;
}

void dataset_take_class_names(const DatasetDescription *reference, DatasetDescription *other) {
  for (size_t i = 0; i < other->n_class_names; i++) memory_release(other->class_names[i]);
  memory_release(other->class_names);
  other->n_class_names = reference->n_class_names;
  other->class_names = NEW_ARRAY(char *, reference->n_class_names);
  for (size_t i = 0; i < reference->n_class_names; i++) {
    other->class_names[i] = memory_copy_text(reference->class_names[i]);
  }
}

Status dataset_match_classes(const DatasetDescription *known, Dataset *other) {
  const DatasetDescription *found = &other->description;
  if (known->n_class_names == 0 && found->n_class_names == 0) return OK;
  if (known->n_class_names == 0 || found->n_class_names == 0) {
    return fail(ERR_DATA, "%s: found %s as targets, expected %s as in %s", found->name,
                found->n_class_names ? "text" : "numbers",
                known->n_class_names ? "text" : "numbers", known->name);
  }

  int32_t *indices = NEW_ARRAY(int32_t, found->n_class_names);
  Status status = OK;
  for (size_t i = 0; i < found->n_class_names && status == OK; i++) {
    size_t index = name_index(known, found->class_names[i]);
    indices[i] = (int32_t)index;
    if (index == known->n_class_names) {
      status = fail(ERR_DATA, "%s: found the class '%s', which %s does not have", found->name,
                    found->class_names[i], known->name);
    }
  }
  if (status == OK) {
    CHECK(other->targets.dtype == DTYPE_I32, "class indices must be int32");
    int32_t *targets = other->targets.values;
    for (size_t i = 0; i < found->n_samples; i++) targets[i] = indices[targets[i]];
    dataset_take_class_names(known, &other->description);
  }
  memory_release(indices);
  return status;
}
