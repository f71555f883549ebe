#pragma once
/* What the tests of distributed/ share: they run on as many ranks as they are started on, one, or
 * several by tests/parallel/test_ranks.sh. Each test compares on its own rank and asserts what all
 * ranks found together: a failing assertion on one rank would leave the others waiting.
 *
 * Include it last: cmocka's macro `fail` would hide ours.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "distributed/communicator.h"

#include <cmocka.h>

static Communicator *ranks;
static int rank, n_ranks;

/* Asserts what every rank found by itself. */
static void assert_on_all(bool good) {
  assert_true(communicator_max(ranks, good ? 0 : 1) == 0);
}

/* Numbers whose sum shows in which order they were added. */
static double awkward(size_t i) {
  static const double values[] = {1, 1e16, -1e16, 1, 0.1, 3e15, -3e15, 7e-9};
  return values[i % 8] * (double)(1 + i / 8);
}

/* Runs a program's tests on all ranks, of which one reports for all. */
#define RUN_ON_RANKS(tests)                                                                        \
  do {                                                                                             \
    ranks = communicator_open();                                                                   \
    rank = communicator_rank(ranks), n_ranks = communicator_size(ranks);                           \
    if (rank > 0 && !freopen("/dev/null", "w", stdout)) return 1;                                  \
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);                                      \
    fflush(stdout);                                                                                \
    communicator_close(ranks);                                                                     \
    return n_failed ? 1 : 0;                                                                       \
  } while (0)
