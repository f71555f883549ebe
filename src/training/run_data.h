#pragma once
/* The samples of a run: read, changed by the target rule, split, and checked against the model.
 *
 * Ranks       local: every rank reads everything; with a SharedMemory collective over its readers
 */

#include <stdbool.h>

#include "base/hash.h"
#include "base/status.h"
#include "data/samples.h"
#include "model/model.h"
#include "training/run_config.h"

typedef struct RunData {
  Dataset train_set, validation_set; /* validation_set is empty for a split */
  Split split;
  Samples train, validation;
  bool has_validation;
  char hash[HASH_TEXT_BYTES]; /* of train_set, as it was read */
} RunData;

/* Reads training and validation samples.
 *
 * Range       memory NULL: into memory of this process
 * Ownership   *out is released with run_data_release, and must not move: samples point into it
 * Errors      ERR_NO_INPUT, ERR_DATA, ERR_CONFIG; *out is then empty
 */
Status run_data_read(const RunConfig *config, const Model *model, const SharedMemory *memory,
                     RunData *out);

/* Releases everything. */
void run_data_release(RunData *data);

/* Reads one data set and checks that the model can take it.
 *
 * Range       needs_targets: also that it has targets, and that the loss can take them
 * Ownership   *out is released with dataset_release
 * Errors      as run_data_read
 */
Status run_data_read_set(const RunConfig *config, const KindSetting *setting, const Model *model,
                         bool needs_targets, const SharedMemory *memory, Dataset *out);

/* Applies the target rule to a data set that was read, and checks that the model can take it.
 *
 * Range       needs_targets: as run_data_read_set
 * Errors      ERR_DATA, ERR_CONFIG
 */
Status run_data_fit(const RunConfig *config, const Model *model, bool needs_targets,
                    Dataset *dataset);

/* Samples in an order, as the model's row source. The sampler must stay. */
RowSource run_data_rows(const Sampler *sampler);
