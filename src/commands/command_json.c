#include "commands/command_json.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

void command_print_json(Json *document) {
  char *text = json_text(document, true);
  puts(text);
  memory_release(text);
  json_release(document);
}

Json *command_shape_json(const Shape *shape) {
  Json *dims = json_new_array();
  for (size_t i = 0; i < shape->n_dims; i++) json_add_whole(dims, (int64_t)shape->dims[i]);
  return dims;
}

Json *command_metrics_json(const MetricTable *epochs) {
  Json *metrics = json_new_object();
  for (size_t column = 0; column < epochs->n_columns; column++) {
    const char *name = epochs->names[column];
    bool is_count = strcmp(name, "epoch") == 0 || strcmp(name, "step") == 0;
    Json *values = json_new_array();
    for (size_t row = 0; row < epochs->n_rows; row++) {
      double value = metric_table_at(epochs, row, column);
      if (is_count) json_add_whole(values, (int64_t)value);
      if (!is_count) json_add_real(values, value);
    }
    json_put(metrics, name, values);
  }
  return metrics;
}
