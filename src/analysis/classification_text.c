#include "analysis/classification_text.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/text.h"
#include "data/class_names.h"

/* A matrix of more columns is no longer read at a glance, nor does it fit a terminal. */
enum { MATRIX_MOST_COLUMNS = 20, MOST_CONFUSIONS = 20 };

typedef char Number[NUMBER_TEXT_BYTES];

static const char *count_cell(Number out, size_t count) {
  snprintf(out, sizeof(Number), "%zu", count);
  return out;
}

static const char *share_cell(Number out, double share) {
  snprintf(out, sizeof(Number), "%.4f", share);
  return out;
}

TextTable *classification_scores(const Classification *found,
                                 const DatasetDescription *description) {
  static const char *const headers[] = {"class", "precision", "recall", "f1", "support"};
  TextTable *table = text_table_create(5, headers);
  Number name, cells[4];
  for (size_t k = 0; k < found->n_classes; k++) {
    const ClassScore *score = &found->classes[k];
    text_table_add(table, (const char *const[]){class_name(description, k, name),
                                                share_cell(cells[0], score->precision),
                                                share_cell(cells[1], score->recall),
                                                share_cell(cells[2], score->f1),
                                                count_cell(cells[3], score->support)});
  }
  text_table_add(table, (const char *const[]){"mean", share_cell(cells[0], found->macro_precision),
                                              share_cell(cells[1], found->macro_recall),
                                              share_cell(cells[2], found->macro_f1),
                                              count_cell(cells[3], found->n_samples)});
  return table;
}

/* Names would make the columns wide: they stand beside the rows alone, with their column. */
static char *row_name(const DatasetDescription *description, size_t k) {
  Text text = {0};
  Number name;
  text_append(&text, "%s", class_name(description, k, name));
  if (k < description->n_class_names) text_append(&text, " (%zu)", k);
  return text_take(&text);
}

static TextTable *matrix_table(const Classification *found, const DatasetDescription *description) {
  size_t n = found->n_classes, *matrix = classification_matrix(found);
  const char *cells[1 + MATRIX_MOST_COLUMNS];
  Number numbers[MATRIX_MOST_COLUMNS];
  cells[0] = "label \\ prediction";
  for (size_t k = 0; k < n; k++) cells[1 + k] = count_cell(numbers[k], k);
  TextTable *table = text_table_create(1 + n, cells);
  for (size_t label = 0; label < n; label++) {
    char *name = row_name(description, label);
    cells[0] = name;
    for (size_t k = 0; k < n; k++) {
      size_t count = matrix[label * n + k];
      cells[1 + k] = count ? count_cell(numbers[k], count) : ".";
    }
    text_table_add(table, cells);
    memory_release(name);
  }
  memory_release(matrix);
  return table;
}

static TextTable *frequent_confusions(const Classification *found,
                                      const DatasetDescription *description) {
  static const char *const headers[] = {"label", "prediction", "samples"};
  TextTable *table = text_table_create(3, headers);
  for (size_t i = 0; i < found->n_confusions && i < MOST_CONFUSIONS; i++) {
    const Confusion *confusion = &found->confusions[i];
    Number label, prediction, count;
    text_table_add(table,
                   (const char *const[]){class_name(description, confusion->label, label),
                                         class_name(description, confusion->prediction, prediction),
                                         count_cell(count, confusion->count)});
  }
  return table;
}

TextTable *classification_confusions(const Classification *found,
                                     const DatasetDescription *description) {
  return found->n_classes <= MATRIX_MOST_COLUMNS ? matrix_table(found, description)
                                                 : frequent_confusions(found, description);
}

/* ---- JSON ---- */

static Json *matrix_json(const Classification *found) {
  size_t *matrix = classification_matrix(found);
  if (!matrix) return NULL;
  Json *rows = json_new_array();
  for (size_t label = 0; label < found->n_classes; label++) {
    Json *row = json_new_array();
    for (size_t k = 0; k < found->n_classes; k++) {
      json_add_whole(row, (int64_t)matrix[label * found->n_classes + k]);
    }
    json_add(rows, row);
  }
  memory_release(matrix);
  return rows;
}

static void put_scores(Json *object, double precision, double recall, double f1) {
  json_put_real(object, "precision", precision);
  json_put_real(object, "recall", recall);
  json_put_real(object, "f1", f1);
}

void classification_put_json(const Classification *found, const DatasetDescription *description,
                             Json *document) {
  Json *classes = json_new_array(), *macro = json_new_object(), *confusion = matrix_json(found);
  for (size_t k = 0; k < found->n_classes; k++) {
    const ClassScore *score = &found->classes[k];
    Json *entry = json_new_object();
    Number name;
    json_put_text(entry, "name", class_name(description, k, name));
    put_scores(entry, score->precision, score->recall, score->f1);
    json_put_whole(entry, "support", (int64_t)score->support);
    json_add(classes, entry);
  }
  put_scores(macro, found->macro_precision, found->macro_recall, found->macro_f1);
  json_put(document, "classes", classes);
  json_put(document, "macro", macro);
  if (confusion) json_put(document, "confusion", confusion);
  if (!confusion) json_put_text(document, "confusion", NULL);
}

/* ---- rows ---- */

Records *classification_records(const Classification *found,
                                const DatasetDescription *description) {
  static const char *const columns[] = {"class", "name",      "support", "predicted",
                                        "right", "precision", "recall",  "f1"};
  size_t n = found->n_classes, *matrix = classification_matrix(found);
  Records *records = records_create();
  for (size_t i = 0; i < 8; i++) records_column(records, "%s", columns[i]);
  for (size_t k = 0; matrix && k < n; k++) records_column(records, "predicted_%zu", k);

  for (size_t label = 0; label < n; label++) {
    const ClassScore *score = &found->classes[label];
    Number name;
    records_whole(records, label);
    records_text(records, class_name(description, label, name));
    records_whole(records, score->support);
    records_whole(records, score->predicted);
    records_whole(records, score->right);
    records_real(records, score->precision);
    records_real(records, score->recall);
    records_real(records, score->f1);
    for (size_t k = 0; matrix && k < n; k++) records_whole(records, matrix[label * n + k]);
  }
  memory_release(matrix);
  return records;
}
