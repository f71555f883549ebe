#pragma once
/* Memory for data sets that the ranks of a host share: one copy a host, filled by its ranks
 * together.
 *
 * Where a host has no room for it (/dev/shm is often small in containers), each rank keeps a copy.
 *
 * Ranks       collective
 */

#include "data/dataset.h"
#include "distributed/communicator.h"

typedef struct DataMemory DataMemory;

/* Ownership: data_memory_destroy, after every data set that lies in it was released. */
DataMemory *data_memory_create(Communicator *communicator);

/* Releases the memory; NULL is fine. */
void data_memory_destroy(DataMemory *memory);

/* The memory as data sets use it. */
SharedMemory data_memory_shared(DataMemory *memory);
