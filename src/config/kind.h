#pragma once
/* A kind: one row of a table of interchangeable parts (layers, losses, optimizers, data sets, ...).
 *
 * A kind is one file and one row in its table. The row carries the name, the options with their
 * defaults and bounds, and the words for the help and the reference. A part's own row, LayerKind
 * for example, begins with this struct and adds its functions.
 */

#include <stddef.h>

#include "base/status.h"

struct Option;

typedef struct Kind {
  const char *name;
  const char *const *aliases;   /* other accepted names, NULL-terminated; or NULL */
  const char *summary;          /* one line for the reference */
  const struct Option *options; /* rows that end with a NULL key; or NULL */
  size_t options_size;          /* bytes of the settings that `options` fills */
  const char *short_option;     /* the option that a value without its key fills; or NULL */
} Kind;

typedef struct KindTable {
  const char *noun;         /* "layer": how messages call a row */
  const Kind *const *kinds; /* NULL-terminated */
} KindTable;

/* A row chosen in a configuration, with its options filled in. kind NULL: none was chosen. */
typedef struct KindSetting {
  const Kind *kind;
  void *options; /* settings of kind->options; NULL if it has none */
  char *place;   /* "file:line: key.path", for messages about it */
} KindSetting;

typedef struct KindList {
  size_t count;
  KindSetting *items;
} KindList;

/* The row called `name`, or by an alias of it; NULL if there is none. */
const Kind *kind_find(const KindTable *table, const char *name);

/* The name of the row nearest to `name`, or NULL: for "did you mean". */
const char *kind_nearest(const KindTable *table, const char *name);

/* Reads a setting from YAML text such as "dense: {units: 3}"; options get their defaults.
 *
 * Ownership   *out is released with kind_setting_release
 * Errors      ERR_CONFIG
 */
Status kind_setting_read(const KindTable *table, const char *yaml_text, KindSetting *out);

/* Releases what a setting holds. */
void kind_setting_release(KindSetting *setting);
