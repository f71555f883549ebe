#pragma once
/* No rank leaves a collective phase alone: local work, agree, collective work.
 *
 * Ranks       collective, all of it
 */

#include "base/status.h"
#include "distributed/communicator.h"

/* Makes one outcome of every rank's own: OK if all are; else the status and message of the lowest
 * failing rank, at all ranks. The message names the rank and its host, unless all ranks
 * failed, or rank 0, which does for all what one rank does.
 */
Status agree(Communicator *communicator, Status status);

/* Checks that a text is the same on all ranks.
 *
 * Range       `what` names it in the message
 * Errors      `code`, naming the first rank that differs from rank 0, and both texts
 */
Status agree_same(Communicator *communicator, Status code, const char *what, const char *text);
