#pragma once
/* Samples that the command line names, in the words of a configuration's data format.
 */

#include <stdbool.h>

#include "base/status.h"
#include "config/kind.h"

typedef struct SampleFile {
  const char *inputs;  /* the file */
  const char *format;  /* idx or csv; NULL: csv where the file's name ends so */
  const char *targets; /* idx: the file of the targets; NULL: none */
  const char *target;  /* csv: their column; NULL: none */
  bool no_header;      /* csv: the first row is a sample */
} SampleFile;

/* The data format with its options, as a configuration would give it.
 *
 * Ownership   *out is released with kind_setting_release
 * Errors      ERR_USAGE for a format that is not known, and for targets of the other format
 */
Status sample_file_setting(const SampleFile *file, KindSetting *out);
