#include "config/value_differences.h"

#include <string.h>

#include "base/memory.h"

void value_differences_add(ValueDifferences *list, const char *name, const char *a, const char *b,
                           bool identity) {
  if (a && b ? strcmp(a, b) == 0 : a == b) return;
  size_t old = list->count * sizeof *list->items;
  list->items = memory_grow(list->items, old, old + sizeof *list->items);
  list->items[list->count++] = (ValueDifference){.name = memory_copy_text(name),
                                                 .a = memory_copy_text(a),
                                                 .b = memory_copy_text(b),
                                                 .identity = identity};
}

/* Every value of one of the two, as options_visit shows them. */
static Status append_value(void *context, const OptionValue *value) {
  ValueDifferences *list = context;
  value_differences_add(list, value->path, value->text, NULL, value->identity);
  return OK;
}

static const ValueDifference *find(const ValueDifferences *list, const char *name) {
  for (size_t i = 0; i < list->count; i++) {
    if (strcmp(list->items[i].name, name) == 0) return &list->items[i];
  }
  return NULL;
}

void value_differences_add_options(ValueDifferences *list, const Option *table, const void *a,
                                   const void *b) {
  ValueDifferences of_a = {0}, of_b = {0};
  options_visit(table, a, append_value, &of_a);
  options_visit(table, b, append_value, &of_b);
  for (size_t i = 0; i < of_a.count; i++) {
    const ValueDifference *value = &of_a.items[i], *other = find(&of_b, value->name);
    value_differences_add(list, value->name, value->a, other ? other->a : NULL, value->identity);
  }
  for (size_t i = 0; i < of_b.count; i++) {
    const ValueDifference *value = &of_b.items[i];
    if (find(&of_a, value->name)) continue;
    value_differences_add(list, value->name, NULL, value->a, value->identity);
  }
  value_differences_release(&of_a);
  value_differences_release(&of_b);
}

void value_differences_release(ValueDifferences *list) {
  for (size_t i = 0; i < list->count; i++) {
    memory_release(list->items[i].name);
    memory_release(list->items[i].a);
    memory_release(list->items[i].b);
  }
  memory_release(list->items);
  *list = (ValueDifferences){0};
}
