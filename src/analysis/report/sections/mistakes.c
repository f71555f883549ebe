/* The samples that the model takes for another class, the surest first. */

#include <stdio.h>

#include "base/memory.h"
#include "data/class_names.h"
#include "report/table.h"
#include "analysis/report/report_picture.h"
#include "analysis/report/report_section.h"
#include "analysis/sample_picture.h"

/* Pictures on the page at once, and in all with those that are folded up; rows of a table. */
enum { FIRST_PICTURES = 48, MOST_PICTURES = 288, MOST_ROWS = 20 };

static void write_picture(const ReportRun *run, size_t sample, const Shape *shape,
                          const uint8_t *pixels, Html *page) {
  const DatasetDescription *data = &run->data->samples.dataset->description;
  const Verdict *verdict = &run->assessment->classification->verdicts[sample];
  char number[NUMBER_TEXT_BYTES];
  Text text = {0};
  text_append(&text, "sample %zu", sample);
  html_begin(page, "figure");
  html_attribute(page, "title", "%s", text.bytes);
  report_picture(page, shape, pixels, text.bytes);
  html_begin(page, "figcaption");
  html_element(page, "b", "%s", class_name(data, verdict->label, number));
  html_text(page, " → ");
  html_element(page, "b", "%s", class_name(data, verdict->prediction, number));
  html_text(page, " %.2f", (double)verdict->output);
  html_end(page, "figcaption");
  html_end(page, "figure");
  text_release(&text);
}

static void write_pictures(const ReportRun *run, Range which, const Shape *shape, Html *page) {
  const size_t *samples = run->assessment->classification->mistakes + which.begin;
  size_t n = range_count(which);
  uint8_t *pixels = sample_picture_pixels(&run->data->samples, samples, n);
  html_begin(page, "div.pictures");
  for (size_t i = 0; i < n; i++) {
    write_picture(run, samples[i], shape, pixels + i * shape_count(shape), page);
  }
  html_end(page, "div");
  memory_release(pixels);
}

static void write_all_pictures(const ReportRun *run, const Shape *shape, Html *page) {
  size_t n = run->assessment->classification->n_mistakes;
  size_t most = n < MOST_PICTURES ? n : MOST_PICTURES;
  size_t first = most < FIRST_PICTURES ? most : FIRST_PICTURES;
  write_pictures(run, (Range){0, first}, shape, page);
  if (most == first) return;
  html_begin(page, "details");
  html_element(page, "summary", "The next %zu", most - first);
  write_pictures(run, (Range){first, most}, shape, page);
  html_end(page, "details");
}

/* Samples that are no pictures are rows, found again by their index. */
static void write_rows(const ReportRun *run, Html *page) {
  const DatasetDescription *data = &run->data->samples.dataset->description;
  const Classification *found = run->assessment->classification;
  const char *last = found->form.probabilities ? "probability" : "output";
  TextTable *table = text_table_create(4, (const char *const[]){"sample", "is", "taken for", last});
  for (size_t i = 0; i < found->n_mistakes && i < MOST_ROWS; i++) {
    const Verdict *verdict = &found->verdicts[found->mistakes[i]];
    char index[NUMBER_TEXT_BYTES], output[NUMBER_TEXT_BYTES];
    char label[NUMBER_TEXT_BYTES], prediction[NUMBER_TEXT_BYTES];
    snprintf(index, sizeof index, "%zu", found->mistakes[i]);
    snprintf(output, sizeof output, "%.4f", (double)verdict->output);
    text_table_add(table, (const char *const[]){index, class_name(data, verdict->label, label),
                                                class_name(data, verdict->prediction, prediction),
                                                output});
  }
  text_table_html(table, page);
  text_table_destroy(table);
}

static void write_run(const ReportRun *run, Html *page) {
  const Classification *found = run->assessment ? run->assessment->classification : NULL;
  if (!found || found->n_mistakes == 0) return;
  char a[NUMBER_TEXT_BYTES], b[NUMBER_TEXT_BYTES];
  html_element(page, "p.soft",
               "%s of %s samples (%s) are taken for another class; the surest first, with the %s "
               "that the model gives its answer.",
               text_count(a, found->n_mistakes), text_count(b, found->n_samples), run->data->name,
               found->form.probabilities ? "probability" : "output");
  Shape shape;
  if (report_picture_shape(run, &shape)) {
    write_all_pictures(run, &shape, page);
  } else {
    write_rows(run, page);
  }
}

const ReportSection mistakes_section = {
    .name = "mistakes",
    .title = "Mistakes",
    .write_run = write_run,
};
