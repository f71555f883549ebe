#pragma once
/* Bugs and other states from which there is no way on: say where, and end the program.
 *
 * The hook lets the distributed level end all ranks (MPI_Abort), and a test look at the message.
 */

#include <stdnoreturn.h>

typedef void (*FatalHook)(const char *message);

/* Replaces the hook that runs after the message was printed; NULL restores the default, abort().
 * The hook is expected not to return; if it does, the program ends all the same.
 */
void fatal_set_hook(FatalHook hook);

/* Prints the place and the message on standard error and runs the hook. */
__attribute__((format(printf, 3, 4))) noreturn void fatal(const char *file, int line,
                                                          const char *format, ...);

/* Ends the program unless `condition` holds. Stays in release builds. */
#define CHECK(condition, ...)                                                                      \
  do {                                                                                             \
    if (!(condition)) fatal(__FILE__, __LINE__, __VA_ARGS__);                                      \
  } while (0)
