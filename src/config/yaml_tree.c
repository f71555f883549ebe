#include "config/yaml_tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <ctype.h>
#include <string.h>
#include <sys/stat.h>
#include <yaml.h>

#include "base/memory.h"

/* Anchors can make a document endless; a configuration is never this large. */
enum { MOST_LEVELS = 64, MOST_NODES = 100000 };

typedef struct Composer {
  yaml_document_t *document;
  const char *source;
  size_t node_count;
} Composer;

static YamlNode *node_create(YamlType type, const char *source, size_t line) {
  YamlNode *node = NEW(YamlNode);
  node->type = type;
  node->source = memory_copy_text(source);
  node->line = line;
  return node;
}

void yaml_destroy(YamlNode *node) {
  if (!node) return;
  for (size_t i = 0; i < node->count; i++) {
    if (node->keys) memory_release(node->keys[i]);
    yaml_destroy(node->items[i]);
  }
  memory_release(node->keys);
  memory_release(node->items);
  memory_release(node->text);
  memory_release(node->source);
  memory_release(node);
}

/* Appends an item to a list (key NULL) or a map; takes the item. */
static void node_append(YamlNode *parent, const char *key, YamlNode *item) {
  size_t old = parent->count * sizeof(void *), grown = (parent->count + 1) * sizeof(void *);
  parent->items = memory_grow(parent->items, old, grown);
  parent->items[parent->count] = item;
  if (key) {
    parent->keys = memory_grow(parent->keys, old, grown);
    parent->keys[parent->count] = memory_copy_text(key);
  }
  parent->count++;
}

static size_t item_index(const YamlNode *map, const char *key) {
  size_t index = 0;
  while (index < map->count && strcmp(map->keys[index], key) != 0) index++;
  return index;
}

YamlNode *yaml_find(const YamlNode *map, const char *key) {
  if (map->type != YAML_MAP) return NULL;
  size_t index = item_index(map, key);
  return index < map->count ? map->items[index] : NULL;
}

bool yaml_is_null(const YamlNode *node) {
  if (node->type != YAML_SCALAR || node->quoted) return false;
  return !*node->text || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0;
}

char *yaml_place(const YamlNode *node, char out[YAML_PLACE_BYTES]) {
  if (node->line) {
    snprintf(out, YAML_PLACE_BYTES, "%s:%zu", node->source, node->line);
  } else {
    snprintf(out, YAML_PLACE_BYTES, "%s", node->source);
  }
  return out;
}

static Status compose(Composer *composer, int id, int level, YamlNode **out);

static Status compose_map(Composer *composer, const yaml_node_t *from, int level, YamlNode *map) {
  const yaml_node_pair_t *pair = from->data.mapping.pairs.start;
  for (; pair < from->data.mapping.pairs.top; pair++) {
    const yaml_node_t *key = yaml_document_get_node(composer->document, pair->key);
    size_t line = key->start_mark.line + 1;
    if (key->type != YAML_SCALAR_NODE) {
      return fail(ERR_CONFIG, "%s:%zu: a key must be plain text", composer->source, line);
    }
    const char *name = (const char *)key->data.scalar.value;
    if (yaml_find(map, name)) {
      return fail(ERR_CONFIG, "%s:%zu: %s: this key stands twice", composer->source, line, name);
    }
    YamlNode *item = NULL;
    TRY(compose(composer, pair->value, level + 1, &item));
    node_append(map, name, item);
  }
  return OK;
}

static Status compose_list(Composer *composer, const yaml_node_t *from, int level, YamlNode *list) {
  const yaml_node_item_t *id = from->data.sequence.items.start;
  for (; id < from->data.sequence.items.top; id++) {
    YamlNode *item = NULL;
    TRY(compose(composer, *id, level + 1, &item));
    node_append(list, NULL, item);
  }
  return OK;
}

static Status compose(Composer *composer, int id, int level, YamlNode **out) {
  const yaml_node_t *from = yaml_document_get_node(composer->document, id);
  size_t line = from->start_mark.line + 1;
  if (level > MOST_LEVELS || ++composer->node_count > MOST_NODES) {
    return fail(ERR_CONFIG, "%s:%zu: nested too deeply or too large", composer->source, line);
  }

  if (from->type == YAML_SCALAR_NODE) {
    *out = node_create(YAML_SCALAR, composer->source, line);
    (*out)->text = memory_copy_text((const char *)from->data.scalar.value);
    (*out)->quoted = from->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return OK;
  }

  bool is_map = from->type == YAML_MAPPING_NODE;
  YamlNode *node = node_create(is_map ? YAML_MAP : YAML_LIST, composer->source, line);
  Status status =
      is_map ? compose_map(composer, from, level, node) : compose_list(composer, from, level, node);
  if (status != OK) {
    yaml_destroy(node);
    return status;
  }
  *out = node;
  return OK;
}

static Status fail_syntax(const yaml_parser_t *parser, const char *source) {
  const char *problem = parser->problem ? parser->problem : "not YAML";
  /* Bytes that are no text are found before there are lines. */
  if (parser->error == YAML_READER_ERROR) {
    return fail(ERR_CONFIG, "%s: byte %zu: %s", source, parser->problem_offset, problem);
  }
  size_t line = parser->problem_mark.line + 1;
  return fail(ERR_CONFIG, "%s:%zu: YAML syntax: %s", source, line, problem);
}

static Status read_document(yaml_parser_t *parser, const char *source, YamlNode **out) {
  yaml_document_t document, next;
  if (!yaml_parser_load(parser, &document)) return fail_syntax(parser, source);

  Status status = OK;
  const yaml_node_t *root = yaml_document_get_root_node(&document);
  if (!root) {
    *out = node_create(YAML_MAP, source, 1);
  } else {
    Composer composer = {.document = &document, .source = source};
    status = compose(&composer, 1, 0, out);
  }
  yaml_document_delete(&document);
  TRY(status);

  /* Whatever follows must be the end: a second document would be silently ignored. */
  if (!yaml_parser_load(parser, &next)) {
    status = fail_syntax(parser, source);
  } else {
    const yaml_node_t *extra = yaml_document_get_root_node(&next);
    if (extra) {
      size_t line = extra->start_mark.line + 1;
      status = fail(ERR_CONFIG, "%s:%zu: a second document; expected one", source, line);
    }
    yaml_document_delete(&next);
  }
  if (status != OK) {
    yaml_destroy(*out);
    *out = NULL;
  }
  return status;
}

Status yaml_read_file(const char *path, YamlNode **out) {
  *out = NULL;
  FILE *file = fopen(path, "rb");
  if (!file) return fail(ERR_NO_INPUT, "%s: cannot read: %s", path, strerror(errno));
  struct stat information;
  if (fstat(fileno(file), &information) == 0 && S_ISDIR(information.st_mode)) {
    fclose(file);
    return fail(ERR_NO_INPUT, "%s: cannot read: %s", path, strerror(EISDIR));
  }

  yaml_parser_t parser;
  yaml_parser_initialize(&parser);
  yaml_parser_set_input_file(&parser, file);
  Status status = read_document(&parser, path, out);
  yaml_parser_delete(&parser);
  fclose(file);
  return status;
}

Status yaml_read_text(const char *text, const char *source, YamlNode **out) {
  *out = NULL;
  yaml_parser_t parser;
  yaml_parser_initialize(&parser);
  yaml_parser_set_input_string(&parser, (const unsigned char *)text, strlen(text));
  Status status = read_document(&parser, source, out);
  yaml_parser_delete(&parser);
  return status;
}

static void forget_lines(YamlNode *node) {
  node->line = 0;
  for (size_t i = 0; i < node->count; i++) forget_lines(node->items[i]);
}

Status yaml_read_value(const char *text, const char *source, YamlNode **out) {
  TRY(yaml_read_text(text, source, out));
  /* An empty text is an empty value, not an empty document. */
  if (!*text) {
    (*out)->type = YAML_SCALAR;
    (*out)->text = memory_copy_text("");
  }
  forget_lines(*out);
  return OK;
}

/* The slot under `key` of a list or map; NULL if a list has no such item. */
static YamlNode **child_slot(YamlNode *parent, const char *key, const YamlNode *value) {
  if (parent->type == YAML_LIST) {
    char *end;
    size_t index = strtoul(key, &end, 10);
    bool is_index = isdigit((unsigned char)*key) && !*end && index < parent->count;
    return is_index ? &parent->items[index] : NULL;
  }
  size_t index = item_index(parent, key);
  if (index == parent->count) {
    node_append(parent, key, node_create(YAML_MAP, value->source, value->line));
  }
  return &parent->items[index];
}

/* A lone name gets room for options: `adam` becomes {name: adam}, and `huber`, when its own name is
 * the next key of the path, as in loss.huber.delta, becomes {huber: ...}. */
static void scalar_to_map(YamlNode *node, const char *next_key) {
  bool keeps_name = !yaml_is_null(node) && strcmp(node->text, next_key) != 0;
  YamlNode *name = node_create(YAML_SCALAR, node->source, node->line);
  name->text = node->text;
  node->text = NULL;
  node->type = YAML_MAP;
  if (keeps_name) {
    node_append(node, "name", name);
  } else {
    yaml_destroy(name);
  }
}

Status yaml_assign(YamlNode *root, const char *path, YamlNode *value) {
  char *keys = memory_copy_text(path);
  YamlNode *parent = root;
  YamlNode **slot = NULL;
  Status status = OK;

  char *rest = NULL;
  for (char *key = strtok_r(keys, ".[]", &rest); key; key = strtok_r(NULL, ".[]", &rest)) {
    if (slot) parent = *slot;
    if (parent->type == YAML_SCALAR) scalar_to_map(parent, key);
    slot = child_slot(parent, key, value);
    if (!slot) {
      status = fail(ERR_CONFIG, "%s: no item '%s' in a list of %zu, counted from 0", value->source,
                    key, parent->count);
      break;
    }
  }
  if (status == OK && !slot) {
    status = fail(ERR_CONFIG, "%s: no key before the '='", value->source);
  }

  memory_release(keys);
  if (status != OK) {
    yaml_destroy(value);
    return status;
  }
  yaml_destroy(*slot);
  *slot = value;
  return OK;
}
