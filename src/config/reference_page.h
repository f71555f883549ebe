#pragma once
/* The page that a reference is written on: headings, sentences and rows of cells, as Markdown or as
 * plain text for a terminal.
 *
 * Knows the two forms; knows nothing of options.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

typedef struct ReferencePage {
  bool markdown;
  const char *quote; /* to be put around keys and values */
  Text *out;
} ReferencePage;

/* A page that appends to `out`, which must stay. */
ReferencePage reference_page(bool markdown, Text *out);

/* Begins a part of the page. Range: level 2 or 3; plain text does not tell them apart. */
void reference_page_heading(const ReferencePage *page, int level, const char *title);

/* A sentence by itself. */
void reference_page_sentence(const ReferencePage *page, const char *sentence);

/* Begins a table. Plain text has no names of columns. Shapes: cells (n) */
void reference_page_head(const ReferencePage *page, size_t n, const char *const *cells);

/* A row of the table.
 *
 * As plain text "first: last", and what stands between the two, unless it is empty, on a line
 * below.
 * Shapes      cells (n)
 * Range       n >= 2
 */
void reference_page_row(const ReferencePage *page, size_t n, const char *const *cells);
