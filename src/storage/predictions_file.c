#include "storage/predictions_file.h"

#include "io/file.h"

Predictions predictions_begin(const OutputForm *form) {
  Predictions predictions = {.form = *form};
  Text *text = &predictions.text;
  const char *column = form->classes && form->probabilities ? "probability" : "output";
  text_append(text, "sample%s", form->classes ? ",class" : "");
  if (form->m == 1 && form->classes) {
    text_append(text, ",%s", column);
  } else {
    for (size_t i = 0; i < form->m; i++) text_append(text, ",%s_%zu", column, i);
  }
  text_append(text, "\n");
  return predictions;
}

void predictions_add(Predictions *predictions, size_t n, const real *outputs) {
  const OutputForm *form = &predictions->form;
  Text *text = &predictions->text;
  for (size_t row = 0; row < n; row++) {
    const real *output = outputs + row * form->m;
    text_append(text, "%zu", predictions->n_samples++);
    if (form->classes) text_append(text, ",%zu", output_class(form, output));
    for (size_t i = 0; i < form->m; i++) text_append(text, ",%.9g", (double)output[i]);
    text_append(text, "\n");
  }
}

Status predictions_write(const Predictions *predictions, const char *path) {
  return file_write(path, predictions->text.bytes, predictions->text.length);
}

void predictions_release(Predictions *predictions) {
  text_release(&predictions->text);
}
