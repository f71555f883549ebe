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
  bool is_item; /* of a list */
} OptionSpot;

/* A failure at a node: "place: path: what"; the root has no path. */
__attribute__((format(printf, 3, 4))) Status option_fail(const YamlNode *node, const char *path,
                                                         const char *format, ...);

/* Writes "path.key". */
void option_join_path(char out[OPTION_PATH_BYTES], const char *path, const char *key);

enum { OPTION_FOUND_BYTES = SHORT_TEXT_BYTES + 2 };

/* How messages call what stands at a node: nothing, a map, a list, or its text in quotes,
 * shortened. Returns `out`. */
const char *option_found_words(const YamlNode *node, char out[OPTION_FOUND_BYTES]);

/* Refuses null, or nothing at all, where a value has to be: everywhere but in rows that default to
 * null or to an empty list, or have it as their word.
 *
 * Errors      ERR_CONFIG with what was `expected`
 */
Status option_check_given(const OptionSpot *spot, const char *expected);

/* Items of a list; a lone value counts as a list of one, null as none. */
size_t option_list_count(const YamlNode *node);
const YamlNode *option_list_item(const YamlNode *node, size_t i);

/* Reads every type but groups and kinds. Errors: ERR_CONFIG. */
Status option_read_value(const OptionSpot *spot, void *value);
