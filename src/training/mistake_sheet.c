#include "training/mistake_sheet.h"

#include <math.h>
#include <stdint.h>

#include "base/memory.h"
#include "data/class_names.h"
#include "report/picture_sheet.h"

/* ---- shape ---- */

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

static Status find_shape(const TrainedModel *model, const Samples *samples, Shape *out) {
  const DatasetDescription *description = &samples->dataset->description;
  if (is_picture(&description->input_shape, out)) return OK;
  if (is_picture(&model->model->input, out)) return OK;
  if (is_square(model_input_width(model->model), out)) return OK;
  char found[SHAPE_TEXT_BYTES];
  return fail(ERR_DATA,
              "%s: found samples of %s numbers, expected pictures: height x width, with 1 or 3 "
              "channels, or a square number",
              description->name, shape_text(&description->input_shape, found));
}

/* ---- pixels ---- */

/* The inputs of some samples, and their least and largest number. */
typedef struct Inputs {
  size_t width; /* numbers per sample */
  real *values;
  real low, high;
} Inputs;

static Inputs read_inputs(const Samples *samples, const size_t *which, size_t n) {
  Inputs inputs = {.width = shape_count(&samples->dataset->description.input_shape),
                   .low = INFINITY,
                   .high = -INFINITY};
  inputs.values = NEW_ARRAY(real, n * inputs.width);
  for (size_t i = 0; i < n; i++) {
    samples_read(samples, which[i], inputs.values + i * inputs.width, NULL);
  }
  for (size_t i = 0; i < n * inputs.width; i++) {
    if (inputs.values[i] < inputs.low) inputs.low = inputs.values[i];
    if (inputs.values[i] > inputs.high) inputs.high = inputs.values[i];
  }
  return inputs;
}

static void to_pixels(const Inputs *inputs, size_t i, uint8_t *pixels) {
  const real *values = inputs->values + i * inputs->width;
  double range = (double)inputs->high - (double)inputs->low;
  for (size_t j = 0; j < inputs->width; j++) {
    double light = range > 0 ? ((double)values[j] - (double)inputs->low) / range : 0;
    pixels[j] = light > 0 ? (uint8_t)(light * 255 + 0.5) : 0; /* NaN is black */
  }
}

/* ---- sheet ---- */

/* Names, which are longer than numbers, get a line each. */
static char *caption_of(const Classification *found, const DatasetDescription *description,
                        size_t sample) {
  const Verdict *verdict = &found->verdicts[sample];
  char label[NUMBER_TEXT_BYTES], prediction[NUMBER_TEXT_BYTES];
  Text text = {0};
  text_append(&text, "%s%s→ %s\n", class_name(description, verdict->label, label),
              description->n_class_names ? "\n" : " ",
              class_name(description, verdict->prediction, prediction));
  if (found->form.probabilities) text_append(&text, "%.2f%%", 100 * (double)verdict->output);
  if (!found->form.probabilities) text_append(&text, "%.4g", (double)verdict->output);
  text_append(&text, "\n#%zu", sample);
  return text_take(&text);
}

static char *title_of(const Classification *found, size_t n_shown) {
  char n_mistakes[NUMBER_TEXT_BYTES], n_samples[NUMBER_TEXT_BYTES];
  Text title = {0};
  text_append(&title, "%s of %s wrong", text_count(n_mistakes, found->n_mistakes),
              text_count(n_samples, found->n_samples));
  if (n_shown < found->n_mistakes) text_append(&title, "; the %zu surest", n_shown);
  text_append(&title, ": label → prediction, its %s, #sample",
              found->form.probabilities ? "probability" : "output");
  return text_take(&title);
}

Status mistake_sheet_draw(const TrainedModel *model, const Samples *samples,
                          const Classification *classification, Array *out) {
  *out = (Array){0};
  Shape shape;
  TRY(find_shape(model, samples, &shape));
  size_t n_mistakes = classification->n_mistakes;
  size_t n = n_mistakes < MISTAKE_SHEET_MOST ? n_mistakes : MISTAKE_SHEET_MOST;

  char *title = title_of(classification, n);
  PictureSheet *sheet = picture_sheet_create(title, shape.dims[0], shape.dims[1], shape.dims[2]);

  Inputs inputs = read_inputs(samples, classification->mistakes, n);
  uint8_t *pixels = NEW_ARRAY(uint8_t, inputs.width);
  for (size_t i = 0; i < n; i++) {
    to_pixels(&inputs, i, pixels);
    char *caption =
        caption_of(classification, &samples->dataset->description, classification->mistakes[i]);
    picture_sheet_add(sheet, pixels, caption);
    memory_release(caption);
  }
  *out = picture_sheet_draw(sheet);

  memory_release(pixels);
  memory_release(inputs.values);
  picture_sheet_destroy(sheet);
  memory_release(title);
  return OK;
}
