#include "base/fatal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static FatalHook fatal_hook;

void fatal_set_hook(FatalHook hook) {
  fatal_hook = hook;
}

noreturn void fatal(const char *file, int line, const char *format, ...) {
  char message[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);

  fprintf(stderr, "lockstep: internal error at %s:%d: %s\n", file, line, message);
  fflush(NULL);
  if (fatal_hook) fatal_hook(message);
  abort();
}
