#pragma once
/* The reference of the configuration for programs. */

#include "config/options.h"
#include "io/json.h"

/* Keys and kinds as a document: keys (key, kind, values, default, fixed, help), kinds (an array for
 * each noun: name, aliases, summary, options, which are like keys).
 *
 * Range       name: only the kinds called so, and no keys; NULL: everything
 * Ownership   json_release
 */
Json *options_json(const Option *table, const char *name);
