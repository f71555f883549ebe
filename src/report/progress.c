#include "report/progress.h"

#include <stdio.h>
#include <string.h>

enum { BAR_COLUMNS = 20 };

char *progress_line(char out[PROGRESS_LINE_BYTES], int columns, double done, const char *text) {
  char bar[BAR_COLUMNS + 1];
  int filled = (int)(done * BAR_COLUMNS);
  memset(bar, ' ', BAR_COLUMNS);
  memset(bar, '=', (size_t)filled);
  if (filled < BAR_COLUMNS) bar[filled] = '>';
  bar[BAR_COLUMNS] = '\0';
  snprintf(out, PROGRESS_LINE_BYTES, "[%s] %s", bar, text);
  if (columns > 1 && (size_t)columns <= strlen(out)) out[columns - 1] = '\0';
  return out;
}
