#pragma once
/* Results of an experiment: named columns, a row per point; for people, spreadsheets and programs.
 *
 * A mean has a deviation, which is a column of its own, NAME_deviation, wherever programs read.
 * Order of calls: create, all columns, then rows and their cells.
 *
 * Ranks       local
 */

#include <stddef.h>

#include "base/spread.h"
#include "io/h5.h"
#include "io/json.h"

typedef enum ResultForm { RESULT_TEXT, RESULT_COUNT, RESULT_NUMBER, RESULT_MEAN } ResultForm;

typedef struct ResultTable ResultTable;

/* Ownership: result_table_destroy. */
ResultTable *result_table_create(void);

/* Releases it; NULL is fine. */
void result_table_destroy(ResultTable *table);

/* Adds a column and returns its index.
 *
 * Range       decimals: after the point, for people; below 0: people are not shown this column;
 *             a count is a whole number of at least 0
 */
size_t result_table_add_column(ResultTable *table, const char *name, ResultForm form, int decimals);

/* Adds a row of empty cells and returns its index. */
size_t result_table_add_row(ResultTable *table);

/* Fills a cell of the row that was added last. NaN and NULL leave it empty; the text is copied. */
void result_table_set_text(ResultTable *table, size_t column, const char *text);
void result_table_set_number(ResultTable *table, size_t column, double number);
void result_table_set_mean(ResultTable *table, size_t column, Mean mean);

/* For people: "0.9512 ± 0.0013"; columns without any value are left out. Ownership:
 * memory_release. */
char *result_table_text(const ResultTable *table);

/* CSV with a header. Ownership: memory_release. */
char *result_table_csv(const ResultTable *table);

/* An array of objects. Ownership: the caller's. */
Json *result_table_json(const ResultTable *table);

/* A dataset per column of numbers, and an attribute per column of texts, in a group of a file. */
void result_table_write(const ResultTable *table, H5File *file, const char *group);
