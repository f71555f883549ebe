#include "commands/options_json.h"

#include "config/reference_sections.h"
#include "config/reference_words.h"

static Json *option_json(const Option *row, const char *path, bool fixed) {
  Json *entry = json_new_object();
  json_put_text(entry, "key", path);
  json_put_text(entry, "kind", row->kinds ? row->kinds->noun : NULL);
  if (!row->kinds) {
    Text values = {0};
    reference_append_values(row, &values);
    json_put_text(entry, "values", values.bytes);
    text_release(&values);
  }
  json_put_text(entry, "default", row->fallback); /* null: required */
  json_put_bool(entry, "fixed", fixed || row->identity);
  json_put_text(entry, "help", row->help);
  return entry;
}

/* All keys of a table and of its groups, with their whole paths. */
static void add_keys(const Option *table, const char *prefix, bool fixed, Json *keys) {
  for (const Option *row = table; row && row->key; row++) {
    char path[KEY_PATH_BYTES];
    reference_join_path(path, prefix, row->key);
    if (row->type == OPTION_GROUP) {
      add_keys(row->group, path, fixed || row->identity, keys);
    } else {
      json_add(keys, option_json(row, path, fixed));
    }
  }
}

static Json *kind_json(const Kind *kind, bool fixed) {
  Json *entry = json_new_object(), *aliases = json_new_array(), *options = json_new_array();
  for (size_t i = 0; kind->aliases && kind->aliases[i]; i++) {
    json_add_text(aliases, kind->aliases[i]);
  }
  add_keys(kind->options, "", fixed, options);
  json_put_text(entry, "name", kind->name);
  json_put(entry, "aliases", aliases);
  json_put_text(entry, "summary", kind->summary);
  json_put(entry, "options", options);
  return entry;
}

static bool is_called(const ReferenceSection *section, const Kind *kind, const char *name) {
  const Kind *const alone[] = {kind, NULL};
  return !name || kind_find(&(KindTable){section->noun, alone}, name);
}

static Json *section_json(const ReferenceSection *section, const char *name) {
  Json *kinds = json_new_array();
  for (size_t i = 0; i < section->n_kinds; i++) {
    const Kind *kind = section->kinds[i];
    if (is_called(section, kind, name)) json_add(kinds, kind_json(kind, section->identity));
  }
  return kinds;
}

Json *options_json(const Option *table, const char *name) {
  ReferenceSections sections;
  reference_sections_collect(table, "", &sections);
  Json *document = json_new_object(), *keys = json_new_array(), *kinds = json_new_object();
  if (!name) add_keys(table, "", false, keys);
  for (size_t i = 0; i < sections.count; i++) {
    const ReferenceSection *section = &sections.items[i];
    json_put(kinds, section->noun, section_json(section, name));
  }
  json_put(document, "keys", keys);
  json_put(document, "kinds", kinds);
  reference_sections_release(&sections);
  return document;
}
