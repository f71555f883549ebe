#include "storage/metrics_file.h"

#include <math.h>

#include "base/text.h"
#include "io/file.h"

Status metrics_file_write(const char *path, const MetricTable *table) {
  Text text = {0};
  for (size_t i = 0; i < table->n_columns; i++) {
    text_append(&text, "%s%s", i ? "," : "", table->names[i]);
  }
  text_append(&text, "\n");
  for (size_t row = 0; row < table->n_rows; row++) {
    for (size_t i = 0; i < table->n_columns; i++) {
      double value = metric_table_at(table, row, i);
      if (i > 0) text_append(&text, ",");
      if (!isnan(value)) text_append(&text, "%.9g", value);
    }
    text_append(&text, "\n");
  }
  Status status = file_write(path, text.bytes, text.length);
  text_release(&text);
  return status;
}
