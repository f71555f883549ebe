#pragma once
/* Data that nobody has described yet, looked at once: where the samples lie, how large their
 * numbers are, and what the targets ask for.
 *
 * What follows from it for a network is training/config_starter.h's business.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "base/text.h"
#include "data/data_files.h"
#include "data/dataset.h"
#include "io/csv_form.h"

typedef enum Task {
  TASK_NUMBERS, /* one number or several for each sample */
  TASK_YES_NO,  /* two answers */
  TASK_CLASSES, /* one of several classes */
} Task;

/* Numbers from the smallest to the largest. */
typedef struct Extent {
  double least, greatest;
} Extent;

typedef struct DataOutline {
  DataFiles files;
  CsvForm form; /* of CSV */
  char *target; /* of CSV: the column, by name or index */
  Dataset data;
  size_t width; /* numbers per sample */

  Extent inputs;
  size_t n_constant; /* columns in which all samples have the same number */
  Extent columns;    /* largest |x| of a column, of those that are not zero throughout */
  double typical;    /* the geometric mean of these */

  Task task;
  Extent targets; /* of names: their indices */
  double target_mean, target_deviation;
  size_t n_classes; /* different ones: an index of numbered classes may be left out */
} DataOutline;

/* What is known before looking. */
typedef struct OutlineRequest {
  const char *path;    /* of the data: data/data_files.h */
  const char *targets; /* IDX file of the targets; NULL: found by its name */
  const char *target;  /* column of a CSV file; NULL: the only one with text, or the last */
} OutlineRequest;

/* Reads the data.
 *
 * Text targets name classes. Whole numbers are classes from 0 on where at most 20 differ, without
 * large gaps, or where all from 0 to at most 999 occur and have ten samples each; in IDX files all
 * up to 255. Two classes, or any two whole numbers, are yes or no. All others are numbers.
 * Ownership   *out is released with data_outline_release
 * Errors      as data_files_find, csv_form_guess and dataset_read; ERR_USAGE for a request that
 *             does not go with the format; ERR_DATA for targets that are all the same, and for text
 *             that differs in most samples; *out is then empty
 */
Status data_outline_read(const OutlineRequest *request, DataOutline *out);

/* Appends the options of the data format as YAML, those that differ from their defaults, with
 * `separator` between them.
 *
 * Range       test: of the test samples; else of the training samples
 */
void data_outline_append_options(const DataOutline *outline, bool test, const char *separator,
                                 Text *out);

/* Releases everything and empties the struct. */
void data_outline_release(DataOutline *outline);
