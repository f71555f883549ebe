/* The rate of the link between two ranks, each sending and receiving at once as in a step. Prints
 * median, lowest and highest in bytes per second and direction.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

enum { BYTES = 8 << 20, WARM_UP = 2, ROUNDS = 15 };

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double exchange(char *sent, char *received, int other) {
  MPI_Barrier(MPI_COMM_WORLD);
  double begin_s = MPI_Wtime();
  MPI_Sendrecv(sent, BYTES, MPI_BYTE, other, 0, received, BYTES, MPI_BYTE, other, 0, MPI_COMM_WORLD,
               MPI_STATUS_IGNORE);
  return BYTES / (MPI_Wtime() - begin_s);
}

int main(void) {
  int rank, size;
  MPI_Init(NULL, NULL);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (size != 2) MPI_Abort(MPI_COMM_WORLD, 64);

  char *sent = calloc(BYTES, 1), *received = calloc(BYTES, 1);
  if (!sent || !received) MPI_Abort(MPI_COMM_WORLD, 71);
  double rates[ROUNDS];
  for (int i = -WARM_UP; i < ROUNDS; i++) {
    double rate = exchange(sent, received, 1 - rank);
    if (i >= 0) rates[i] = rate;
  }
  qsort(rates, ROUNDS, sizeof *rates, compare);
  if (rank == 0) printf("%.0f %.0f %.0f\n", rates[ROUNDS / 2], rates[0], rates[ROUNDS - 1]);
  free(sent);
  free(received);
  MPI_Finalize();
}
