#include "io/tensor_list.h"

#include <string.h>

#include "base/memory.h"

void tensor_list_add(TensorList *list, const char *name, Array array) {
  size_t old = list->count * sizeof(NamedArray);
  list->items = memory_grow(list->items, old, old + sizeof(NamedArray));
  list->items[list->count++] = (NamedArray){memory_copy_text(name), array};
}

const NamedArray *tensor_list_find(const TensorList *list, const char *name) {
  for (size_t i = 0; i < list->count; i++) {
    if (strcmp(list->items[i].name, name) == 0) return &list->items[i];
  }
  return NULL;
}

void tensor_list_release(TensorList *list) {
  for (size_t i = 0; i < list->count; i++) {
    memory_release(list->items[i].name);
    array_release(&list->items[i].array);
  }
  memory_release(list->items);
  *list = (TensorList){0};
}
