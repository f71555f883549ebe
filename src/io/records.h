#pragma once
/* Rows of values under named columns, for spreadsheets and scripts: one content, as CSV or as JSON.
 *
 * Order of calls: records_create, a records_column for each column, then the values row after row;
 * a row ends by itself when every column has its value.
 *
 * Source      RFC 4180, "Common Format and MIME Type for CSV Files", with lines that end in LF
 */

#include <stddef.h>

#include "io/json.h"

typedef struct Records Records;

/* No columns, no rows. Ownership: records_destroy. */
Records *records_create(void);

/* Appends a column. */
__attribute__((format(printf, 2, 3))) void records_column(Records *records, const char *format,
                                                          ...);

/* Appends the next value of the row.
 *
 * Range       a real is written with 9 digits, which a float survives; one that is not finite is
 *             empty in CSV and null in JSON
 */
void records_whole(Records *records, size_t value);
void records_real(Records *records, double value);
void records_text(Records *records, const char *value);

/* The rows as CSV below a header. Ownership: memory_release. */
char *records_csv(const Records *records);

/* The rows as an array of objects whose keys are the columns. Ownership: json_release. */
Json *records_json(const Records *records);

/* Releases it; NULL is fine. */
void records_destroy(Records *records);
