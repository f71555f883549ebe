/* Writing and visiting of config/options.h: from a settings struct to YAML text. */

#include <stdio.h>
#include <string.h>

#include "config/option_reader.h"
#include "config/options.h"

static void append_number(const Option *row, double value, Text *out) {
  char number[NUMBER_TEXT_BYTES];
  bool is_word = row->word && value == row->word_value;
  text_append(out, "%s", is_word ? row->word : text_real(number, value));
}

static void append_int(const Option *row, int64_t value, Text *out) {
  if (row->word && (double)value == row->word_value) {
    text_append(out, "%s", row->word);
  } else {
    text_append(out, "%lld", (long long)value);
  }
}

static void append_text(const char *text, Text *out) {
  if (text) {
    yaml_append_scalar(out, text);
  } else {
    text_append(out, "null");
  }
}

static void append_flow(const Option *row, const void *value, Text *out);

/* "key: value, key: value" of a table, in flow style. */
static void append_flow_rows(const Option *table, const void *settings, Text *out) {
  for (const Option *row = table; row && row->key; row++) {
    text_append(out, "%s%s: ", row == table ? "" : ", ", row->key);
    append_flow(row, (const char *)settings + row->offset, out);
  }
}

static void append_kind(const Option *row, const KindSetting *setting, Text *out) {
  if (!setting->kind) {
    text_append(out, "null");
    return;
  }
  const Kind *kind = setting->kind;
  bool has_options = kind->options && kind->options[0].key;
  if (row->tag) {
    text_append(out, "{%s: %s%s", row->tag, kind->name, has_options ? ", " : "");
    append_flow_rows(kind->options, setting->options, out);
    text_append(out, "}");
  } else if (has_options) {
    text_append(out, "{%s: {", kind->name);
    append_flow_rows(kind->options, setting->options, out);
    text_append(out, "}}");
  } else {
    text_append(out, "%s", kind->name);
  }
}

static void append_flow(const Option *row, const void *value, Text *out) {
  switch (row->type) {
  case OPTION_BOOL: text_append(out, "%s", *(const bool *)value ? "true" : "false"); break;
  case OPTION_INT: append_int(row, *(const int64_t *)value, out); break;
  case OPTION_REAL: append_number(row, *(const double *)value, out); break;
  case OPTION_TEXT: append_text(*(char *const *)value, out); break;
  case OPTION_PATH: append_text(*(char *const *)value, out); break;
  case OPTION_CHOICE: text_append(out, "%s", row->choices[*(const int *)value]); break;
  case OPTION_INT_LIST: {
    const IntList *list = value;
    text_append(out, "[");
    for (size_t i = 0; i < list->count; i++) {
      if (i > 0) text_append(out, ", ");
      append_int(row, list->values[i], out);
    }
    text_append(out, "]");
    break;
  }
  case OPTION_TEXT_LIST: {
    const TextList *list = value;
    text_append(out, "[");
    for (size_t i = 0; i < list->count; i++) {
      if (i > 0) text_append(out, ", ");
      append_text(list->values[i], out);
    }
    text_append(out, "]");
    break;
  }
  case OPTION_GROUP:
    text_append(out, "{");
    append_flow_rows(row->group, value, out);
    text_append(out, "}");
    break;
  case OPTION_KIND: append_kind(row, value, out); break;
  case OPTION_KIND_LIST: {
    const KindList *list = value;
    text_append(out, "[");
    for (size_t i = 0; i < list->count; i++) {
      if (i > 0) text_append(out, ", ");
      append_kind(row, &list->items[i], out);
    }
    text_append(out, "]");
    break;
  }
  }
}

/* Groups and lists of kinds take a line per entry; everything else is in flow style. */
static void write_rows(const Option *table, const void *settings, int indent, Text *out) {
  for (const Option *row = table; row->key; row++) {
    const void *value = (const char *)settings + row->offset;
    text_append(out, "%*s%s:", indent, "", row->key);
    if (row->type == OPTION_GROUP) {
      text_append(out, "\n");
      write_rows(row->group, value, indent + 2, out);
    } else if (row->type == OPTION_KIND_LIST && ((const KindList *)value)->count > 0) {
      const KindList *list = value;
      text_append(out, "\n");
      for (size_t i = 0; i < list->count; i++) {
        text_append(out, "%*s- ", indent + 2, "");
        append_kind(row, &list->items[i], out);
        text_append(out, "\n");
      }
    } else {
      text_append(out, " ");
      append_flow(row, value, out);
      text_append(out, "\n");
    }
  }
}

void options_write(const Option *table, const void *settings, Text *out) {
  write_rows(table, settings, 0, out);
}

/* A walk stands below `prefix`, which is empty or ends in a dot. */
typedef struct Walk {
  OptionVisitor visitor;
  void *context;
  bool identity;
  char prefix[OPTION_PATH_BYTES];
} Walk;

static Status visit_rows(const Walk *walk, const Option *table, const void *settings);

static Status visit_value(const Walk *walk, const char *path, const char *text) {
  OptionValue value = {.path = path, .text = text, .identity = walk->identity};
  return walk->visitor(walk->context, &value);
}

/* A kind's name is a value of its own; then come its options, one key deeper. */
static Status visit_kind(const Walk *walk, const Option *row, const KindSetting *setting,
                         const char *path) {
  const Kind *kind = setting->kind;
  TRY(visit_value(walk, path, kind ? kind->name : "null"));
  if (!kind || !kind->options) return OK;

  Walk below = *walk;
  const char *name = row->tag ? "" : kind->name;
  snprintf(below.prefix, OPTION_PATH_BYTES, "%s%s%s.", path, *name ? "." : "", name);
  return visit_rows(&below, kind->options, setting->options);
}

static Status visit_kind_list(const Walk *walk, const Option *row, const KindList *list,
                              const char *path) {
  char item[OPTION_PATH_BYTES + NUMBER_TEXT_BYTES], count[NUMBER_TEXT_BYTES];
  snprintf(item, sizeof item, "%s.count", path);
  snprintf(count, sizeof count, "%zu", list->count);
  TRY(visit_value(walk, item, count));
  for (size_t i = 0; i < list->count; i++) {
    snprintf(item, sizeof item, "%s[%zu]", path, i);
    TRY(visit_kind(walk, row, &list->items[i], item));
  }
  return OK;
}

static Status visit_group(const Walk *walk, const Option *row, const void *group,
                          const char *path) {
  Walk below = *walk;
  snprintf(below.prefix, OPTION_PATH_BYTES, "%s.", path);
  return visit_rows(&below, row->group, group);
}

static Status visit_row(const Walk *parent, const Option *row, const void *value) {
  Walk walk = *parent;
  walk.identity = parent->identity || row->identity;
  char path[2 * OPTION_PATH_BYTES];
  snprintf(path, sizeof path, "%s%s", parent->prefix, row->key);

  if (row->type == OPTION_GROUP) return visit_group(&walk, row, value, path);
  if (row->type == OPTION_KIND) return visit_kind(&walk, row, value, path);
  if (row->type == OPTION_KIND_LIST) return visit_kind_list(&walk, row, value, path);

  Text text = {0};
  append_flow(row, value, &text);
  Status status = visit_value(&walk, path, text.bytes);
  text_release(&text);
  return status;
}

static Status visit_rows(const Walk *walk, const Option *table, const void *settings) {
  for (const Option *row = table; row->key; row++) {
    TRY(visit_row(walk, row, (const char *)settings + row->offset));
  }
  return OK;
}

Status options_visit(const Option *table, const void *settings, OptionVisitor visitor,
                     void *context) {
  Walk walk = {.visitor = visitor, .context = context};
  return visit_rows(&walk, table, settings);
}
