#pragma once
/* What the program says while it works: notes on standard output, warnings on standard error.
 *
 * Every rank calls these; one rank alone has a level above LOG_SILENT. So the
 * callers need not know about ranks.
 */

#include <stdbool.h>

typedef enum LogLevel {
  LOG_SILENT,   /* nothing, not even warnings */
  LOG_WARNINGS, /* warnings alone: --quiet */
  LOG_NOTES,    /* all of it */
} LogLevel;

/* Sets how much this process says. */
void log_set_level(LogLevel level);

/* True if notes are printed by this process. */
bool log_says_notes(void);

/* Prints a line on standard output. */
__attribute__((format(printf, 1, 2))) void log_note(const char *format, ...);

/* Prints a line that begins with "lockstep: warning:" on standard error; cut and made printable as
 * the message of a failure is. */
__attribute__((format(printf, 1, 2))) void log_warning(const char *format, ...);
