#include "training/data_memory.h"

#include "base/fatal.h"
#include "base/memory.h"
#include "distributed/agreement.h"
#include "distributed/node_group.h"
#include "math/shard_tree.h"

enum { MOST_PRIVATE = 4 };

struct DataMemory {
  Communicator *communicator;
  NodeGroup *group;
  bool shares; /* the memory that was allocated last lies with the whole group */
  size_t n_private;
  void *private_memory[MOST_PRIVATE];
};

DataMemory *data_memory_create(Communicator *communicator) {
  DataMemory *memory = NEW(DataMemory);
  memory->communicator = communicator;
  memory->group = node_group_create(communicator, 0);
  return memory;
}

void data_memory_destroy(DataMemory *memory) {
  if (!memory) return;
  node_group_destroy(memory->group);
  for (size_t i = 0; i < memory->n_private; i++) memory_release(memory->private_memory[i]);
  memory_release(memory);
}

static Status agree_on(void *context, Status status) {
  return agree(((DataMemory *)context)->communicator, status);
}

static Status agree_on_same(void *context, const char *what, const char *text) {
  return agree_same(((DataMemory *)context)->communicator, ERR_DATA, what, text);
}

static Range own_ranks(const DataMemory *memory) {
  return node_group_ranks(memory->group, node_group_index(memory->group));
}

static void *allocate(void *context, size_t bytes) {
  DataMemory *memory = context;
  bool is_first = node_group_place(memory->group) == 0;
  size_t own_bytes = is_first ? bytes : 0;
  memory->shares = node_group_has_room(memory->group, memory->communicator, own_bytes);
  if (!memory->shares) {
    CHECK(memory->n_private < MOST_PRIVATE, "too many data sets");
    return memory->private_memory[memory->n_private++] = memory_allocate(bytes);
  }
  void **parts = NEW_ARRAY(void *, range_count(own_ranks(memory)));
  node_group_allocate(memory->group, own_bytes, parts);
  void *whole = parts[0];
  memory_release(parts);
  return whole;
}

static Range part(void *context, size_t n) {
  const DataMemory *memory = context;
  if (!memory->shares) return (Range){0, n};
  return shard_rows(n, range_count(own_ranks(memory)), node_group_place(memory->group));
}

static void wait_for_all(void *context) {
  node_group_wait(((DataMemory *)context)->group);
}

SharedMemory data_memory_shared(DataMemory *memory) {
  return (SharedMemory){.context = memory,
                        .agree = agree_on,
                        .agree_same = agree_on_same,
                        .allocate = allocate,
                        .part = part,
                        .wait = wait_for_all};
}
