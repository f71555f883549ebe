#pragma once
/* CSV files: rows of numbers, plain or gzipped, in which one column may hold text.
 *
 * Knows quoting (RFC 4180), the header and what a number looks like; knows nothing of samples and
 * targets. Rows and columns count from 0. The table is open for reading; only csv_read writes it.
 *
 * Source      RFC 4180, "Common Format and MIME Type for CSV Files"; lines may also end in LF alone
 *             and begin with a byte order mark, and blank lines at the end are ignored
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "base/text.h"

typedef struct CsvOptions {
  bool header;             /* the first row holds the names of the columns */
  char delimiter;          /* between fields */
  const char *text_column; /* the column that may hold text: its name, or its index, where -1 is the
                              last; NULL: none may */
} CsvOptions;

typedef struct CsvTable {
  size_t n_rows; /* without the header */
  size_t n_columns;
  char **names;       /* of the columns; NULL without a header */
  size_t text_column; /* index of the one that may hold text; n_columns if none may */
  char **texts;       /* cells of that column; NULL if all of them are numbers */
  char *text_bytes;   /* what `texts` points into */
  double **blocks;    /* cells, row after row, in blocks of rows: csv_number */
  size_t rows_per_block;
} CsvTable;

/* Reads a whole file. A cell is a finite number; in the text column it may be text, but neither
 * empty nor a number that is not finite.
 *
 * Ownership   *out is released with csv_release
 * Range       at least one row; all rows have the same number of fields
 * Errors      ERR_NO_INPUT for a file that is missing or cannot be read; ERR_DATA naming file and
 *             line for anything else; *out is then empty
 */
Status csv_read(const char *path, const CsvOptions *options, CsvTable *out);

/* The number in a cell; in the text column only if `texts` is NULL. */
double csv_number(const CsvTable *table, size_t row, size_t column);

enum { CSV_COLUMN_BYTES = SHORT_TEXT_BYTES + (int)sizeof "column ''" };

/* Writes "column 'name'", or "column 3 (from 0)" without a header. Returns `out`. */
char *csv_column_text(const CsvTable *table, size_t column, char out[CSV_COLUMN_BYTES]);

/* Releases the table and empties it. */
void csv_release(CsvTable *table);
