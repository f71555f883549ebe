#pragma once
/* What is said of a model of classes: tables for people, JSON and rows for scripts.
 *
 * The description of the samples names the classes.
 *
 * Ranks       local
 */

#include "data/dataset.h"
#include "io/json.h"
#include "io/records.h"
#include "model/classification.h"
#include "report/table.h"

/* Precision, recall, F1 and support of every class, and their means.
 * Ownership: text_table_destroy. */
TextTable *classification_scores(const Classification *found,
                                 const DatasetDescription *description);

/* The confusion matrix, or for more than 20 classes the 20 most frequent confusions.
 * Ownership: text_table_destroy. */
TextTable *classification_confusions(const Classification *found,
                                     const DatasetDescription *description);

/* Sets the members `classes`, `macro` and `confusion`. */
void classification_put_json(const Classification *found, const DatasetDescription *description,
                             Json *document);

/* A row for each class: its scores, and its row of the confusion matrix where there is one.
 * Ownership: records_destroy. */
Records *classification_records(const Classification *found, const DatasetDescription *description);
