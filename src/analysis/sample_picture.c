#include "analysis/sample_picture.h"

#include <math.h>

#include "base/memory.h"

/* True for the shape of a picture, which *out then has with its channels. */
static bool is_picture(const Shape *shape, Shape *out) {
  bool has_channels = shape->n_dims == 3;
  if (shape->n_dims != 2 && !has_channels) return false;
  *out = (Shape){3, {shape->dims[0], shape->dims[1], has_channels ? shape->dims[2] : 1}};
  return out->dims[2] == 1 || out->dims[2] == 3;
}

static bool is_square(size_t n_inputs, Shape *out) {
  size_t side = (size_t)(sqrt((double)n_inputs) + 0.5);
  *out = (Shape){3, {side, side, 1}};
  return side > 1 && side * side == n_inputs;
}

bool sample_picture_shape(const DatasetDescription *description, const Model *model, Shape *out) {
  if (description && is_picture(&description->input_shape, out)) return true;
  return is_picture(&model->input, out) || is_square(model_input_width(model), out);
}

uint8_t *sample_picture_pixels(const Samples *samples, const size_t *which, size_t n) {
  size_t width = shape_count(&samples->dataset->description.input_shape);
  real *values = NEW_ARRAY(real, n * width), low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < n; i++) samples_read(samples, which[i], values + i * width, NULL);
  for (size_t i = 0; i < n * width; i++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }

  uint8_t *pixels = NEW_ARRAY(uint8_t, n * width);
  double range = (double)high - (double)low;
  for (size_t i = 0; i < n * width; i++) {
    double light = range > 0 ? ((double)values[i] - (double)low) / range : 0;
    pixels[i] = light > 0 ? (uint8_t)(light * 255 + 0.5) : 0; /* NaN is black */
  }
  memory_release(values);
  return pixels;
}
