#pragma once
/* Commands: what a user can type after `lockstep`.
 *
 * A command is one file in commands/ and one row in commands/command_table.c. It reads its words,
 * does its work through the levels below, and is the only place that prints a failure.
 */

#include <argp.h>

#include "base/status.h"
#include "config/options.h"
#include "distributed/communicator.h"
#include "report/table.h"
#include "analysis/chosen_data.h"

typedef struct Command {
  const char *name;
  const char *summary; /* one line for `lockstep --help` */
  Status (*run)(int argc, char **argv);
} Command;

/* NULL-terminated, in the order of the help. */
extern const Command *const command_table[];

/* Reads a command's words with argp; `input` is what the parser fills.
 *
 * Errors      ERR_USAGE; --help has been printed where it was asked for, and *done is then true
 */
Status command_parse(const struct argp *parser, int argc, char **argv, void *input, bool *done);

/* Takes the one word of a command that works on a checkpoint: for the end of an argp parser. */
error_t command_take_checkpoint(const char **checkpoint, int key, char *argument,
                                struct argp_state *state);

/* Takes the word of an option that chooses data of a configuration: train, validation or test. */
error_t command_take_data_choice(DataChoice *choice, const char *argument,
                                 struct argp_state *state);

/* The same for a command that works on a configuration. */
error_t command_take_config(const char **config, int key, char *argument, struct argp_state *state);

/* The folder that a command works in: the given one, or runs/<name of the configuration><ending>.
 *
 * Range       given: NULL for none
 * Ownership   memory_release
 */
char *command_choose_folder(const char *given, const char *config, const char *ending);

/* Refuses a launcher for a command that starts the ranks itself. Errors: ERR_USAGE. */
Status command_check_unlaunched(const char *command);

/* Reads an option that is a number from 1 to 100,000, such as --seeds: for an argp parser. */
error_t command_take_count(struct argp_state *state, const char *name, const char *text,
                           size_t *out);

/* The exit code of a command that ended so. Says why on standard error: once, on one rank. What
 * could not be printed makes a success ERR_IO. */
int command_report(Status status);

/* Ends MPI, after saying why the command failed if it did: once ranks leave with an exit code, the
 * launcher may end the others before they have spoken. NULL is fine. Ranks: collective. */
void command_leave(Communicator *communicator, Status status);

/* Prints a table below an empty line, and releases it. */
void command_print_table(TextTable *table);

/* The command line as one text. Ownership: memory_release. */
char *command_line_text(int argc, char **argv);
