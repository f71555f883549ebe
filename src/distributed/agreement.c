#include "distributed/agreement.h"

#include <stdio.h>
#include <string.h>

#include "distributed/mpi_door.h"

/* What the lowest failing rank tells the others. */
typedef struct Outcome {
  int status;
  char host[MPI_MAX_PROCESSOR_NAME];
  char message[STATUS_MESSAGE_BYTES];
} Outcome;

Status agree(Communicator *communicator, Status status) {
  int candidate = status == OK ? communicator->size : communicator->rank;
  int failed = status != OK, lowest = 0, n_failed = 0;
  MPI_CHECK(MPI_Allreduce(&candidate, &lowest, 1, MPI_INT, MPI_MIN, communicator->world));
  if (lowest == communicator->size) return OK;
  MPI_CHECK(MPI_Allreduce(&failed, &n_failed, 1, MPI_INT, MPI_SUM, communicator->world));

  Outcome outcome = {.status = (int)status};
  snprintf(outcome.host, sizeof outcome.host, "%s", communicator->host);
  snprintf(outcome.message, sizeof outcome.message, "%s", status_message());
  MPI_CHECK(MPI_Bcast(&outcome, sizeof outcome, MPI_BYTE, lowest, communicator->world));

  /* Rank 0 also fails for all in what it does for all. */
  bool for_all = n_failed == communicator->size || lowest == 0;
  if (for_all) return fail((Status)outcome.status, "%s", outcome.message);
  return fail((Status)outcome.status, "%s (on rank %d, host %s)", outcome.message, lowest,
              outcome.host);
}

Status agree_same(Communicator *communicator, Status code, const char *what, const char *text) {
  char first[256] = "", mine[256] = "";
  snprintf(mine, sizeof mine, "%s", text);
  snprintf(first, sizeof first, "%s", text);
  MPI_CHECK(MPI_Bcast(first, sizeof first, MPI_BYTE, 0, communicator->world));

  Status status = OK;
  if (strcmp(first, mine) != 0) {
    status = fail(code, "%s differs between ranks: found %s on rank %d, expected %s as on rank 0",
                  what, mine, communicator->rank, first);
  }
  return agree(communicator, status);
}
