#pragma once
/* What standard output is: a person's terminal, and how wide, or a file.
 */

#include <stdbool.h>

/* Columns of the terminal that shows standard output, or 0 if it is none.
 *
 * The launcher, behind which every rank writes into a pipe, passes the width of its own terminal in
 * LOCKSTEP_TERMINAL_COLUMNS.
 */
int terminal_columns(void);

/* True if colours are welcome: a terminal, and NO_COLOR is not set (https://no-color.org). */
bool terminal_has_colours(void);
