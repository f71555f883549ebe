/* How the model does on samples: loss, metrics, and which classes it takes for which. */

#include <math.h>

#include "base/memory.h"
#include "data/class_names.h"
#include "analysis/classification_text.h"
#include "analysis/report/report_metric.h"
#include "analysis/report/report_section.h"

/* A matrix of more classes is no picture any more; the most frequent confusions still are. */
enum { MOST_MATRIX_CLASSES = 40, MOST_CONFUSIONS = 8 };

static void write_values(const ReportRun *run, Html *page) {
  const Model *model = run->model->model;
  const Assessment *assessment = run->assessment;
  char number[NUMBER_TEXT_BYTES], label[2 * METRIC_NAME_BYTES];
  html_begin(page, "p");
  html_text(page, "%s samples (%s): loss %.4g", text_count(number, assessment->n_samples),
            run->data->name, assessment->values[0]);
  for (size_t i = 0; i < model->n_metrics; i++) {
    html_text(page, ", %s %.4g", report_metric_label(model->metrics[i]->kind.name, label),
              assessment->values[1 + i]);
  }
  html_text(page, ".");
  html_end(page, "p");
}

/* How dark a cell is: right ones by the share of their class, wrong ones beside the most frequent
 * mistake, by the root, so that rare ones are seen. */
static double shade_of(size_t count, size_t all, bool right) {
  double share = all ? (double)count / (double)all : 0;
  return right ? 0.1 + 0.5 * share : 0.08 + 0.57 * sqrt(share);
}

static void write_cell(const ReportRun *run, size_t label, size_t prediction, size_t count,
                       size_t most_wrong, Html *page) {
  const DatasetDescription *data = &run->data->samples.dataset->description;
  const Classification *found = run->assessment->classification;
  char of[NUMBER_TEXT_BYTES], as[NUMBER_TEXT_BYTES];
  bool right = label == prediction;
  html_begin(page, right ? "td.right" : count ? "td" : "td.none");
  if (count || right) {
    double shade = shade_of(count, right ? found->classes[label].support : most_wrong, right);
    html_attribute(page, "style", "--shade:%.2f", shade);
  }
  html_attribute(page, "title", "%s taken for %s", class_name(data, label, of),
                 class_name(data, prediction, as));
  html_text(page, "%zu", count);
  html_end(page, "td");
}

static void write_matrix_header(const ReportRun *run, Html *page) {
  const DatasetDescription *data = &run->data->samples.dataset->description;
  char name[NUMBER_TEXT_BYTES];
  html_begin(page, "tr");
  html_element(page, "th.corner", "is \\ taken for");
  for (size_t k = 0; k < run->assessment->classification->n_classes; k++) {
    html_element(page, "th", "%s", class_name(data, k, name));
  }
  html_end(page, "tr");
}

static void write_matrix(const ReportRun *run, Html *page) {
  const DatasetDescription *data = &run->data->samples.dataset->description;
  const Classification *found = run->assessment->classification;
  size_t n = found->n_classes, *matrix = classification_matrix(found);
  size_t most_wrong = found->n_confusions ? found->confusions[0].count : 0;
  char name[NUMBER_TEXT_BYTES];
  html_begin(page, "div.scroll");
  html_begin(page, "table.matrix");
  write_matrix_header(run, page);
  for (size_t label = 0; label < n; label++) {
    html_begin(page, "tr");
    html_element(page, "th", "%s", class_name(data, label, name));
    for (size_t k = 0; k < n; k++) {
      write_cell(run, label, k, matrix[label * n + k], most_wrong, page);
    }
    html_end(page, "tr");
  }
  html_end(page, "table");
  html_end(page, "div");
  memory_release(matrix);
}

static void write_scores(const ReportRun *run, Html *page) {
  TextTable *table = classification_scores(run->assessment->classification,
                                           &run->data->samples.dataset->description);
  html_begin(page, "div.scores");
  text_table_html(table, page);
  html_end(page, "div");
  text_table_destroy(table);
}

/* A row for each of very many classes is for those who look for one. */
static void write_folded_scores(const ReportRun *run, Html *page) {
  html_begin(page, "details");
  html_element(page, "summary", "The scores of all %zu classes",
               run->assessment->classification->n_classes);
  write_scores(run, page);
  html_end(page, "details");
}

static void write_confusions(const ReportRun *run, Html *page) {
  const DatasetDescription *data = &run->data->samples.dataset->description;
  const Classification *found = run->assessment->classification;
  if (found->n_confusions == 0) return;
  html_begin(page, "p.soft");
  html_text(page, "Most often: ");
  for (size_t i = 0; i < found->n_confusions && i < MOST_CONFUSIONS; i++) {
    const Confusion *confusion = &found->confusions[i];
    char of[NUMBER_TEXT_BYTES], as[NUMBER_TEXT_BYTES];
    html_text(page, "%s%s taken for %s (%zu)", i ? ", " : "",
              class_name(data, confusion->label, of), class_name(data, confusion->prediction, as),
              confusion->count);
  }
  html_text(page, ".");
  html_end(page, "p");
}

static void write_run(const ReportRun *run, Html *page) {
  if (run->missing) html_element(page, "p.soft", "No samples to look at: %s", run->missing);
  if (!run->assessment) return;
  write_values(run, page);
  const Classification *found = run->assessment->classification;
  if (!found) return;
  if (found->n_classes <= MOST_MATRIX_CLASSES) {
    html_begin(page, "div.columns");
    write_matrix(run, page);
    write_scores(run, page);
    html_end(page, "div");
  }
  write_confusions(run, page);
  if (found->n_classes > MOST_MATRIX_CLASSES) write_folded_scores(run, page);
}

const ReportSection evaluation_section = {
    .name = "evaluation",
    .title = "Evaluation",
    .write_run = write_run,
};
