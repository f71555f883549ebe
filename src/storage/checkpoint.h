#pragma once
/* Checkpoints: one HDF5 file with everything that a run needs to go on with the same bits, which is
 * also a Keras model file.
 *
 * Layout in storage/checkpoint_layout.h and docs/checkpoint_format.md. A file is verified as a
 * whole before the HDF5 library sees it, and written so that a crash leaves the old file or the
 * new one.
 *
 * Ranks       local: one rank writes, every rank may read
 */

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/status.h"
#include "io/h5.h"
#include "math/noise_scale.h"
#include "model/model.h"
#include "storage/metric_table.h"
#include "storage/user_block.h"

/* Where a run stands. */
typedef struct Progress {
  uint64_t step;         /* finished updates */
  uint64_t epoch;        /* finished epochs */
  uint64_t epoch_step;   /* finished updates of the open epoch */
  uint64_t samples_seen; /* of all updates */
  double epoch_weight;   /* samples of the open epoch, so far */
  double epoch_seconds;  /* training time of the open epoch, so far */
  NoiseScale noise;      /* running means */
  size_t n_sums;
  double *epoch_sums; /* (n_sums): sums over the samples of the open epoch, so far; owned */
} Progress;

/* What a run was, for people: nothing of it enters a result. Texts are borrowed. */
typedef struct RunFacts {
  int64_t ranks, ranks_per_node, hosts;
  const char *host;          /* of rank 0 */
  const char *engine;        /* "OpenBLAS 0.3.21" */
  const char *kernel_family; /* "Zen" */
  const char *mpi;           /* "Open MPI v4.1.4" */
  const char *command_line;
  const char *config_folder; /* relative paths in the config lie below it */
  const char *created;       /* ISO 8601 */
} RunFacts;

/* What goes into a file. Everything is borrowed. */
typedef struct CheckpointContent {
  const Model *model;
  const char *config; /* the resolved configuration, YAML */
  uint64_t seed, shards;
  const char *data_hash;
  size_t n_class_names;
  const char *const *class_names; /* of text targets, in the order of the index; NULL without */
  const Progress *progress;
  const History *history;
  const RunFacts *facts;
  const real *parameters; /* the flat vector */
  const char *optimizer;  /* its name */
  size_t n_slots;
  const char *const *slot_names;
  const real *const *slots; /* flat vectors */
} CheckpointContent;

/* Writes a checkpoint.
 *
 * Errors      ERR_OUTPUT, ERR_IO; ERR_DIVERGED if a parameter is not finite: such a model is never
 *             saved
 */
Status checkpoint_write(const char *path, const CheckpointContent *content);

typedef struct Checkpoint Checkpoint;

/* True if there is a file at `path` that begins as a checkpoint does, whole or not. */
bool checkpoint_recognise(const char *path);

/* Reads and verifies a file.
 *
 * Ownership   *out is released with checkpoint_close
 * Errors      ERR_NO_INPUT, ERR_IO, ERR_DATA; *out is then NULL
 */
Status checkpoint_open(const char *path, Checkpoint **out);

/* Releases it; NULL is fine. */
void checkpoint_close(Checkpoint *checkpoint);

/* What the file says of itself. Borrowed. */
const char *checkpoint_path(const Checkpoint *checkpoint);
const char *checkpoint_bytes(const Checkpoint *checkpoint, size_t *count); /* the whole file */
const char *checkpoint_config(const Checkpoint *checkpoint);
const char *checkpoint_data_hash(const Checkpoint *checkpoint);
const char *checkpoint_parameter_hash(const Checkpoint *checkpoint);
const char *checkpoint_optimizer(const Checkpoint *checkpoint);
const char *const *checkpoint_class_names(const Checkpoint *checkpoint, size_t *count);
const Progress *checkpoint_progress(const Checkpoint *checkpoint);
const History *checkpoint_history(const Checkpoint *checkpoint);
const RunFacts *checkpoint_facts(const Checkpoint *checkpoint);

/* Reads the parameters into a flat vector of the map.
 *
 * Errors      ERR_DATA if the file holds another model: a tensor is missing or has another shape
 */
Status checkpoint_read_parameters(const Checkpoint *checkpoint, const ParameterMap *map,
                                  real *parameters);

/* Visits every group, dataset and attribute of the file (io/h5.h). Errors: as h5_walk. */
Status checkpoint_walk(const Checkpoint *checkpoint, H5Visitor visit, void *context);

/* Reads an optimizer slot into a flat vector of the map. Errors: ERR_DATA. */
Status checkpoint_read_slot(const Checkpoint *checkpoint, const ParameterMap *map, const char *slot,
                            real *values);
