#include "base/cores.h"

#include <sched.h>
#include <stdio.h>
#include <unistd.h>

static long allowed_processors(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  return sysconf(_SC_NPROCESSORS_ONLN);
}

/* Whole processors of the time that the container has: "QUOTA PERIOD"; 0: no limit. */
static long container_share(void) {
  long quota = 0, period = 1;
  FILE *file = fopen("/sys/fs/cgroup/cpu.max", "r");
  if (!file) return 0;
  int found = fscanf(file, "%ld %ld", &quota, &period);
  fclose(file);
  return found == 2 && period > 0 ? quota / period : 0;
}

size_t cores_usable(void) {
  long cores = allowed_processors(), share = container_share();
  if (share > 0 && share < cores) cores = share;
  return cores > 1 ? (size_t)cores : 1;
}
