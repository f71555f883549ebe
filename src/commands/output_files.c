#include "commands/output_files.h"

#include "analysis/chosen_data.h"
#include "io/file_place.h"
#include "storage/checkpoint.h"

static Status check_output(const OutputFile *output, const TextList *inputs) {
  const char *path = output->path;
  if (!*path) return fail(ERR_USAGE, "%s: found no file name, expected one", output->word);
  if (checkpoint_recognise(path)) {
    return fail(ERR_OUTPUT, "%s: %s is a checkpoint; choose another name", output->word, path);
  }
  for (size_t i = 0; i < inputs->count; i++) {
    if (file_place_is_same(path, inputs->values[i])) {
      return fail(ERR_USAGE, "%s: %s is read as an input; choose another name", output->word, path);
    }
  }
  return OK;
}

static Status check_all(const OutputFile *outputs, size_t count, const TextList *inputs) {
  for (size_t i = 0; i < count; i++) {
    if (!outputs[i].path) continue;
    TRY(check_output(&outputs[i], inputs));
    for (size_t j = 0; j < i; j++) {
      if (outputs[j].path && file_place_is_same(outputs[i].path, outputs[j].path)) {
        return fail(ERR_USAGE, "%s: %s is the file of %s, too; choose another name",
                    outputs[i].word, outputs[i].path, outputs[j].word);
      }
    }
  }
  return OK;
}

Status output_files_check(const OutputFile *outputs, size_t count, const char *const *inputs,
                          const TrainedModel *model) {
  TextList all = {0};
  for (; inputs && *inputs; inputs++) text_list_add(&all, *inputs);
  if (model) chosen_data_add_files(model, &all);
  Status status = check_all(outputs, count, &all);
  text_list_release(&all);
  return status;
}
