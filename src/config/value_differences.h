#pragma once
/* Where two sets of named values differ, such as two configurations: each name with both values.
 */

#include <stdbool.h>
#include <stddef.h>

#include "config/options.h"

typedef struct ValueDifference {
  char *name;    /* of an option its dotted path */
  char *a, *b;   /* as text; NULL where one of them does not have it */
  bool identity; /* a result depends on it */
} ValueDifference;

typedef struct ValueDifferences {
  size_t count;
  ValueDifference *items;
} ValueDifferences;

/* Appends a difference, unless both values are the same. A list of zeros is empty.
 *
 * Range       a, b: NULL where one of them does not have it
 */
void value_differences_add(ValueDifferences *list, const char *name, const char *a, const char *b,
                           bool identity);

/* Appends every option that differs: in the order of `a`, then what `b` alone has. */
void value_differences_add_options(ValueDifferences *list, const Option *table, const void *a,
                                   const void *b);

/* Releases the list and empties it. */
void value_differences_release(ValueDifferences *list);
