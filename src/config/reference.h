#pragma once
/* The printed reference: every key of an option table, and every kind that can be reached from it.
 *
 * Knows the rows alone, so that whatever a table gains stands in the reference as well. As plain
 * text for a terminal, or as the body of a Markdown page.
 */

#include <stdbool.h>

#include "base/status.h"
#include "base/text.h"
#include "config/options.h"

/* Appends all keys of `table`, group by group, and all kinds, noun by noun. */
void reference_append(const Option *table, bool markdown, Text *out);

/* Appends the rows of every kind called `name`, or by an alias of it, among those that can be
 * reached from `table`.
 *
 * Errors      ERR_USAGE if there is none, with the nearest name
 */
Status reference_append_kind(const Option *table, const char *name, bool markdown, Text *out);
