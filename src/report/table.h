#pragma once
/* Tables of text, with columns as wide as what stands in them.
 */

#include <stdbool.h>
#include <stddef.h>

#include "report/html.h"

typedef struct TextTable TextTable;

/* A table with a header. Ownership: text_table_destroy. Shapes: headers (n_columns) */
TextTable *text_table_create(size_t n_columns, const char *const *headers);

/* Appends a row; the texts are copied. Shapes: cells (n_columns); NULL is empty */
void text_table_add(TextTable *table, const char *const *cells);

/* The table as text: numbers to the right, other columns to the left, two spaces between.
 * Ownership: memory_release. */
char *text_table_text(const TextTable *table);

/* The same in a box of lines, as Keras draws the summary of a model. Ownership: memory_release. */
char *text_table_boxed(const TextTable *table);

/* Writes the table into a page, where it scrolls by itself if the page is narrower. */
void text_table_html(const TextTable *table, Html *page);

/* Releases it; NULL is fine. */
void text_table_destroy(TextTable *table);
