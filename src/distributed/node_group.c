#include "distributed/node_group.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "distributed/mpi_door.h"

enum { MOST_WINDOWS = 8 };

/* How often each rank has come to node_group_wait, and what it has marked, on a cache line of its
 * own. */
typedef struct Arrival {
  _Alignas(CACHE_LINE_BYTES) _Atomic uint64_t count;
  _Atomic uint64_t mark; /* count << 32 | mark since then */
  int64_t process;
} Arrival;

struct NodeGroup {
  MPI_Comm members;
  size_t n_groups, index;
  Range *ranks; /* per group */
  size_t place, size;
  size_t n_windows;
  MPI_Win windows[MOST_WINDOWS];
  void *private_parts[MOST_WINDOWS]; /* of a group of one rank, which needs no windows */
  Arrival **arrivals;                /* per member */
  uint64_t waits;
  bool crowded; /* more ranks than cores: whoever waits must yield at once */
  double patience_s;
  double waited_s;
};

/* The first rank of every rank's group, found by asking everybody. */
static void find_groups(NodeGroup *group, Communicator *communicator) {
  size_t n_ranks = (size_t)communicator->size;
  int first = communicator->rank - (int)group->place;
  int *firsts = NEW_ARRAY(int, n_ranks);
  MPI_CHECK(MPI_Allgather(&first, 1, MPI_INT, firsts, 1, MPI_INT, communicator->world));
  group->ranks = NEW_ARRAY(Range, n_ranks);
  for (size_t r = 0; r < n_ranks; r++) {
    if ((size_t)firsts[r] == r) group->ranks[group->n_groups++].begin = r;
    group->ranks[group->n_groups - 1].end = r + 1;
    if ((int)r == communicator->rank) group->index = group->n_groups - 1;
  }
  memory_release(firsts);
}

static bool is_crowded(int ranks_here) {
  return ranks_here > sysconf(_SC_NPROCESSORS_ONLN);
}

/* Tells the core that this is a waiting loop. */
static void pause_core(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

NodeGroup *node_group_create(Communicator *communicator, size_t most_ranks) {
  NodeGroup *group = NEW(NodeGroup);
  MPI_Comm host;
  int place_on_host = 0, place = 0, size = 0;
  MPI_CHECK(MPI_Comm_split_type(communicator->world, MPI_COMM_TYPE_SHARED, communicator->rank,
                                MPI_INFO_NULL, &host));
  MPI_CHECK(MPI_Comm_rank(host, &place_on_host));
  int colour = most_ranks ? place_on_host / (int)most_ranks : 0;
  MPI_CHECK(MPI_Comm_split(host, colour, communicator->rank, &group->members));
  MPI_CHECK(MPI_Comm_free(&host));
  MPI_CHECK(MPI_Comm_rank(group->members, &place));
  MPI_CHECK(MPI_Comm_size(group->members, &size));
  group->place = (size_t)place;
  group->size = (size_t)size;
  find_groups(group, communicator);

  group->crowded = is_crowded(communicator->ranks_here);
  group->patience_s = 600;
  group->arrivals = NEW_ARRAY(Arrival *, group->size);
  node_group_allocate(group, sizeof(Arrival), (void **)group->arrivals);
  group->arrivals[group->place]->process = getpid();
  return group;
}

void node_group_destroy(NodeGroup *group) {
  if (!group) return;
  for (size_t i = group->n_windows; i-- > 0;) {
    memory_release(group->private_parts[i]);
    if (group->size == 1) continue;
    MPI_CHECK(MPI_Win_unlock_all(group->windows[i]));
    MPI_CHECK(MPI_Win_free(&group->windows[i]));
  }
  MPI_CHECK(MPI_Comm_free(&group->members));
  memory_release(group->arrivals);
  memory_release(group->ranks);
  memory_release(group);
}

size_t node_group_count(const NodeGroup *group) {
  return group->n_groups;
}

size_t node_group_index(const NodeGroup *group) {
  return group->index;
}

Range node_group_ranks(const NodeGroup *group, size_t index) {
  return group->ranks[index];
}

size_t node_group_place(const NodeGroup *group) {
  return group->place;
}

bool node_group_has_room(NodeGroup *group, Communicator *communicator, size_t bytes_of_rank) {
  double wanted = 0, mine = (double)bytes_of_rank;
  MPI_CHECK(MPI_Allreduce(&mine, &wanted, 1, MPI_DOUBLE, MPI_SUM, group->members));
  struct statvfs shared_memory;
  double free_bytes = 0;
  if (statvfs("/dev/shm", &shared_memory) == 0) {
    free_bytes = (double)shared_memory.f_bavail * (double)shared_memory.f_frsize;
  }
  /* Some of it is Open MPI's own, and ranks of other groups may share the host. */
  int enough = wanted * 1.25 + (16 << 20) < free_bytes, all = 0;
  MPI_CHECK(MPI_Allreduce(&enough, &all, 1, MPI_INT, MPI_MIN, communicator->world));
  return all;
}

/* The next cache line. A window is mapped by whole pages, so it is the same place for every rank.
 * */
static void *to_cache_line(void *address) {
  uintptr_t up = (uintptr_t)address + CACHE_LINE_BYTES - 1;
  return (void *)(up - up % CACHE_LINE_BYTES);
}

void node_group_allocate(NodeGroup *group, size_t bytes_of_rank, void **parts) {
  CHECK(group->n_windows < MOST_WINDOWS, "too many shared allocations");
  MPI_Win *window = &group->windows[group->n_windows++];
  if (group->size == 1) {
    parts[0] = memory_allocate(bytes_of_rank);
    group->private_parts[group->n_windows - 1] = parts[0];
    return;
  }
  size_t rounded = (bytes_of_rank / CACHE_LINE_BYTES + 2) * CACHE_LINE_BYTES;
  void *own = NULL;
  /* Parts on pages of their own, so that each can lie near its rank. */
  MPI_Info info;
  MPI_CHECK(MPI_Info_create(&info));
  MPI_CHECK(MPI_Info_set(info, "alloc_shared_noncontig", "true"));
  MPI_CHECK(MPI_Win_allocate_shared((MPI_Aint)rounded, 1, info, group->members, &own, window));
  MPI_CHECK(MPI_Info_free(&info));
  MPI_CHECK(MPI_Win_lock_all(MPI_MODE_NOCHECK, *window));
  for (size_t i = 0; i < group->size; i++) {
    MPI_Aint bytes;
    int unit;
    MPI_CHECK(MPI_Win_shared_query(*window, (int)i, &bytes, &unit, &parts[i]));
    parts[i] = to_cache_line(parts[i]);
  }
  /* Whoever touches a page first has it near: each rank touches its own part. */
  memset(to_cache_line(own), 0, rounded - CACHE_LINE_BYTES);
  MPI_CHECK(MPI_Barrier(group->members));
}

void node_group_set_patience(NodeGroup *group, double seconds) {
  group->patience_s = seconds;
}

/* Waits until a member has come as often as this rank. */
static void wait_for(NodeGroup *group, size_t member) {
  enum { ACTIVE_TURNS = 4000, TURNS_PER_CLOCK = 256 };
  const Arrival *arrival = group->arrivals[member];
  double begin_s = 0;
  for (unsigned turn = 0;; turn++) {
    if (atomic_load_explicit(&arrival->count, memory_order_acquire) >= group->waits) return;
    if (!group->crowded && turn < ACTIVE_TURNS) {
      pause_core();
      continue;
    }
    sched_yield();
    if (turn % TURNS_PER_CLOCK != 0) continue;
    double now_s = clock_monotonic_s();
    if (begin_s == 0) begin_s = now_s;
    CHECK(now_s - begin_s < group->patience_s,
          "rank %zu (process %lld on this host) has not come for %.0f s; it hangs, or its step is "
          "much longer than the others'",
          group->ranks[group->index].begin + member, (long long)arrival->process,
          group->patience_s);
  }
}

static uint64_t mark_now(const NodeGroup *group, size_t mark) {
  return group->waits << 32 | mark;
}

void node_group_mark(NodeGroup *group, size_t mark) {
  atomic_store_explicit(&group->arrivals[group->place]->mark, mark_now(group, mark),
                        memory_order_release);
}

bool node_group_all_marked(const NodeGroup *group, size_t mark) {
  for (size_t i = 0; i < group->size; i++) {
    uint64_t found = atomic_load_explicit(&group->arrivals[i]->mark, memory_order_acquire);
    if ((int64_t)(found - mark_now(group, mark)) < 0) return false; /* also where waits wrap */
  }
  return true;
}

double node_group_waited_s(const NodeGroup *group) {
  return group->waited_s;
}

void node_group_wait(NodeGroup *group) {
  if (group->size == 1) return;
  double begin_s = clock_monotonic_s();
  group->waits++;
  atomic_store_explicit(&group->arrivals[group->place]->count, group->waits, memory_order_release);
  for (size_t i = 0; i < group->size; i++) {
    if (i != group->place) wait_for(group, i);
  }
  group->waited_s += clock_monotonic_s() - begin_s;
}
