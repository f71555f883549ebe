/* link_rate BYTES: the rate of the link between two ranks that send each other BYTES at once, as in
 * a step. Prints median, lowest and highest in bytes per second and direction.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

enum { WARM_UP = 2, ROUNDS = 15 };

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double exchange(char *sent, char *received, int bytes, int other) {
  MPI_Barrier(MPI_COMM_WORLD);
  double begin_s = MPI_Wtime();
  MPI_Sendrecv(sent, bytes, MPI_BYTE, other, 0, received, bytes, MPI_BYTE, other, 0, MPI_COMM_WORLD,
               MPI_STATUS_IGNORE);
  return bytes / (MPI_Wtime() - begin_s);
}

int main(int argc, char **argv) {
  int rank, size, bytes = argc == 2 ? atoi(argv[1]) : 0;
  MPI_Init(NULL, NULL);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (size != 2 || bytes <= 0) MPI_Abort(MPI_COMM_WORLD, 64);

  char *sent = calloc((size_t)bytes, 1), *received = calloc((size_t)bytes, 1);
  if (!sent || !received) MPI_Abort(MPI_COMM_WORLD, 71);
  double rates[ROUNDS];
  for (int i = -WARM_UP; i < ROUNDS; i++) {
    double rate = exchange(sent, received, bytes, 1 - rank);
    if (i >= 0) rates[i] = rate;
  }
  qsort(rates, ROUNDS, sizeof *rates, compare);
  if (rank == 0) printf("%.0f %.0f %.0f\n", rates[ROUNDS / 2], rates[0], rates[ROUNDS - 1]);
  free(sent);
  free(received);
  MPI_Finalize();
}
