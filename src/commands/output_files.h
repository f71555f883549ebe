#pragma once
/* The files that a command line names for what a command makes: refused before any work is done
 * where they would destroy something that cannot be made again.
 */

#include <stddef.h>

#include "base/status.h"
#include "analysis/trained_model.h"

typedef struct OutputFile {
  const char *word; /* of the command line that names it: "--csv" */
  const char *path; /* NULL: not wanted */
} OutputFile;

/* Checks that no output is a checkpoint, an input of the command, or another of its outputs.
 *
 * Range       inputs: paths that the command line names, NULL at the end; or NULL
 *             model: also the files of data that its configuration names are inputs; or NULL
 * Errors      ERR_USAGE, also for a name that is empty; ERR_OUTPUT for a checkpoint
 */
Status output_files_check(const OutputFile *outputs, size_t count, const char *const *inputs,
                          const TrainedModel *model);
