#include "analysis/mistake_sheet.h"

#include "base/memory.h"
#include "data/class_names.h"
#include "report/picture_sheet.h"
#include "analysis/sample_picture.h"

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

static Status find_shape(const TrainedModel *model, const Samples *samples, Shape *out) {
  const DatasetDescription *description = &samples->dataset->description;
  if (sample_picture_shape(description, model->model, out)) return OK;
  char found[SHAPE_TEXT_BYTES];
  return fail(ERR_DATA,
              "%s: found samples of %s numbers, expected pictures: height x width, with 1 or 3 "
              "channels, or a square number",
              description->name, shape_text(&description->input_shape, found));
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

  uint8_t *pixels = sample_picture_pixels(samples, classification->mistakes, n);
  for (size_t i = 0; i < n; i++) {
    char *caption =
        caption_of(classification, &samples->dataset->description, classification->mistakes[i]);
    picture_sheet_add(sheet, pixels + i * shape_count(&shape), caption);
    memory_release(caption);
  }
  *out = picture_sheet_draw(sheet);

  memory_release(pixels);
  picture_sheet_destroy(sheet);
  memory_release(title);
  return OK;
}
