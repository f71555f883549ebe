#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/status.h"
#include "base/text.h"

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
  char message[STATUS_MESSAGE_BYTES], line[STATUS_MESSAGE_BYTES];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  fflush(stdout);
  fprintf(stderr, "lockstep: warning: %s\n", text_printable(line, sizeof line, message));
}
