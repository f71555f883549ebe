#pragma once
/* A line that shows how far a piece of work has come, drawn over itself on a terminal.
 */

#include <stddef.h>

enum { PROGRESS_LINE_BYTES = 512 };

/* Writes "[=====>    ] text" cut to `columns`. Range: done from 0 to 1. Returns `out`. */
char *progress_line(char out[PROGRESS_LINE_BYTES], int columns, double done, const char *text);
