#pragma once
/* The wish of a user or a scheduler that the run save and end.
 *
 * Ranks       local: the step report tells the others
 */

#include <stdbool.h>

/* Takes SIGUSR1, SIGUSR2, SIGTERM, SIGINT and SIGHUP as the wish to stop; SIGHUP not where it is
 * ignored, as by nohup. A second SIGINT ends the process. */
void stop_request_listen(void);

/* True once one of them has come. */
bool stop_requested(void);
