#pragma once
/* A YAML document as a tree whose every node remembers the place it came from.
 *
 * Knows libyaml; knows nothing of what the keys mean (config/options.h does). Order of calls:
 * yaml_read_file or yaml_read_text, any number of yaml_assign, yaml_destroy.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "base/text.h"

typedef enum YamlType { YAML_SCALAR, YAML_LIST, YAML_MAP } YamlType;

typedef struct YamlNode {
  YamlType type;
  char *source;            /* file name, or the words of the command line it came from */
  size_t line;             /* from 1; 0 where the source has no lines */
  char *text;              /* scalar: its text */
  bool quoted;             /* scalar: written in quotes, so never null */
  size_t count;            /* list, map: number of items */
  char **keys;             /* map: one key per item */
  struct YamlNode **items; /* list, map */
} YamlNode;

/* Reads one document from a file.
 *
 * Ownership   *out belongs to the caller: yaml_destroy
 * Errors      ERR_NO_INPUT; ERR_CONFIG with file and line for a syntax error, a key that stands
 *             twice, more than one document, or nesting without end; *out is then NULL
 */
Status yaml_read_file(const char *path, YamlNode **out);

/* Reads one document from a string; `source` names it in messages. As yaml_read_file. */
Status yaml_read_text(const char *text, const char *source, YamlNode **out);

/* Reads one value, such as "0.1" or "{cosine: {decay_steps: 10}}", that has no lines of its own. As
 * yaml_read_file; every node's place is `source`.
 */
Status yaml_read_value(const char *text, const char *source, YamlNode **out);

/* Puts `value` at a dotted path such as "training.epochs" or "model.layers.0.dropout.rate".
 *
 * Maps that are missing on the way are made; list items must exist. A scalar on the way, such as
 * `adam` in `optimizer: adam`, gives way to a map.
 * Ownership   takes `value`, also on failure
 * Errors      ERR_CONFIG
 */
Status yaml_assign(YamlNode *root, const char *path, YamlNode *value);

/* The item of a map under `key`, or NULL. Borrowed. */
YamlNode *yaml_find(const YamlNode *map, const char *key);

/* True for an empty, `~` or `null` scalar without quotes. */
bool yaml_is_null(const YamlNode *node);

enum { YAML_PLACE_BYTES = 512 };

/* Writes the node's place, "file:line" or its source alone. Returns `out`. */
char *yaml_place(const YamlNode *node, char out[YAML_PLACE_BYTES]);

/* Appends `text` in YAML's form: as it is, or in double quotes where it must be. */
void yaml_append_scalar(Text *out, const char *text);

/* Appends a value on one line, as yaml_read_value would read it: "{name: adam, beta_1: 0.9}". */
void yaml_append_value(Text *out, const YamlNode *node);

/* Releases a tree; NULL is fine. */
void yaml_destroy(YamlNode *node);
