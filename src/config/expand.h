#pragma once
/* `${VAR}` and `${VAR:-default}` in configuration values. */

#include "base/status.h"

/* Replaces every variable by its value in the environment.
 *
 * Ownership   *out belongs to the caller: memory_release
 * Errors      ERR_CONFIG for a variable that is neither set nor has a default, or a brace that is
 *             never closed; *out is then NULL
 */
Status expand_variables(const char *text, char **out);

/* The file that a path in a configuration means: variables expanded, and a relative path put below
 * `folder`. Ownership and errors as expand_variables.
 */
Status path_resolve(const char *written, const char *folder, char **out);
