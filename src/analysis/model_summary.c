#include "analysis/model_summary.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/text.h"
#include "report/table.h"

/* "(None, 28, 28)": any number of samples. */
static char *output_text(const Layer *layer) {
  Text text = {0};
  text_append(&text, "(None");
  for (size_t i = 0; i < layer->output.n_dims; i++) {
    text_append(&text, ", %zu", layer->output.dims[i]);
  }
  text_append(&text, ")");
  return text_take(&text);
}

static void add_layer(TextTable *table, const Model *model, const Layer *layer) {
  char name[2 * TENSOR_NAME_BYTES], number[NUMBER_TEXT_BYTES], *output = output_text(layer);
  snprintf(name, sizeof name, "%s (%s)", layer->name, layer->kind->keras_class);
  text_count(number, model_layer_parameters(model, layer));
  text_table_add(table, (const char *const[]){name, output, number});
  memory_release(output);
}

static void append_total(Text *text, const char *what, size_t count) {
  static const char *const units[] = {"B", "KB", "MB", "GB"};
  double size = (double)count * sizeof(float);
  size_t unit = 0;
  for (; unit < 3 && size >= 1024; unit++) size /= 1024;
  char number[NUMBER_TEXT_BYTES];
  text_append(text, " %s params: %s (%.2f %s)\n", what, text_count(number, count), size,
              units[unit]);
}

char *model_summary_text(const Model *model) {
  static const char *const headers[] = {"Layer (type)", "Output Shape", "Param #"};
  TextTable *table = text_table_create(3, headers);
  for (size_t i = 0; i < model->n_layers; i++) add_layer(table, model, &model->layers[i]);
  char *box = text_table_boxed(table);
  text_table_destroy(table);

  Text text = {0};
  text_append(&text, "%s", box);
  memory_release(box);
  append_total(&text, "Total", model->map.count);
  append_total(&text, "Trainable", model->map.count);
  append_total(&text, "Non-trainable", 0);
  return text_take(&text);
}
