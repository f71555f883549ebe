#pragma once
/* Samples in memory, in their stored type: inputs and, where there are any, targets.
 *
 * A dataset kind (data/dataset_kinds.c) opens its files, describes what is there, and reads rows
 * into memory that the caller supplies. What targets mean is the loss's business: here they are
 * numbers, where text has become the index of its class name.
 */

#include <stddef.h>

#include "base/array.h"
#include "base/status.h"
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

  /* Reads samples [first, first + count) into the caller's memory. */
  Status (*read_rows)(DatasetSource *source, size_t first, size_t count, void *inputs,
                      void *targets);

  /* Releases `state`; the description is released by the caller of the kind. */
  void (*close)(DatasetSource *source);
} DatasetKind;

extern const KindTable dataset_kinds;

typedef struct Dataset {
  DatasetDescription description;
  Array inputs;  /* (N, ...) */
  Array targets; /* (N, T); empty without targets */
} Dataset;

/* Reads a whole data set, as chosen in a configuration, into memory.
 *
 * Ownership   *out is released with dataset_release
 * Errors      ERR_NO_INPUT, ERR_DATA, ERR_CONFIG; *out is then empty
 */
Status dataset_read(const KindSetting *setting, const char *folder, Dataset *out);

/* XXH3-128 over the shapes, the types, and the decoded inputs and targets. */
void dataset_hash(const Dataset *dataset, char out[33]);

/* Releases everything. */
void dataset_release(Dataset *dataset);
