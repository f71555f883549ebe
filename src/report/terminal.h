#pragma once
/* What standard output is: a person's terminal, and how wide, or a file.
 */

/* Columns of the terminal that shows standard output, or 0 if it is none.
 *
 * The launcher, behind which every rank writes into a pipe, passes the width of its own terminal in
 * LOCKSTEP_TERMINAL_COLUMNS.
 */
int terminal_columns(void);
