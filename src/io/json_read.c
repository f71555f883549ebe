/* The reading half of io/json.h. */

#include <jansson.h>
#include <math.h>

#include "io/json.h"

Status json_parse(const char *text, size_t length, const char *source, Json **out) {
  json_error_t error;
  *out = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
  if (*out) return OK;
  return fail(ERR_DATA, "%s: not JSON: line %d, column %d: %s", source, error.line, error.column,
              error.text);
}

const Json *json_member(const Json *object, const char *key) {
  return json_object_get(object, key);
}

bool json_next(const Json *object, JsonCursor *cursor, const char **key, const Json **value) {
  /* The library does not change what it walks over, and has no const form of these calls. */
  Json *walked = (Json *)(uintptr_t)object;
  cursor->at = cursor->at ? json_object_iter_next(walked, cursor->at) : json_object_iter(walked);
  if (!cursor->at) return false;
  *key = json_object_iter_key(cursor->at);
  *value = json_object_iter_value(cursor->at);
  return true;
}

size_t json_count(const Json *array) {
  return json_array_size(array);
}

size_t json_count_members(const Json *object) {
  return json_object_size(object);
}

const Json *json_item(const Json *array, size_t index) {
  return json_array_get(array, index);
}

const char *json_as_text(const Json *value) {
  return json_string_value(value);
}

bool json_as_whole(const Json *value, int64_t *out) {
  *out = json_integer_value(value);
  return json_is_integer(value);
}

double json_as_real(const Json *value) {
  return json_is_number(value) ? json_number_value(value) : NAN;
}
