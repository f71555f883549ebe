#include "model/gradient_parts.h"

static Range common(Range a, Range b) {
  return (Range){a.begin > b.begin ? a.begin : b.begin, a.end < b.end ? a.end : b.end};
}

/* Whether an earlier part has elements of this flat range. */
static bool was_earlier(const PartOrder *order, size_t part, Range range) {
  for (size_t i = 0; i < part; i++) {
    if (range_count(common(order->parts[i], range)) > 0) return true;
  }
  return false;
}

/* The rows of a tensor that come with a part. */
static Range rows_of_part(const PartOrder *order, size_t part, Range tensor, size_t length) {
  Range wanted = common(order->parts[part], tensor);
  if (range_count(wanted) == 0) return (Range){0, 0};
  Range rows = {(wanted.begin - tensor.begin) / length,
                (wanted.end - tensor.begin + length - 1) / length};
  size_t first = tensor.begin + rows.begin * length, last = tensor.begin + (rows.end - 1) * length;
  if (was_earlier(order, part, (Range){first, first + length})) rows.begin++;
  if (rows.end > rows.begin && was_earlier(order, part, (Range){last, last + length})) rows.end--;
  return rows;
}

void gradient_part_compute(const Model *model, WaveParts *parts, size_t part) {
  for (size_t i = model->n_layers; i-- > 0;) {
    const Layer *layer = &model->layers[i];
    for (size_t t = 0; t < layer->n_tensors; t++) {
      size_t offset = layer->tensors[t].offset, length = layer_row_length(layer, &model->map, t);
      Range tensor = {offset, offset + layer->tensors[t].rows * length};
      TensorRows rows = {t, rows_of_part(parts->order, part, tensor, length)};
      if (range_count(rows.rows) == 0) continue;
      LayerPass pass = wave_pass(parts->workspace, parts->wave, i);
      if (parts->begun != i && layer->kind->begin_gradient) {
        layer->kind->begin_gradient(layer, &pass);
      }
      parts->begun = i;
      layer->kind->tensor_gradient(layer, &pass, &rows, parts->out.accumulate,
                                   parts->out.gradient + offset + rows.rows.begin * length);
    }
  }
}
