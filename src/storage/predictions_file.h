#pragma once
/* Predictions as CSV: a row per sample, for spreadsheets and scripts.
 *
 *     sample,class,probability_0,...,probability_9     classes with probabilities
 *     sample,class,output_0,output_1,output_2          classes with other scores
 *     sample,class,probability                         yes or no: class 1 or 0
 *     sample,output_0                                  numbers
 *
 * Samples count from 0; numbers are written as %.9g, which a float survives. Knows nothing of
 * models but the form of their outputs. Order of calls: predictions_begin, any number of
 * predictions_add, predictions_write, predictions_release.
 *
 * Ranks       local
 */

#include <stddef.h>

#include "base/status.h"
#include "base/text.h"
#include "model/output_form.h"

typedef struct Predictions {
  OutputForm form;
  size_t n_samples; /* so far */
  Text text;        /* the file's content so far */
} Predictions;

/* Begins with the header. Ownership: predictions_release. */
Predictions predictions_begin(const OutputForm *form);

/* Appends samples. Shapes: outputs (n, m) */
void predictions_add(Predictions *predictions, size_t n, const real *outputs);

/* Writes the file.
 *
 * Errors      ERR_OUTPUT, ERR_IO; what was there before is then still there
 */
Status predictions_write(const Predictions *predictions, const char *path);

/* Releases the text. */
void predictions_release(Predictions *predictions);
