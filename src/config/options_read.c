/* Reading of config/options.h: from a YAML tree into a settings struct. */

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "config/option_reader.h"
#include "config/options.h"

static Status read_table(const Option *table, const YamlNode *map, const char *path,
                         const char *skipped_key, void *settings);

static Status fail_unknown_kind(const OptionSpot *spot, const YamlNode *node, const char *name) {
  const KindTable *table = spot->row->kinds;
  const char *nearest = kind_nearest(table, name);
  char shown[SHORT_TEXT_BYTES];
  text_shorten(shown, name);
  if (nearest) {
    return option_fail(node, spot->path, "unknown %s '%s'; did you mean %s?", table->noun, shown,
                       nearest);
  }
  Text known = {0};
  for (const Kind *const *kind = table->kinds; *kind; kind++) {
    text_append(&known, "%s%s", known.length ? " | " : "", (*kind)->name);
  }
  Status status = option_fail(node, spot->path, "unknown %s '%s', expected %s", table->noun, shown,
                              known.bytes);
  text_release(&known);
  return status;
}

static const char *article(const char *noun) {
  return strchr("aeiou", *noun) ? "an" : "a";
}

/* Null is refused where a kind has to be; else it stands for none. */
static Status check_kind_given(const OptionSpot *spot) {
  char expected[64];
  const char *noun = spot->row->kinds->noun;
  snprintf(expected, sizeof expected, "%s %s", article(noun), noun);
  return option_check_given(spot, expected);
}

/* Finds the name of the kind and the map of its options (NULL: none given) in one of the forms
 * `adam`, `{dense: {units: 3}}` or, for rows with a tag, `{name: adam, beta_1: 0.9}`. */
static Status kind_form(const OptionSpot *spot, const YamlNode **name, const char **name_text,
                        const YamlNode **options) {
  const YamlNode *node = spot->node;
  const char *tag = spot->row->tag, *noun = spot->row->kinds->noun;
  *options = NULL;
  if (node->type == YAML_SCALAR) {
    *name = node;
    *name_text = node->text;
    return OK;
  }
  if (tag) {
    *name = yaml_find(node, tag);
    if (!*name && spot->row->untagged && node->type == YAML_MAP) {
      *name = *options = node;
      *name_text = spot->row->untagged;
      return OK;
    }
    if (!*name || (*name)->type != YAML_SCALAR || yaml_is_null(*name)) {
      return option_fail(node, spot->path, "no '%s:' that names the %s", tag, noun);
    }
    *name_text = (*name)->text;
    *options = node;
    return OK;
  }
  if (node->type != YAML_MAP || node->count != 1) {
    char found[OPTION_FOUND_BYTES];
    bool is_map = node->type == YAML_MAP && node->count > 0;
    return option_fail(node, spot->path, "found %s, expected %s %s: its name, or {name: {options}}",
                       is_map ? "a map of several keys" : option_found_words(node, found),
                       article(noun), noun);
  }
  *name = node;
  *name_text = node->keys[0];
  *options = node->items[0];
  return OK;
}

static const Option *find_row(const Option *table, const char *key) {
  const Option *row = table;
  while (row->key && strcmp(row->key, key) != 0) row++;
  return row->key ? row : NULL;
}

/* True if `given` is the value of the kind's short option and not a map of its options: a lone
 * value, or a map where a kind is expected, as in `activation: {leaky_relu: {...}}`. */
static bool is_short_form(const Kind *kind, const YamlNode *given) {
  if (!kind->short_option || yaml_is_null(given)) return false;
  if (given->type != YAML_MAP) return true;
  const Option *row = find_row(kind->options, kind->short_option);
  bool names_a_kind = row->type == OPTION_KIND && given->count == 1;
  return names_a_kind && !find_row(kind->options, given->keys[0]);
}

/* Reads a kind's options from what was given for them, which may be nothing or a lone value. */
static Status read_kind_options(const Kind *kind, const YamlNode *given, const char *path,
                                const char *tag, void *settings) {
  static const Option no_options[] = {{.key = NULL}};
  const Option *table = kind->options ? kind->options : no_options;
  if (!is_short_form(kind, given)) return read_table(table, given, path, tag, settings);

  char *keys[] = {memory_copy_text(kind->short_option)};
  YamlNode value = *given;
  YamlNode *items[] = {&value};
  YamlNode map = {YAML_MAP, given->source, given->line, NULL, false, 1, keys, items};
  Status status = read_table(table, &map, path, tag, settings);
  memory_release(keys[0]);
  return status;
}

static Status read_kind(const OptionSpot *spot, KindSetting *out) {
  TRY(check_kind_given(spot));
  if (yaml_is_null(spot->node)) return OK;
  const YamlNode *name = NULL, *given = NULL;
  const char *name_text = NULL;
  TRY(kind_form(spot, &name, &name_text, &given));

  const Kind *kind = kind_find(spot->row->kinds, name_text);
  if (!kind) return fail_unknown_kind(spot, name, name_text);

  char place[YAML_PLACE_BYTES];
  Text words = {0};
  text_append(&words, "%s: %s", yaml_place(spot->node, place), spot->path);
  out->kind = kind;
  out->place = text_take(&words);
  out->options = memory_allocate(kind->options_size);

  char path[OPTION_PATH_BYTES];
  option_join_path(path, spot->path, spot->row->tag ? "" : kind->name);
  if (spot->row->tag) path[strlen(path) - 1] = '\0';
  YamlNode empty = {.type = YAML_MAP, .source = spot->node->source, .line = spot->node->line};
  return read_kind_options(kind, given ? given : &empty, path, spot->row->tag, out->options);
}

static Status read_kind_list(const OptionSpot *spot, KindList *out) {
  TRY(check_kind_given(spot));
  out->count = option_list_count(spot->node);
  out->items = NEW_ARRAY(KindSetting, out->count);
  for (size_t i = 0; i < out->count; i++) {
    char path[OPTION_PATH_BYTES];
    snprintf(path, sizeof path, "%s[%zu]", spot->path, i);
    OptionSpot item = {spot->row, option_list_item(spot->node, i), path, true};
    TRY(read_kind(&item, &out->items[i]));
  }
  return OK;
}

static Status read_value(const OptionSpot *spot, void *value) {
  switch (spot->row->type) {
  case OPTION_GROUP: return read_table(spot->row->group, spot->node, spot->path, NULL, value);
  case OPTION_KIND: return read_kind(spot, value);
  case OPTION_KIND_LIST: return read_kind_list(spot, value);
  default: return option_read_value(spot, value);
  }
}

/* Reads the default of a row: the same path as a written value, so the same checks. */
static Status read_fallback(const Option *row, const YamlNode *map, const char *path,
                            void *settings) {
  void *value = (char *)settings + row->offset;
  YamlNode empty = {.type = YAML_MAP, .source = map->source, .line = map->line};
  if (row->type == OPTION_GROUP) return read_table(row->group, &empty, path, NULL, value);
  if (!row->fallback) return option_fail(map, path, "missing: %s", row->help);

  YamlNode *node;
  TRY(yaml_read_text(row->fallback, "default", &node));
  OptionSpot spot = {.row = row, .node = node, .path = path};
  Status status = read_value(&spot, value);
  yaml_destroy(node);
  return status;
}

static Status refuse_unknown_keys(const Option *table, const YamlNode *map, const char *path,
                                  const char *skipped_key) {
  size_t count = 0;
  while (table[count].key) count++;
  const char **known = NEW_ARRAY(const char *, count + 1);
  for (size_t i = 0; i < count; i++) known[i] = table[i].key;

  Status status = OK;
  for (size_t i = 0; i < map->count && status == OK; i++) {
    const char *key = map->keys[i];
    bool is_known = skipped_key && strcmp(key, skipped_key) == 0;
    for (size_t j = 0; j < count && !is_known; j++) is_known = strcmp(known[j], key) == 0;
    if (is_known) continue;

    char full[OPTION_PATH_BYTES], near_path[OPTION_PATH_BYTES];
    option_join_path(full, path, key);
    const char *nearest = text_nearest(key, known);
    if (nearest) {
      option_join_path(near_path, path, nearest);
      status = option_fail(map->items[i], full, "unknown key; did you mean %s?", near_path);
    } else {
      status = option_fail(map->items[i], full, "unknown key");
    }
  }
  memory_release(known);
  return status;
}

static Status read_table(const Option *table, const YamlNode *map, const char *path,
                         const char *skipped_key, void *settings) {
  YamlNode empty = {.type = YAML_MAP, .source = map->source, .line = map->line};
  if (yaml_is_null(map)) map = &empty;
  if (map->type != YAML_MAP) {
    char found[OPTION_FOUND_BYTES];
    return option_fail(map, path, "found %s, expected keys with values",
                       option_found_words(map, found));
  }
  TRY(refuse_unknown_keys(table, map, path, skipped_key));

  for (const Option *row = table; row->key; row++) {
    char row_path[OPTION_PATH_BYTES];
    option_join_path(row_path, path, row->key);
    const YamlNode *node = yaml_find(map, row->key);
    if (node) {
      OptionSpot spot = {.row = row, .node = node, .path = row_path};
      TRY(read_value(&spot, (char *)settings + row->offset));
    } else {
      TRY(read_fallback(row, map, row_path, settings));
    }
  }
  return OK;
}

Status options_read(const Option *table, const YamlNode *map, void *settings) {
  Status status = read_table(table, map, "", NULL, settings);
  if (status != OK) options_release(table, settings);
  return status;
}

static void release_kind_list(KindList *list) {
  for (size_t i = 0; list->items && i < list->count; i++) kind_setting_release(&list->items[i]);
  memory_release(list->items);
  *list = (KindList){0};
}

static void release_value(const Option *row, void *value) {
  switch (row->type) {
  case OPTION_BOOL: *(bool *)value = false; break;
  case OPTION_INT: *(int64_t *)value = 0; break;
  case OPTION_REAL: *(double *)value = 0; break;
  case OPTION_CHOICE: *(int *)value = 0; break;
  case OPTION_TEXT:
  case OPTION_PATH:
    memory_release(*(char **)value);
    *(char **)value = NULL;
    break;
  case OPTION_INT_LIST:
    memory_release(((IntList *)value)->values);
    *(IntList *)value = (IntList){0};
    break;
  case OPTION_TEXT_LIST: text_list_release(value); break;
  case OPTION_GROUP: options_release(row->group, value); break;
  case OPTION_KIND: kind_setting_release(value); break;
  case OPTION_KIND_LIST: release_kind_list(value); break;
  }
}

void options_release(const Option *table, void *settings) {
  for (const Option *row = table; row->key; row++) {
    release_value(row, (char *)settings + row->offset);
  }
}
