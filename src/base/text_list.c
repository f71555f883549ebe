#include "base/text_list.h"

#include "base/memory.h"

void text_list_take(TextList *list, char *text) {
  size_t old = list->count * sizeof(char *);
  list->values = memory_grow(list->values, old, old + sizeof(char *));
  list->values[list->count++] = text;
}

void text_list_add(TextList *list, const char *text) {
  text_list_take(list, memory_copy_text(text));
}

void text_list_release(TextList *list) {
  for (size_t i = 0; i < list->count; i++) memory_release(list->values[i]);
  memory_release(list->values);
  *list = (TextList){0};
}
