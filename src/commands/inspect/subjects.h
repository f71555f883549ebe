#pragma once
/* What `lockstep inspect` can be asked about: one file for each. They print to standard output, as
 * text for people or as one JSON document, which docs/inspect_schema.json describes.
 */

#include <stdbool.h>

#include "base/status.h"
#include "io/json.h"
#include "storage/checkpoint.h"
#include "analysis/trained_model.h"

/* One checkpoint: facts, model, metrics, statistics of the parameters. Errors: as
 * trained_model_open. */
Status inspect_checkpoint(const char *path, bool json);

/* The same as a JSON document. Ownership: json_release. */
Json *inspect_checkpoint_json(const TrainedModel *model);

/* The groups, datasets and attributes of a checkpoint's file. Errors: as checkpoint_walk. */
Status inspect_tree(const Checkpoint *checkpoint, bool json);

/* The checkpoints of a folder. Errors: as checkpoint_list_read. */
Status inspect_folder(const char *folder, bool json);

/* Two checkpoints beside each other.
 *
 * Errors      DIFFERENT where they are; as trained_model_open and checkpoint_compare
 */
Status inspect_two(const char *path_a, const char *path_b, bool json);
