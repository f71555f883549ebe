#include "config/kind.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "config/options.h"

const Kind *kind_find(const KindTable *table, const char *name) {
  for (const Kind *const *kind = table->kinds; *kind; kind++) {
    if (strcmp((*kind)->name, name) == 0) return *kind;
    for (const char *const *alias = (*kind)->aliases; alias && *alias; alias++) {
      if (strcmp(*alias, name) == 0) return *kind;
    }
  }
  return NULL;
}

const char *kind_nearest(const KindTable *table, const char *name) {
  size_t count = 0;
  while (table->kinds[count]) count++;
  const char **names = NEW_ARRAY(const char *, count + 1);
  for (size_t i = 0; i < count; i++) names[i] = table->kinds[i]->name;
  const char *nearest = text_nearest(name, names);
  memory_release(names);
  return nearest;
}

Status kind_setting_read(const KindTable *table, const char *yaml_text, KindSetting *out) {
  const Option rows[] = {
      {.key = "kind", .type = OPTION_KIND, .kinds = table, .help = "the kind to read"},
      {.key = NULL},
  };
  *out = (KindSetting){0};
  Text map = {0};
  text_append(&map, "kind:\n  %s", yaml_text);
  YamlNode *root;
  Status status = yaml_read_text(map.bytes, yaml_text, &root);
  if (status == OK) status = options_read(rows, root, out);
  yaml_destroy(root);
  text_release(&map);
  return status;
}

void kind_setting_release(KindSetting *setting) {
  if (setting->kind && setting->kind->options) {
    options_release(setting->kind->options, setting->options);
  }
  memory_release(setting->options);
  memory_release(setting->place);
  *setting = (KindSetting){0};
}
