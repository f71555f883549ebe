#pragma once
/* What the files that implement config/options.h share: where a reader stands, and the reading of
 * single values.
 */

#include "config/options.h"

enum { OPTION_PATH_BYTES = 256 };

/* Where the reader stands: the row, its value's node, and the dotted path to it. */
typedef struct OptionSpot {
  const Option *row;
  const YamlNode *node;
  const char *path;
} OptionSpot;

/* A failure at a node: "place: path: what". */
__attribute__((format(printf, 3, 4))) Status option_fail(const YamlNode *node, const char *path,
                                                         const char *format, ...);

/* Writes "path.key". */
void option_join_path(char out[OPTION_PATH_BYTES], const char *path, const char *key);

/* How messages call what stands at a node. */
const char *option_found_words(const YamlNode *node);

/* Items of a list; a lone value counts as a list of one, null as none. */
size_t option_list_count(const YamlNode *node);
const YamlNode *option_list_item(const YamlNode *node, size_t i);

/* Reads every type but groups and kinds. Errors: ERR_CONFIG. */
Status option_read_value(const OptionSpot *spot, void *value);
