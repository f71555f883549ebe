#include "config/reference_words.h"

#include <math.h>
#include <string.h>

/* Large bounds are round: 1e9 reads better than 1000000000. */
static void append_bound(double bound, Text *out) {
  char number[NUMBER_TEXT_BYTES];
  if (fabs(bound) < 1e8 && bound == trunc(bound)) {
    text_append(out, "%.0f", bound);
    return;
  }
  text_real(number, bound);
  size_t mantissa = strcspn(number, "e"), sign = strspn(number + mantissa, "e+0");
  text_append(out, "%.*s%s%s", (int)mantissa, number, number[mantissa] ? "e" : "",
              number + mantissa + sign);
}

static void append_bounds(const Option *row, Text *out) {
  if (row->min == 0 && row->max == 0 && !row->above_min && !row->below_max) return;
  bool open = isinf(row->max);
  text_append(out, "%s", row->above_min ? " above " : open ? " of at least " : " from ");
  append_bound(row->min, out);
  if (open) return;
  text_append(out, "%s", row->below_max ? " to below " : " to ");
  append_bound(row->max, out);
}

static void append_choices(const char *const *choices, Text *out) {
  for (size_t i = 0; choices[i]; i++) {
    text_append(out, "%s%s", i == 0 ? "" : choices[i + 1] ? ", " : " or ", choices[i]);
  }
}

static const char *sort_words(OptionType type) {
  switch (type) {
  case OPTION_BOOL: return "true or false";
  case OPTION_INT: return "whole number";
  case OPTION_REAL: return "number";
  case OPTION_TEXT: return "text";
  case OPTION_PATH: return "path";
  case OPTION_INT_LIST: return "whole number, or a list of them, each";
  case OPTION_TEXT_LIST: return "list of texts";
  default: return "";
  }
}

void reference_append_values(const Option *row, Text *out) {
  text_append(out, "%s", sort_words(row->type));
  if (row->type == OPTION_CHOICE) append_choices(row->choices, out);
  append_bounds(row, out);
  bool null = row->fallback && strcmp(row->fallback, "null") == 0;
  if (row->word || null) text_append(out, ", or %s", row->word ? row->word : "null");
}
