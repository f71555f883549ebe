/* core_distance: how long a cache line takes from one core to another. Two threads, each bound to a
 * core of its own, pass a number back and forth. Prints the median of many short measurements, in
 * nanoseconds for one way; ends with 69 where there are no two cores.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { WARM_UP = 5, ROUNDS = 200, TRIPS = 2000, TURNS = 2 * TRIPS * (WARM_UP + ROUNDS) };

static _Alignas(128) atomic_int turn; /* even: the first thread's */
static int cores[2];

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

static int find_cores(void) {
  cpu_set_t allowed;
  int found = 0;
  sched_getaffinity(0, sizeof allowed, &allowed);
  for (int i = 0; i < CPU_SETSIZE && found < 2; i++) {
    if (CPU_ISSET(i, &allowed)) cores[found++] = i;
  }
  return found;
}

static void bind_to(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

static void take_turn(int mine) {
  while (atomic_load_explicit(&turn, memory_order_acquire) != mine) {
  }
  atomic_store_explicit(&turn, mine + 1, memory_order_release);
}

static void *answer(void *unused) {
  bind_to(cores[1]);
  for (int mine = 1; mine < TURNS; mine += 2) take_turn(mine);
  return unused;
}

int main(void) {
  pthread_t other;
  double ns[ROUNDS];
  if (find_cores() < 2) return 69;
  if (pthread_create(&other, NULL, answer, NULL)) return 71;
  bind_to(cores[0]);
  for (int i = -WARM_UP, mine = 0; i < ROUNDS; i++) {
    double begin_ns = now_ns();
    for (int trip = 0; trip < TRIPS; trip++, mine += 2) take_turn(mine);
    if (i >= 0) ns[i] = (now_ns() - begin_ns) / (2 * TRIPS);
  }
  pthread_join(other, NULL);
  qsort(ns, ROUNDS, sizeof *ns, compare);
  printf("%.1f\n", ns[ROUNDS / 2]);
}
