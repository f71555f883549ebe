/* Reading of config/options.h: from a YAML tree into a settings struct. */

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/expand.h"
#include "config/options.h"

enum { KEY_PATH_BYTES = 256 };

/* Where the reader stands: the row, its value's node, and the dotted path to it. */
typedef struct Spot {
  const Option *row;
  const YamlNode *node;
  const char *path;
} Spot;

static Status read_table(const Option *table, const YamlNode *map, const char *path,
                         const char *skipped_key, void *settings);

__attribute__((format(printf, 3, 4))) static Status fail_at(const YamlNode *node, const char *path,
                                                            const char *format, ...) {
  char what[STATUS_MESSAGE_BYTES], place[YAML_PLACE_BYTES];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  return fail(ERR_CONFIG, "%s: %s: %s", yaml_place(node, place), path, what);
}

static void join_path(char out[KEY_PATH_BYTES], const char *path, const char *key) {
  snprintf(out, KEY_PATH_BYTES, "%s%s%s", path, *path ? "." : "", key);
}

static const char *type_words(const YamlNode *node) {
  if (node->type == YAML_MAP) return "a map";
  if (node->type == YAML_LIST) return "a list";
  return node->text;
}

/* The scalar's text with variables expanded; the caller releases it. */
static Status scalar_text(const Spot *spot, const char *expected, char **out) {
  if (spot->node->type != YAML_SCALAR) {
    return fail_at(spot->node, spot->path, "found %s, expected %s", type_words(spot->node),
                   expected);
  }
  if (expand_variables(spot->node->text, out) != OK) {
    return fail_at(spot->node, spot->path, "%s", status_message());
  }
  return OK;
}

/* "a whole number from 1 to 64, or auto", for messages. */
static char *number_words(const Option *row, char out[160]) {
  char low[NUMBER_TEXT_BYTES], high[NUMBER_TEXT_BYTES];
  const char *sort = row->type == OPTION_REAL ? "a number" : "a whole number";
  int length = snprintf(out, 160, "%s", sort);
  bool bounded = row->min != 0 || row->max != 0 || row->above_min || row->below_max;
  if (bounded && isfinite(row->max)) {
    const char *from = row->above_min ? "above" : "from";
    const char *to = row->below_max ? "to below" : "to";
    length += snprintf(out + length, 160 - (size_t)length, " %s %s %s %s", from,
                       text_real(low, row->min), to, text_real(high, row->max));
  } else if (bounded) {
    const char *from = row->above_min ? "above" : "of at least";
    length +=
        snprintf(out + length, 160 - (size_t)length, " %s %s", from, text_real(low, row->min));
  }
  if (row->word) snprintf(out + length, 160 - (size_t)length, ", or %s", row->word);
  return out;
}

static bool within_bounds(const Option *row, double value) {
  if (row->min == 0 && row->max == 0 && !row->above_min && !row->below_max) return true;
  if (row->above_min ? value <= row->min : value < row->min) return false;
  return row->below_max ? value < row->max : value <= row->max;
}

static Status read_number(const Spot *spot, double *real, int64_t *whole) {
  const Option *row = spot->row;
  char expected[160];
  number_words(row, expected);
  char *text;
  TRY(scalar_text(spot, expected, &text));

  bool is_word = row->word && (strcmp(text, row->word) == 0 ||
                               (strcmp(row->word, "null") == 0 && yaml_is_null(spot->node)));
  char *end = text;
  errno = 0;
  if (is_word) {
    *real = row->word_value;
    *whole = (int64_t)row->word_value;
  } else if (row->type == OPTION_REAL) {
    *real = strtod(text, &end);
  } else {
    *whole = strtoll(text, &end, 10);
    *real = (double)*whole;
  }

  bool good = is_word || (end != text && !*end && errno == 0 && isfinite(*real));
  Status status = OK;
  if (!good || (!is_word && !within_bounds(row, *real))) {
    status = fail_at(spot->node, spot->path, "found '%s', expected %s", text, expected);
  }
  memory_release(text);
  return status;
}

static Status read_int(const Spot *spot, int64_t *out) {
  double real;
  return read_number(spot, &real, out);
}

static Status read_real(const Spot *spot, double *out) {
  int64_t whole;
  return read_number(spot, out, &whole);
}

static Status read_bool(const Spot *spot, bool *out) {
  char *text;
  TRY(scalar_text(spot, "true or false", &text));
  bool is_true = strcmp(text, "true") == 0, is_false = strcmp(text, "false") == 0;
  Status status = OK;
  if (!is_true && !is_false) {
    status = fail_at(spot->node, spot->path, "found '%s', expected true or false", text);
  }
  *out = is_true;
  memory_release(text);
  return status;
}

static Status read_text(const Spot *spot, char **out) {
  if (yaml_is_null(spot->node)) {
    *out = NULL;
    return OK;
  }
  if (spot->row->type == OPTION_PATH && spot->node->type == YAML_SCALAR) {
    *out = memory_copy_text(spot->node->text);
    return OK;
  }
  return scalar_text(spot, spot->row->type == OPTION_PATH ? "a path" : "text", out);
}

static Status read_choice(const Spot *spot, int *out) {
  Text expected = {0};
  for (const char *const *choice = spot->row->choices; *choice; choice++) {
    text_append(&expected, "%s%s", expected.length ? " | " : "", *choice);
  }

  char *text = NULL;
  Status status = scalar_text(spot, expected.bytes, &text);
  if (status == OK) {
    for (*out = 0; spot->row->choices[*out]; (*out)++) {
      if (strcmp(spot->row->choices[*out], text) == 0) break;
    }
    if (!spot->row->choices[*out]) {
      status = fail_at(spot->node, spot->path, "found '%s', expected %s", text, expected.bytes);
    }
  }
  memory_release(text);
  text_release(&expected);
  return status;
}

/* The node of item `i` of a list, where a lone value counts as a list of one. */
static const YamlNode *list_item(const YamlNode *node, size_t i) {
  return node->type == YAML_LIST ? node->items[i] : node;
}

static size_t list_count(const YamlNode *node) {
  if (yaml_is_null(node)) return 0;
  return node->type == YAML_LIST ? node->count : 1;
}

static Status read_int_list(const Spot *spot, IntList *out) {
  out->count = list_count(spot->node);
  out->values = NEW_ARRAY(int64_t, out->count);
  for (size_t i = 0; i < out->count; i++) {
    Spot item = {spot->row, list_item(spot->node, i), spot->path};
    TRY(read_int(&item, &out->values[i]));
  }
  return OK;
}

static Status read_text_list(const Spot *spot, TextList *out) {
  out->count = list_count(spot->node);
  out->values = NEW_ARRAY(char *, out->count);
  for (size_t i = 0; i < out->count; i++) {
    Spot item = {spot->row, list_item(spot->node, i), spot->path};
    TRY(read_text(&item, &out->values[i]));
  }
  return OK;
}

static Status fail_unknown_kind(const Spot *spot, const YamlNode *node, const char *name) {
  const KindTable *table = spot->row->kinds;
  const char *nearest = kind_nearest(table, name);
  if (nearest) {
    return fail_at(node, spot->path, "unknown %s '%s'; did you mean %s?", table->noun, name,
                   nearest);
  }
  Text known = {0};
  for (const Kind *const *kind = table->kinds; *kind; kind++) {
    text_append(&known, "%s%s", known.length ? " | " : "", (*kind)->name);
  }
  Status status =
      fail_at(node, spot->path, "unknown %s '%s', expected %s", table->noun, name, known.bytes);
  text_release(&known);
  return status;
}

/* Finds the name of the kind and the map of its options (NULL: none given) in one of the forms
 * `adam`, `{dense: {units: 3}}` or, for rows with a tag, `{name: adam, beta_1: 0.9}`. */
static Status kind_form(const Spot *spot, const YamlNode **name, const char **name_text,
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
    if (!*name || (*name)->type != YAML_SCALAR) {
      return fail_at(node, spot->path, "no '%s:' that names the %s", tag, noun);
    }
    *name_text = (*name)->text;
    *options = node;
    return OK;
  }
  if (node->type != YAML_MAP || node->count != 1) {
    return fail_at(node, spot->path, "found %s, expected a %s: its name, or {name: {options}}",
                   node->type == YAML_MAP ? "a map of several keys" : type_words(node), noun);
  }
  *name = node;
  *name_text = node->keys[0];
  *options = node->items[0];
  return OK;
}

/* True if `given` is the value of the kind's short option, as in `activation: relu`, and not a map
 * of its options. */
static bool is_short_form(const Kind *kind, const YamlNode *given) {
  if (!kind->short_option || !given || yaml_is_null(given)) return false;
  if (given->type != YAML_MAP) return true;
  for (const Option *row = kind->options; row->key; row++) {
    if (yaml_find(given, row->key)) return false;
  }
  return given->count == 1;
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

static Status read_kind(const Spot *spot, KindSetting *out) {
  if (yaml_is_null(spot->node) && spot->row->fallback) return OK;
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

  char path[KEY_PATH_BYTES];
  join_path(path, spot->path, spot->row->tag ? "" : kind->name);
  if (spot->row->tag) path[strlen(path) - 1] = '\0';
  YamlNode empty = {.type = YAML_MAP, .source = spot->node->source, .line = spot->node->line};
  return read_kind_options(kind, given ? given : &empty, path, spot->row->tag, out->options);
}

static Status read_kind_list(const Spot *spot, KindList *out) {
  out->count = list_count(spot->node);
  out->items = NEW_ARRAY(KindSetting, out->count);
  for (size_t i = 0; i < out->count; i++) {
    char path[KEY_PATH_BYTES];
    snprintf(path, sizeof path, "%s[%zu]", spot->path, i);
    Spot item = {spot->row, list_item(spot->node, i), path};
    TRY(read_kind(&item, &out->items[i]));
  }
  return OK;
}

static Status read_value(const Spot *spot, void *value) {
  switch (spot->row->type) {
  case OPTION_BOOL: return read_bool(spot, value);
  case OPTION_INT: return read_int(spot, value);
  case OPTION_REAL: return read_real(spot, value);
  case OPTION_TEXT: return read_text(spot, value);
  case OPTION_PATH: return read_text(spot, value);
  case OPTION_CHOICE: return read_choice(spot, value);
  case OPTION_INT_LIST: return read_int_list(spot, value);
  case OPTION_TEXT_LIST: return read_text_list(spot, value);
  case OPTION_GROUP: return read_table(spot->row->group, spot->node, spot->path, NULL, value);
  case OPTION_KIND: return read_kind(spot, value);
  case OPTION_KIND_LIST: return read_kind_list(spot, value);
  }
  return OK;
}

/* Reads the default of a row: the same path as a written value, so the same checks. */
static Status read_fallback(const Option *row, const YamlNode *map, const char *path,
                            void *settings) {
  void *value = (char *)settings + row->offset;
  YamlNode empty = {.type = YAML_MAP, .source = map->source, .line = map->line};
  if (row->type == OPTION_GROUP) return read_table(row->group, &empty, path, NULL, value);
  if (!row->fallback) return fail_at(map, path, "missing: %s", row->help);

  YamlNode *node;
  TRY(yaml_read_text(row->fallback, "default", &node));
  Spot spot = {row, node, path};
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

    char full[KEY_PATH_BYTES], near_path[KEY_PATH_BYTES];
    join_path(full, path, key);
    const char *nearest = text_nearest(key, known);
    if (nearest) {
      join_path(near_path, path, nearest);
      status = fail_at(map->items[i], full, "unknown key; did you mean %s?", near_path);
    } else {
      status = fail_at(map->items[i], full, "unknown key");
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
    return fail_at(map, path, "found %s, expected keys with values", type_words(map));
  }
  TRY(refuse_unknown_keys(table, map, path, skipped_key));

  for (const Option *row = table; row->key; row++) {
    char row_path[KEY_PATH_BYTES];
    join_path(row_path, path, row->key);
    const YamlNode *node = yaml_find(map, row->key);
    if (node) {
      Spot spot = {row, node, row_path};
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

static void release_value(const Option *row, void *value) {
  switch (row->type) {
  case OPTION_TEXT:
  case OPTION_PATH:
    memory_release(*(char **)value);
    *(char **)value = NULL;
    break;
  case OPTION_INT_LIST:
    memory_release(((IntList *)value)->values);
    *(IntList *)value = (IntList){0};
    break;
  case OPTION_TEXT_LIST: {
    TextList *list = value;
    for (size_t i = 0; list->values && i < list->count; i++) memory_release(list->values[i]);
    memory_release(list->values);
    *list = (TextList){0};
    break;
  }
  case OPTION_GROUP: options_release(row->group, value); break;
  case OPTION_KIND: kind_setting_release(value); break;
  case OPTION_KIND_LIST: {
    KindList *list = value;
    for (size_t i = 0; list->items && i < list->count; i++) kind_setting_release(&list->items[i]);
    memory_release(list->items);
    *list = (KindList){0};
    break;
  }
  default: break;
  }
}

void options_release(const Option *table, void *settings) {
  for (const Option *row = table; row->key; row++) {
    release_value(row, (char *)settings + row->offset);
  }
}
