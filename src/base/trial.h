#pragma once
/* A trial: something is done in a child process first, to learn whether the program survives it.
 *
 * For libraries that a damaged file can crash or hold for ever. To be used before MPI starts: a
 * child of a process whose memory a network card knows may lack parts of it.
 */

#include <stdbool.h>

/* Does it in a child process, silently.
 *
 * Range       the child is ended after `most_seconds` of computing, or ten times as long on a busy
 *             machine
 * Errors      false if the child crashed or did not come to an end; true also where no child can
 *             be made
 */
bool trial_survived(void (*attempt)(void *context), void *context, unsigned most_seconds);
