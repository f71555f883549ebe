/* What a launcher does to a program, seen from inside: rank 0 says what happens, in a line each.
 *
 *   signal_probe fail CODE   rank 0 prints one line on stderr, all ranks return CODE
 *   signal_probe early CODE  the same without starting MPI
 *   signal_probe wait        until every rank has had SIGUSR1; then 75, as a saved run returns
 *   signal_probe hang        until it is killed, deaf to SIGUSR1 and SIGTERM
 *   signal_probe terminal    prints LOCKSTEP_TERMINAL_COLUMNS
 */
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stop_requested;

static void on_signal(int number) {
  stop_requested = number;
}

static void nap(void) {
  nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

static void wait_for_usr1(int rank, int size) {
  while (stop_requested != SIGUSR1) nap();

  int mine = 1, stopped = 0;
  MPI_Reduce(&mine, &stopped, 1, MPI_INT, MPI_SUM, 0, MPI_COMM_WORLD);
  if (rank == 0) printf("%d of %d ranks had SIGUSR1\n", stopped, size);
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "";
  int status = argc > 2 ? atoi(argv[2]) : 0;
  if (strcmp(mode, "early") == 0) {
    const char *early_rank = getenv("OMPI_COMM_WORLD_RANK");
    if (early_rank == NULL || strcmp(early_rank, "0") == 0) fprintf(stderr, "early: one line\n");
    return status;
  }

  /* Before MPI_Init: a stop request may come at any time. */
  signal(SIGUSR1, on_signal);
  if (strcmp(mode, "hang") == 0) signal(SIGTERM, on_signal);

  int rank, size;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);

  /* The pid of a rank that can be killed, and the sign that all are listening. */
  MPI_Barrier(MPI_COMM_WORLD);
  if (rank == 0) {
    printf("%d ranks, rank 0 is process %d\n", size, (int)getpid());
    fflush(stdout);
  }

  if (strcmp(mode, "fail") == 0 && rank == 0) fprintf(stderr, "fail: one line\n");
  if (strcmp(mode, "wait") == 0) {
    wait_for_usr1(rank, size);
    status = 75;
  }
  while (strcmp(mode, "hang") == 0) nap();
  if (strcmp(mode, "terminal") == 0 && rank == 0) {
    const char *columns = getenv("LOCKSTEP_TERMINAL_COLUMNS");
    printf("columns: %s\n", columns ? columns : "none");
  }
  MPI_Finalize();
  return status;
}
