#include "commands/sample_file.h"

#include <string.h>

#include "base/text.h"
#include "config/yaml_tree.h"
#include "data/dataset.h"

static Status check_words(const SampleFile *file, bool is_csv) {
  if (file->format && !is_csv && strcmp(file->format, "idx") != 0) {
    return fail(ERR_USAGE, "--format: found '%s', expected idx or csv", file->format);
  }
  if (is_csv && file->targets) {
    return fail(ERR_USAGE, "--targets: found '%s' for a CSV file, expected --target COLUMN",
                file->targets);
  }
  if (!is_csv && file->target) {
    return fail(ERR_USAGE, "--target: found '%s' for an IDX file, expected --targets FILE",
                file->target);
  }
  return OK;
}

Status sample_file_setting(const SampleFile *file, KindSetting *out) {
  bool is_csv = file->format
                    ? strcmp(file->format, "csv") == 0
                    : text_ends_in(file->inputs, ".csv") || text_ends_in(file->inputs, ".csv.gz");
  TRY(check_words(file, is_csv));

  Text yaml = {0};
  text_append(&yaml, "{%s: {inputs: ", is_csv ? "csv" : "idx");
  yaml_append_scalar(&yaml, file->inputs);
  if (is_csv) text_append(&yaml, ", header: %s", file->no_header ? "false" : "true");
  const char *targets = is_csv ? file->target : file->targets;
  if (targets) {
    text_append(&yaml, is_csv ? ", target: " : ", targets: ");
    yaml_append_scalar(&yaml, targets);
  }
  text_append(&yaml, "}}");
  Status status = kind_setting_read(&dataset_kinds, yaml.bytes, out);
  text_release(&yaml);
  return status;
}
