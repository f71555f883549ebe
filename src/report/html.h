#pragma once
/* Writing a page: elements that close in the order in which they opened, and text that can never
 * become markup.
 *
 * What it writes is HTML and well-formed XML at once. It knows elements and escaping; what stands
 * on a page is the caller's. An Html that is all zeros is empty and ready to use.
 *
 *     html_begin(page, "td.number");
 *     html_attribute(page, "title", "of %zu", n);
 *     html_text(page, "%zu", count);
 *     html_end(page, "td");
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum { HTML_MOST_DEPTH = 32 };

typedef struct Html {
  Text text;
  size_t depth;                      /* elements that are open */
  const char *open[HTML_MOST_DEPTH]; /* as html_begin had them; borrowed */
  bool in_tag;                       /* the innermost has no content yet, so takes attributes */
} Html;

/* Opens an element, inside the one opened last. With a class, or several: "td.number",
 * "svg.chart.wide". The word must stay until html_end.
 */
void html_begin(Html *html, const char *element);

/* Gives the element opened last an attribute; before its content. The value is escaped. */
__attribute__((format(printf, 3, 4))) void html_attribute(Html *html, const char *name,
                                                          const char *format, ...);

/* As html_attribute, with the bytes of a file as a data URI. Range: type such as "image/png" */
void html_attribute_data(Html *html, const char *name, const char *type, const void *bytes,
                         size_t count);

/* Appends text, escaped: bytes that are no UTF-8 or no characters of a page are replaced. */
__attribute__((format(printf, 2, 3))) void html_text(Html *html, const char *format, ...);

/* Closes the element opened last. Range: element names it, without a class */
void html_end(Html *html, const char *element);

/* An element that holds text alone: html_begin, html_text, html_end. */
__attribute__((format(printf, 3, 4))) void html_element(Html *html, const char *element,
                                                        const char *format, ...);

/* Appends markup as it is: a style sheet, or what another Html wrote. */
void html_append_markup(Html *html, const char *markup);

/* The page as text; every element must be closed. Ownership: memory_release. */
char *html_take(Html *html);
