/* lockstep: finds the command that was typed, runs it, and turns its outcome into an exit code. */

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "commands/command.h"
#include "distributed/communicator.h"

static void print_help(void) {
  puts("Usage: lockstep COMMAND [OPTION...]\n"
       "Synchronous data-parallel training of neural networks: the same bits on any number of "
       "ranks.\n"
       "\n"
       "Commands:");
  for (const Command *const *command = command_table; *command; command++) {
    printf("  %-11s %s\n", (*command)->name, (*command)->summary);
  }
  puts("\nlockstep COMMAND --help tells about one. Several ranks: launch/local -n 2 lockstep train "
       "...");
}

static Status fail_unknown(const char *name) {
  const char *names[32] = {0};
  for (size_t i = 0; command_table[i]; i++) names[i] = command_table[i]->name;
  const char *nearest = text_nearest(name, names);
  if (nearest) return fail(ERR_USAGE, "unknown command '%s'; did you mean %s?", name, nearest);
  return fail(ERR_USAGE, "unknown command '%s' (lockstep --help)", name);
}

int main(int argc, char **argv) {
  /* A parent may have left it ignored, and then nobody learns how other programs end. */
  signal(SIGCHLD, SIG_DFL);
  if (argc < 2) {
    return command_report(fail(ERR_USAGE, "no command given (lockstep --help)"));
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
    if (communicator_expected_rank() == 0) print_help();
    return command_report(OK);
  }
  if (strcmp(argv[1], "--version") == 0) {
    if (communicator_expected_rank() == 0) puts("lockstep " LOCKSTEP_VERSION);
    return command_report(OK);
  }
  for (const Command *const *command = command_table; *command; command++) {
    if (strcmp((*command)->name, argv[1]) == 0) {
      return command_report((*command)->run(argc - 1, argv + 1));
    }
  }
  return command_report(fail_unknown(argv[1]));
}
