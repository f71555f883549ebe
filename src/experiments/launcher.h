#pragma once
/* How an experiment starts a run: which program, on how many ranks, through which launcher.
 *
 * Ranks       local, before MPI: whoever starts ranks is none
 */

#include <stdbool.h>

#include "base/status.h"
#include "base/text_list.h"

typedef struct Launcher {
  char *program;  /* Lockstep's own file */
  TextList words; /* of the launcher, before "lockstep" */
  bool is_chosen; /* by the user: then it starts single ranks too */
} Launcher;

/* Finds a launcher of MPI programs: the one that was given, or launch/local of this checkout, or
 * lockstep-local beside an installed program, or mpirun.
 *
 * Range       given: words separated by spaces, in which {ranks} stands for the number of ranks;
 *             without {ranks}, "-n RANKS" follows. NULL: none given
 * Ownership   *out is released with launcher_release
 * Errors      ERR_USAGE for a launcher without a word; *out is then empty
 */
Status launcher_find(const char *given, Launcher *out);

/* Appends the words that start `lockstep arguments...`. A single rank needs no launcher. */
void launcher_add_words(const Launcher *launcher, int ranks, const TextList *arguments,
                        TextList *out);

/* Releases what it holds. */
void launcher_release(Launcher *launcher);
