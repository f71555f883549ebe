/* What the subjects of `lockstep inspect` share. */

#include <stdio.h>

#include "base/memory.h"
#include "commands/inspect/subjects.h"

void inspect_print_json(Json *document) {
  char *text = json_text(document, true);
  puts(text);
  memory_release(text);
  json_release(document);
}

Json *inspect_shape_json(const Shape *shape) {
  Json *dims = json_new_array();
  for (size_t i = 0; i < shape->n_dims; i++) json_add_whole(dims, (int64_t)shape->dims[i]);
  return dims;
}
