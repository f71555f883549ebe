#pragma once
/* Other programs: started, watched and asked to stop. They end with the process that started them.
 */

#include <stdbool.h>

#include "base/status.h"
#include "base/text_list.h"

/* Starts a program. What it prints and what it complains of is appended to files, which may be one;
 * it reads nothing.
 *
 * Range       words: the program, a path or a name that is looked for in PATH, and its arguments
 * Errors      ERR_OUTPUT if a file cannot be opened, ERR_IO if nothing can be started; a program
 *             that is not there ends at once with code 127
 */
Status process_start(const TextList *words, const char *output, const char *errors, int *process);

/* True once it has ended: then `code` is its exit code, or 128 plus the number of the signal that
 * ended it, and it must not be asked for again. */
bool process_has_ended(int process, int *code);

/* Sends it SIGTERM, which a run of Lockstep takes as the wish to save and stop. */
void process_ask_to_stop(int process);

/* The path of this program's own file. Ownership: memory_release. */
char *process_own_path(void);
