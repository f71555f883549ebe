#pragma once
/* Expected failures: a code, and one message that is made where the failure is found.
 *
 * A function that can fail returns a Status. Where the failure is found: `return fail(...)`. On the
 * way up: TRY or TRY_TO. The message of the latest failure is kept for whoever prints it, which
 * nobody below commands/ does. Bugs are not failures: see base/fatal.h.
 */

typedef enum Status {
  OK = 0,
  DIFFERENT,    /* no failure: what was compared differs            exit code 1  */
  ERR_USAGE,    /* command line                                     exit code 64 */
  ERR_CONFIG,   /* configuration, shapes that do not fit            exit code 64 */
  ERR_DATA,     /* content of a data file or checkpoint             exit code 65 */
  ERR_NO_INPUT, /* an input file is missing or unreadable           exit code 66 */
  ERR_DIVERGED, /* the training left the finite numbers             exit code 71 */
  ERR_INTERNAL, /* something that should not happen                 exit code 70 */
  ERR_OUTPUT,   /* an output file or folder cannot be created       exit code 73 */
  ERR_IO,       /* a read or write failed                           exit code 74 */
  ERR_STOPPED,  /* stopped on request; the run can be resumed       exit code 75 */
} Status;

enum { STATUS_MESSAGE_BYTES = 1024 };

/* Records `format` as the current message and returns `code`.
 *
 * Range       code is not OK; a message longer than STATUS_MESSAGE_BYTES - 1 is cut. It is one line
 *             whatever the names in it are: control characters are written out, \n or \x1b
 */
__attribute__((format(printf, 2, 3))) Status fail(Status code, const char *format, ...);

/* The message of the latest failure; borrowed, valid until the next failure. */
const char *status_message(void);

/* The exit code (sysexits.h) that tells the outside world about `status`. */
int status_exit_code(Status status);

/* Returns from the calling function when `call` fails. */
#define TRY(call)                                                                                  \
  do {                                                                                             \
    Status try_status_ = (call);                                                                   \
    if (try_status_ != OK) return try_status_;                                                     \
  } while (0)

/* Jumps to `label` when `call` fails; the status is kept in the local variable `status`. */
#define TRY_TO(label, call)                                                                        \
  do {                                                                                             \
    status = (call);                                                                               \
    if (status != OK) goto label;                                                                  \
  } while (0)
