#include "distributed/core_usage.h"

#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "distributed/mpi_door.h"

/* What a rank says of itself. */
typedef struct RankCores {
  char host[MPI_MAX_PROCESSOR_NAME];
  cpu_set_t allowed;
} RankCores;

CoreUsage core_usage_find(Communicator *communicator) {
  size_t n_ranks = (size_t)communicator->size;
  RankCores mine;
  memset(&mine, 0, sizeof mine);
  memcpy(mine.host, communicator->host, sizeof mine.host);
  sched_getaffinity(0, sizeof mine.allowed, &mine.allowed);

  RankCores *all = NEW_ARRAY(RankCores, n_ranks);
  size_t *bytes = NEW_ARRAY(size_t, n_ranks);
  for (size_t r = 0; r < n_ranks; r++) bytes[r] = sizeof mine;
  communicator_collect(communicator, &mine, bytes, all);

  CoreUsage usage = {.cores = (int)sysconf(_SC_NPROCESSORS_ONLN)};
  cpu_set_t together;
  CPU_ZERO(&together);
  for (size_t r = 0; r < n_ranks; r++) {
    if (strcmp(all[r].host, mine.host) != 0) continue;
    CPU_OR(&together, &together, &all[r].allowed);
    usage.ranks++;
  }
  usage.bound = CPU_COUNT(&together);
  memory_release(bytes);
  memory_release(all);
  return usage;
}

static int used_cores(const CoreUsage *usage) {
  return usage->ranks < usage->bound ? usage->ranks : usage->bound;
}

int core_usage_idle(const CoreUsage *usage) {
  int idle = usage->cores - used_cores(usage);
  return idle > 0 ? idle : 0;
}

char *core_usage_advice(const CoreUsage *usage) {
  Text text = {0};
  if (usage->ranks > usage->bound && usage->bound < usage->cores) {
    text_append(&text,
                "%d ranks are bound to %d of this host's %d cores and wait for each other; start "
                "them with launch/local -n %d, or mpirun --bind-to core --map-by core",
                usage->ranks, usage->bound, usage->cores,
                usage->ranks < usage->cores ? usage->ranks : usage->cores);
  }
  return text.bytes ? text_take(&text) : NULL;
}
