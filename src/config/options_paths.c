/* The part of config/options.h that finds paths. */

#include "base/memory.h"
#include "config/expand.h"
#include "config/options.h"

static void resolve_rows(const Option *table, void *settings, const char *folder);

/* What cannot be resolved stays as it was written. */
static void resolve_path(char **written, const char *folder) {
  char *resolved;
  if (!*written || path_resolve(*written, folder, &resolved) != OK) return;
  memory_release(*written);
  *written = resolved;
}

static void resolve_kind(const KindSetting *setting, const char *folder) {
  const Kind *kind = setting->kind;
  if (kind && kind->options) resolve_rows(kind->options, setting->options, folder);
}

static void resolve_value(const Option *row, void *value, const char *folder) {
  switch (row->type) {
  case OPTION_PATH: resolve_path(value, folder); break;
  case OPTION_GROUP: resolve_rows(row->group, value, folder); break;
  case OPTION_KIND: resolve_kind(value, folder); break;
  case OPTION_KIND_LIST: {
    const KindList *list = value;
    for (size_t i = 0; i < list->count; i++) resolve_kind(&list->items[i], folder);
    break;
  }
  default: break;
  }
}

static void resolve_rows(const Option *table, void *settings, const char *folder) {
  for (const Option *row = table; row->key; row++) {
    resolve_value(row, (char *)settings + row->offset, folder);
  }
}

void options_resolve_paths(const Option *table, void *settings, const char *folder) {
  resolve_rows(table, settings, folder);
}
