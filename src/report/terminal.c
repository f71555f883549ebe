#include "report/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

int terminal_columns(void) {
  const char *passed = getenv("LOCKSTEP_TERMINAL_COLUMNS");
  if (passed && atoi(passed) > 0) return atoi(passed);
  /* Behind mpirun standard output looks like a terminal even where mpirun's own is a file. */
  if (getenv("OMPI_COMM_WORLD_RANK")) return 0;
  struct winsize size;
  if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col > 0 ? size.ws_col : 80;
}
