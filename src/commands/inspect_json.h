#pragma once
/* What `lockstep inspect --json` prints. The command's --help lists the keys.
 */

#include "training/trained_model.h"

/* Everything that inspect shows, as one indented JSON document. Ownership: memory_release. */
char *inspect_json(const TrainedModel *model);
