#pragma once
/* Which files are meant by a path: a CSV file, IDX inputs with the labels beside them, or a folder
 * with such files; and the test samples that lie beside the training samples.
 *
 * Knows names and the first bytes of files; reads no samples.
 */

#include <stdbool.h>

#include "base/status.h"

typedef struct DataFiles {
  bool is_idx;  /* else CSV */
  char *inputs; /* of CSV, with the targets */
  char *targets;
  char *test_inputs, *test_targets; /* NULL: none */
} DataFiles;

/* Finds them.
 *
 * Labels have the name of the inputs with `labels` for `images` and `idx1` for `idx3`; test samples
 * that of the training samples with `test` or `t10k` for `train`; either may be gzipped or not.
 * Range       targets: an IDX file that `path` goes with, or NULL: look for it
 * Ownership   *out is released with data_files_release
 * Errors      ERR_NO_INPUT for what is not there, ERR_DATA for a folder with no such files or
 *             several; *out is then empty
 */
Status data_files_find(const char *path, const char *targets, DataFiles *out);

/* Releases the names and empties the struct. */
void data_files_release(DataFiles *files);
