#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static LogLevel log_level = LOG_NOTES;

void log_set_level(LogLevel level) {
  log_level = level;
}

bool log_says_notes(void) {
  return log_level >= LOG_NOTES;
}

void log_note(const char *format, ...) {
  if (log_level < LOG_NOTES) return;
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  putchar('\n');
  fflush(stdout);
}

void log_warning(const char *format, ...) {
  if (log_level < LOG_WARNINGS) return;
  fflush(stdout);
  fputs("lockstep: warning: ", stderr);
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
}
