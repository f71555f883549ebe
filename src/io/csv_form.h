#pragma once
/* The form of a CSV file, guessed from its beginning: what csv_read has to be told.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

typedef struct CsvForm {
  char delimiter; /* , ; | a tab or a blank: what gives every row the same number of fields, and the
                     most; a comma if nothing does */
  bool header;    /* the first row has more text than the second */
  size_t n_columns;
  size_t n_text_columns; /* with text below the header */
  size_t text_column;    /* the last of them; n_columns: none */
} CsvForm;

/* Looks at the first rows of a file, plain or gzipped.
 *
 * Errors      ERR_NO_INPUT for a file that is missing or cannot be read; ERR_DATA if it is empty,
 *             holds zero bytes, as no text does, or has rows of different lengths with every
 *             delimiter
 */
Status csv_form_guess(const char *path, CsvForm *out);
