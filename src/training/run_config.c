#include "training/run_config.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "config/value_differences.h"
#include "io/path.h"
#include "io/file_place.h"

/* One change: "training.epochs=2". It comes from --set, from --over or from a sweep's file, so that
 * messages name its place by its own words. */
static Status apply_change(YamlNode *root, const char *change) {
  const char *equals = strchr(change, '=');
  if (!equals || equals == change) {
    return fail(ERR_USAGE, "--set %s: expected key=value, as in training.epochs=2", change);
  }
  Text key = {0};
  char source[SHORT_TEXT_BYTES];
  text_shorten(source, change);
  text_append_bytes(&key, change, (size_t)(equals - change));

  YamlNode *value = NULL;
  Status status = yaml_read_value(equals + 1, source, &value);
  if (status == OK) status = yaml_assign(root, key.bytes, value);
  text_release(&key);
  return status;
}

/* Takes the tree. */
static Status read_tree(YamlNode *root, const char *folder, const TextList *changes,
                        RunConfig *out) {
  *out = (RunConfig){0};
  Status status = OK;
  for (size_t i = 0; changes && i < changes->count && status == OK; i++) {
    status = apply_change(root, changes->values[i]);
  }
  if (status == OK) status = options_read(run_options, root, out);
  if (status == OK) out->folder = memory_copy_text(folder);
  yaml_destroy(root);
  return status;
}

Status run_config_read(const char *path, const TextList *changes, RunConfig *out) {
  *out = (RunConfig){0};
  YamlNode *root;
  TRY(file_place_check_input(path));
  TRY(yaml_read_file(path, &root));
  char *folder = path_folder(path);
  Status status = read_tree(root, folder, changes, out);
  memory_release(folder);
  return status;
}

Status run_config_parse(const char *text, const char *source, const char *folder,
                        const TextList *changes, RunConfig *out) {
  *out = (RunConfig){0};
  YamlNode *root;
  TRY(yaml_read_text(text, source, &root));
  return read_tree(root, folder, changes, out);
}

char *run_config_text(const RunConfig *config) {
  Text text = {0};
  options_write(run_options, config, &text);
  return text_take(&text);
}

char *run_config_text_anywhere(const RunConfig *config) {
  RunConfig copy;
  char *text = run_config_text(config), *folder = path_absolute(config->folder);
  if (run_config_parse(text, "config", folder, NULL, &copy) == OK) {
    options_resolve_paths(run_options, &copy, folder);
    memory_release(text);
    text = run_config_text(&copy);
    run_config_release(&copy);
  }
  memory_release(folder);
  return text;
}

Status run_config_same_identity(const RunConfig *stored, const RunConfig *config) {
  ValueDifferences found = {0};
  value_differences_add_options(&found, run_options, config, stored);
  Status status = OK;
  for (size_t i = 0; i < found.count && status == OK; i++) {
    const ValueDifference *item = &found.items[i];
    if (!item->identity) continue;
    status =
        fail(ERR_CONFIG,
             "%s: found %s, but the run to resume has %s; a result depends on it, so start a new "
             "run, or use --init",
             item->name, item->a ? item->a : "nothing", item->b ? item->b : "nothing");
  }
  value_differences_release(&found);
  return status;
}

void run_config_release(RunConfig *config) {
  options_release(run_options, config);
  memory_release(config->folder);
  config->folder = NULL;
}
