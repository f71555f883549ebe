#pragma once
/* Option tables: the only place where a configuration key exists.
 *
 * A row says the key, the type, the place in a settings struct, the default, the bounds and the
 * help. Reading a YAML tree, writing the resolved configuration, comparing two of them and the
 * printed reference all walk the same rows.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "base/text_list.h"
#include "config/kind.h"
#include "config/yaml_tree.h"

typedef enum OptionType {
  OPTION_BOOL,      /* bool */
  OPTION_INT,       /* int64_t */
  OPTION_REAL,      /* double */
  OPTION_TEXT,      /* char *, NULL for null */
  OPTION_PATH,      /* char *, as written, for path_resolve of config/expand.h; NULL for null */
  OPTION_CHOICE,    /* int, index into `choices` */
  OPTION_INT_LIST,  /* IntList; a lone number is a list of one */
  OPTION_TEXT_LIST, /* TextList */
  OPTION_GROUP,     /* a struct described by `group` */
  OPTION_KIND,      /* KindSetting */
  OPTION_KIND_LIST, /* KindList */
} OptionType;

typedef struct IntList {
  size_t count;
  int64_t *values;
} IntList;

typedef struct Option {
  const char *key; /* NULL ends a table */
  OptionType type;
  size_t offset;              /* of the value in the settings struct */
  const char *fallback;       /* default, as YAML text; NULL: the key is required */
  double min, max;            /* bounds of a number; both 0: none */
  bool above_min, below_max;  /* the bound itself is not allowed */
  const char *word;           /* a word that may stand for a number: auto, full, null */
  double word_value;          /* the number it stands for */
  const char *const *choices; /* NULL-terminated */
  const struct Option *group;
  const KindTable *kinds;
  const char *tag;      /* kinds: the key that names the row, as in {name: adam, beta_1: 0.9} */
  const char *untagged; /* the row that is meant where the tag is absent; or NULL */
  bool identity;        /* the result depends on it: a resume with another value is refused */
  const char *help;
} Option;

/* Fills `settings` from a map; keys that are absent get their default.
 *
 * Ownership   text, lists and kinds belong to the settings: options_release
 * Errors      ERR_CONFIG naming place, key, what was found and what was expected; the settings are
 *             then all zero
 */
Status options_read(const Option *table, const YamlNode *map, void *settings);

/* Releases what the settings hold and zeroes the fields. */
void options_release(const Option *table, void *settings);

/* Replaces every path by the file that it means: variables expanded, relative ones put below
 * `folder`. One whose variable is not set stays. */
void options_resolve_paths(const Option *table, void *settings, const char *folder);

/* Appends the resolved configuration as YAML. */
void options_write(const Option *table, const void *settings, Text *out);

/* One value of a configuration, as options_visit shows it. Borrowed for the call. */
typedef struct OptionValue {
  const char *path; /* dotted: "training.batch_size", "model.layers[0].dense.units" */
  const char *text; /* the value as YAML text; of a kind, its name */
  bool identity;    /* of its row, or of a row that it stands below */
} OptionValue;

typedef Status (*OptionVisitor)(void *context, const OptionValue *value);

/* Visits every value in the order of the table; a kind's own name comes before its options.
 *
 * Errors      the first failure of the visitor ends the walk
 */
Status options_visit(const Option *table, const void *settings, OptionVisitor visitor,
                     void *context);
