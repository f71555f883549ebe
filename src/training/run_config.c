#include "training/run_config.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/file.h"

/* One change of the command line: "training.epochs=2". */
static Status apply_change(YamlNode *root, const char *change) {
  const char *equals = strchr(change, '=');
  if (!equals || equals == change) {
    return fail(ERR_USAGE, "--set %s: expected key=value, as in training.epochs=2", change);
  }
  Text source = {0}, key = {0};
  text_append(&source, "--set %s", change);
  text_append_bytes(&key, change, (size_t)(equals - change));

  YamlNode *value = NULL;
  Status status = yaml_read_value(equals + 1, source.bytes, &value);
  if (status == OK) status = yaml_assign(root, key.bytes, value);
  text_release(&source);
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

/* The identity values of a configuration. */
typedef struct IdentityList {
  size_t count;
  char **paths, **values;
} IdentityList;

static Status append_identity(void *context, const OptionValue *value) {
  IdentityList *list = context;
  if (!value->identity) return OK;
  size_t old = list->count * sizeof(char *), grown = old + sizeof(char *);
  list->paths = memory_grow(list->paths, old, grown);
  list->values = memory_grow(list->values, old, grown);
  list->paths[list->count] = memory_copy_text(value->path);
  list->values[list->count++] = memory_copy_text(value->text);
  return OK;
}

static void identity_release(IdentityList *list) {
  for (size_t i = 0; i < list->count; i++) {
    memory_release(list->paths[i]);
    memory_release(list->values[i]);
  }
  memory_release(list->paths);
  memory_release(list->values);
}

static const char *identity_value(const IdentityList *list, const char *path) {
  for (size_t i = 0; i < list->count; i++) {
    if (strcmp(list->paths[i], path) == 0) return list->values[i];
  }
  return "nothing";
}

/* Compares at the paths of `walked`, which is one of the two. */
static Status compare_identity(const IdentityList *walked, const IdentityList *stored,
                               const IdentityList *given) {
  for (size_t i = 0; i < walked->count; i++) {
    const char *path = walked->paths[i];
    const char *old = identity_value(stored, path), *new = identity_value(given, path);
    if (strcmp(old, new) == 0) continue;
    return fail(
        ERR_CONFIG,
        "%s: found %s, but the run to resume has %s; a result depends on it, so start a new "
        "run, or use --init",
        path, new, old);
  }
  return OK;
}

Status run_config_same_identity(const RunConfig *stored, const RunConfig *config) {
  IdentityList old = {0}, new = {0};
  options_visit(run_options, stored, append_identity, &old);
  options_visit(run_options, config, append_identity, &new);
  Status status = compare_identity(&new, &old, &new);
  if (status == OK) status = compare_identity(&old, &old, &new);
  identity_release(&old);
  identity_release(&new);
  return status;
}

void run_config_release(RunConfig *config) {
  options_release(run_options, config);
  memory_release(config->folder);
  config->folder = NULL;
}
