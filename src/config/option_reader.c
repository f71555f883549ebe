/* Reading of single values: numbers, texts, choices, lists. */

#include "config/option_reader.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/expand.h"

Status option_fail(const YamlNode *node, const char *path, const char *format, ...) {
  char what[STATUS_MESSAGE_BYTES], place[YAML_PLACE_BYTES];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  return fail(ERR_CONFIG, "%s: %s%s%s", yaml_place(node, place), path, *path ? ": " : "", what);
}

void option_join_path(char out[OPTION_PATH_BYTES], const char *path, const char *key) {
  snprintf(out, OPTION_PATH_BYTES, "%s%s%s", path, *path ? "." : "", key);
}

const char *option_found_words(const YamlNode *node, char out[OPTION_FOUND_BYTES]) {
  if (node->type == YAML_MAP) return "a map";
  if (node->type == YAML_LIST) return "a list";
  if (yaml_is_null(node)) return "nothing";
  char text[SHORT_TEXT_BYTES];
  snprintf(out, OPTION_FOUND_BYTES, "'%s'", text_shorten(text, node->text));
  return out;
}

static bool takes_null(const OptionSpot *spot) {
  const Option *row = spot->row;
  if (spot->is_item) return false;
  if (row->word && strcmp(row->word, "null") == 0) return true;
  return row->fallback && (strcmp(row->fallback, "null") == 0 || strcmp(row->fallback, "[]") == 0);
}

static Status fail_value(const OptionSpot *spot, const char *expected) {
  char found[OPTION_FOUND_BYTES];
  return option_fail(spot->node, spot->path, "found %s, expected %s",
                     option_found_words(spot->node, found), expected);
}

Status option_check_given(const OptionSpot *spot, const char *expected) {
  return yaml_is_null(spot->node) && !takes_null(spot) ? fail_value(spot, expected) : OK;
}

/* The text of a value where variables are expanded and it is not what was expected. */
static Status fail_text(const OptionSpot *spot, const char *text, const char *expected) {
  char found[SHORT_TEXT_BYTES];
  return option_fail(spot->node, spot->path, "found '%s', expected %s", text_shorten(found, text),
                     expected);
}

/* The scalar's text with variables expanded; the caller releases it. */
static Status scalar_text(const OptionSpot *spot, const char *expected, char **out) {
  TRY(option_check_given(spot, expected));
  if (spot->node->type != YAML_SCALAR) return fail_value(spot, expected);
  if (expand_variables(spot->node->text, out) != OK) {
    return option_fail(spot->node, spot->path, "%s", status_message());
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

static Status read_number(const OptionSpot *spot, double *real, int64_t *whole) {
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
    status = fail_text(spot, text, expected);
  }
  memory_release(text);
  return status;
}

static Status read_int(const OptionSpot *spot, int64_t *out) {
  double real;
  return read_number(spot, &real, out);
}

static Status read_real(const OptionSpot *spot, double *out) {
  int64_t whole;
  return read_number(spot, out, &whole);
}

static Status read_bool(const OptionSpot *spot, bool *out) {
  char *text;
  TRY(scalar_text(spot, "true or false", &text));
  bool is_true = strcmp(text, "true") == 0, is_false = strcmp(text, "false") == 0;
  Status status = OK;
  if (!is_true && !is_false) status = fail_text(spot, text, "true or false");
  *out = is_true;
  memory_release(text);
  return status;
}

static Status read_text(const OptionSpot *spot, char **out) {
  *out = NULL;
  TRY(option_check_given(spot, "text"));
  return yaml_is_null(spot->node) ? OK : scalar_text(spot, "text", out);
}

/* Its variables stay as they are written: path_resolve expands them. */
static Status read_path(const OptionSpot *spot, char **out) {
  static const char expected[] = "a path";
  *out = NULL;
  TRY(option_check_given(spot, expected));
  if (yaml_is_null(spot->node)) return OK;
  if (spot->node->type != YAML_SCALAR || !*spot->node->text) return fail_value(spot, expected);
  *out = memory_copy_text(spot->node->text);
  return OK;
}

static Status read_choice(const OptionSpot *spot, int *out) {
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
    if (!spot->row->choices[*out]) status = fail_text(spot, text, expected.bytes);
  }
  memory_release(text);
  text_release(&expected);
  return status;
}

const YamlNode *option_list_item(const YamlNode *node, size_t i) {
  return node->type == YAML_LIST ? node->items[i] : node;
}

size_t option_list_count(const YamlNode *node) {
  if (yaml_is_null(node)) return 0;
  return node->type == YAML_LIST ? node->count : 1;
}

static Status read_int_list(const OptionSpot *spot, IntList *out) {
  TRY(option_check_given(spot, "a whole number, or a list of them"));
  out->count = option_list_count(spot->node);
  out->values = NEW_ARRAY(int64_t, out->count);
  for (size_t i = 0; i < out->count; i++) {
    OptionSpot item = {spot->row, option_list_item(spot->node, i), spot->path, true};
    TRY(read_int(&item, &out->values[i]));
  }
  return OK;
}

static Status read_text_list(const OptionSpot *spot, TextList *out) {
  TRY(option_check_given(spot, "a list of texts"));
  out->count = option_list_count(spot->node);
  out->values = NEW_ARRAY(char *, out->count);
  for (size_t i = 0; i < out->count; i++) {
    OptionSpot item = {spot->row, option_list_item(spot->node, i), spot->path, true};
    TRY(read_text(&item, &out->values[i]));
  }
  return OK;
}

Status option_read_value(const OptionSpot *spot, void *value) {
  switch (spot->row->type) {
  case OPTION_BOOL: return read_bool(spot, value);
  case OPTION_INT: return read_int(spot, value);
  case OPTION_REAL: return read_real(spot, value);
  case OPTION_TEXT: return read_text(spot, value);
  case OPTION_PATH: return read_path(spot, value);
  case OPTION_CHOICE: return read_choice(spot, value);
  case OPTION_INT_LIST: return read_int_list(spot, value);
  case OPTION_TEXT_LIST: return read_text_list(spot, value);
  default: return fail(ERR_INTERNAL, "%s: not a single value", spot->path);
  }
}
