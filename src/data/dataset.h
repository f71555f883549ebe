#pragma once
/* Samples in memory, in their stored type: inputs and, where there are any, targets.
 *
 * A dataset kind (data/dataset_kinds.c) opens its files, describes what is there, and reads rows
 * into memory that the caller supplies. What targets mean is the loss's business: here they are
 * numbers, where text has become the index of its class name.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/array.h"
#include "base/range.h"
#include "base/status.h"
#include "base/text_list.h"
#include "config/kind.h"

typedef struct DatasetDescription {
  size_t n_samples;
  Dtype input_dtype;
  Shape input_shape; /* of one sample */
  Dtype target_dtype;
  size_t target_width; /* numbers per sample; 0: no targets */
  size_t n_class_names;
  char **class_names; /* of text targets, in the order of the index; NULL without; owned */
  char *name;         /* of the inputs, for messages; owned */
} DatasetDescription;

/* An opened data source; `state` is the kind's own. */
typedef struct DatasetSource {
  DatasetDescription description;
  void *state;
} DatasetSource;

typedef struct DatasetKind {
  Kind kind;

  /* Opens and describes; relative paths lie below `folder`. On failure nothing stays open. */
  Status (*open)(const void *options, const char *folder, DatasetSource *source);

  /* Reads samples [first, first + count) into the caller's memory; either may be NULL: not wanted.
   * */
  Status (*read_rows)(DatasetSource *source, size_t first, size_t count, void *inputs,
                      void *targets);

  /* Releases `state`; the description is released by the caller of the kind. */
  void (*close)(DatasetSource *source);
} DatasetKind;

extern const KindTable dataset_kinds;

typedef struct Dataset {
  DatasetDescription description;
  Array inputs;       /* (N, ...) */
  Array targets;      /* (N, T); empty without targets */
  bool shares_inputs; /* they lie in memory of somebody else */
} Dataset;

/* Memory for the inputs that several readers of the same data set share, each of which fills a
 * part. All readers make these calls, in the same order.
 */
typedef struct SharedMemory {
  void *context;
  /* One outcome of all readers' own. */
  Status (*agree)(void *context, Status status);
  /* ERR_DATA unless all readers give the same text: parts of different files must not mix. */
  Status (*agree_same)(void *context, const char *what, const char *text);
  void *(*allocate)(void *context, size_t bytes);
  /* This reader's part of n samples. */
  Range (*part)(void *context, size_t n);
  /* Returns when all readers have filled their parts. */
  void (*wait)(void *context);
} SharedMemory;

/* Appends the path of every file that a data set, as chosen in a configuration, is read from; what
 * cannot be told, such as a path with a variable that is not set, is left out. */
void dataset_add_files(const KindSetting *setting, const char *folder, TextList *out);

/* Reads a whole data set, as chosen in a configuration, into memory.
 *
 * Ownership   *out is released with dataset_release
 * Errors      ERR_NO_INPUT, ERR_DATA, ERR_CONFIG; *out is then empty
 */
Status dataset_read(const KindSetting *setting, const char *folder, Dataset *out);

/* As dataset_read, by several readers together: the inputs are there once, each has the targets.
 *
 * Ownership   the inputs' memory stays with `memory`
 */
Status dataset_read_shared(const KindSetting *setting, const char *folder,
                           const SharedMemory *memory, Dataset *out);

/* XXH3-128 over the shapes, the types, and the decoded inputs and targets. */
void dataset_hash(const Dataset *dataset, char out[33]);

/* Releases everything. */
void dataset_release(Dataset *dataset);
