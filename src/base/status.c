#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/fatal.h"
#include "base/text.h"

static char current_message[STATUS_MESSAGE_BYTES];

Status fail(Status code, const char *format, ...) {
  CHECK(code != OK, "a failure needs a code");

  /* The arguments may point into the current message: a caller adds its own words to it. */
  char message[STATUS_MESSAGE_BYTES];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);

  text_printable(current_message, sizeof current_message, message);
  return code;
}

const char *status_message(void) {
  return current_message;
}

int status_exit_code(Status status) {
  switch (status) {
  case OK: return EX_OK;
  case DIFFERENT: return 1;
  case ERR_USAGE: return EX_USAGE;
  case ERR_CONFIG: return EX_USAGE;
  case ERR_DATA: return EX_DATAERR;
  case ERR_NO_INPUT: return EX_NOINPUT;
  case ERR_DIVERGED: return 71; /* its own: nothing else that fails is a result */
  case ERR_INTERNAL: return EX_SOFTWARE;
  case ERR_OUTPUT: return EX_CANTCREAT;
  case ERR_IO: return EX_IOERR;
  case ERR_STOPPED: return EX_TEMPFAIL;
  }
  return EX_SOFTWARE;
}
