#include "analysis/predictions.h"

#include <string.h>

#include "base/memory.h"
#include "data/class_names.h"
#include "model/evaluation.h"
#include "training/run_data.h"

/* ---- columns ---- */

static const char *output_word(const OutputForm *form) {
  return form->classes && form->probabilities ? "probability" : "output";
}

static bool has_names(const Samples *samples) {
  return samples->dataset->description.n_class_names > 0;
}

/* A class is its index and, where classes have names, its name. */
static void put_class(Records *records, const Samples *samples, size_t k) {
  char number[NUMBER_TEXT_BYTES];
  records_whole(records, k);
  if (!has_names(samples)) return;
  records_text(records, class_name(&samples->dataset->description, k, number));
}

/* ---- all samples ---- */

/* What becomes of the outputs for a sample: the rest of its row. */
typedef struct RowStyle {
  OutputForm form;
  size_t top, *order; /* how many classes; the largest of a sample (top) */
  void (*write)(const struct RowStyle *style, Records *records, const Samples *samples,
                const real *outputs);
} RowStyle;

static void write_rows(const RowStyle *style, Records *records, const TrainedModel *model,
                       const Samples *samples) {
  Sampler in_order = {.samples = samples};
  RowSource rows = run_data_rows(&in_order);
  Evaluation *evaluation = evaluation_create(model->model, &rows, samples_count(samples));
  for (size_t b = 0; b < evaluation_block_count(evaluation); b++) {
    Range range = evaluation_block_rows(evaluation, b);
    const real *outputs = evaluation_predict(evaluation, model->parameters, b);
    for (size_t i = range.begin; i < range.end; i++, outputs += style->form.m) {
      records_whole(records, i);
      style->write(style, records, samples, outputs);
    }
  }
  evaluation_destroy(evaluation);
}

static void write_all(const RowStyle *style, Records *records, const Samples *samples,
                      const real *outputs) {
  const OutputForm *form = &style->form;
  if (form->classes) put_class(records, samples, output_class(form, outputs));
  for (size_t i = 0; i < form->m; i++) records_real(records, (double)outputs[i]);
}

Records *predictions_all(const TrainedModel *model, const Samples *samples) {
  RowStyle style = {.form = output_form(model->model), .write = write_all};
  const OutputForm *form = &style.form;
  Records *records = records_create();
  records_column(records, "sample");
  if (form->classes) records_column(records, "class");
  if (form->classes && has_names(samples)) records_column(records, "name");
  if (form->classes && form->m == 1) {
    records_column(records, "%s", output_word(form));
  } else {
    for (size_t i = 0; i < form->m; i++) records_column(records, "%s_%zu", output_word(form), i);
  }
  write_rows(&style, records, model, samples);
  return records;
}

/* Keeps the classes with the largest outputs in order while all pass by. */
static void write_top(const RowStyle *style, Records *records, const Samples *samples,
                      const real *outputs) {
  const OutputForm *form = &style->form;
  size_t n_classes = output_class_count(form), *order = style->order, n = 0;
  for (size_t k = 0; k < n_classes; k++) {
    real output = output_of_class(form, outputs, k);
    size_t place = n;
    while (place > 0 && output > output_of_class(form, outputs, order[place - 1])) place--;
    if (place == style->top) continue;
    if (n < style->top) n++;
    memmove(order + place + 1, order + place, (n - place - 1) * sizeof *order);
    order[place] = k;
  }
  for (size_t i = 0; i < n; i++) {
    put_class(records, samples, order[i]);
    records_real(records, (double)output_of_class(form, outputs, order[i]));
  }
}

Records *predictions_top(const TrainedModel *model, const Samples *samples, size_t top) {
  RowStyle style = {.form = output_form(model->model),
                    .top = top,
                    .order = NEW_ARRAY(size_t, top),
                    .write = write_top};
  Records *records = records_create();
  records_column(records, "sample");
  for (size_t place = 1; place <= top; place++) {
    records_column(records, "class_%zu", place);
    if (has_names(samples)) records_column(records, "name_%zu", place);
    records_column(records, "%s_%zu", output_word(&style.form), place);
  }
  write_rows(&style, records, model, samples);
  memory_release(style.order);
  return records;
}

/* ---- mistakes ---- */

Records *predictions_wrong(const Classification *classification, const Samples *samples) {
  Records *records = records_create();
  records_column(records, "sample");
  records_column(records, "label");
  if (has_names(samples)) records_column(records, "label_name");
  records_column(records, "prediction");
  if (has_names(samples)) records_column(records, "prediction_name");
  records_column(records, "%s", output_word(&classification->form));
  for (size_t i = 0; i < classification->n_mistakes; i++) {
    size_t sample = classification->mistakes[i];
    const Verdict *verdict = &classification->verdicts[sample];
    records_whole(records, sample);
    put_class(records, samples, verdict->label);
    put_class(records, samples, verdict->prediction);
    records_real(records, (double)verdict->output);
  }
  return records;
}
