#include "io/json.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/fatal.h"
#include "base/memory.h"

static Json *made(Json *value) {
  CHECK(value, "no memory for JSON, or text that is not UTF-8");
  return value;
}

/* A text of a file or of the command line may be any bytes: what is not UTF-8 is shown as such. */
static Json *text_value(const char *text) {
  if (!text) return made(json_null());
  Json *value = json_string(text);
  return value ? value : made(json_string("(not UTF-8)"));
}

static Json *real_value(double value) {
  return made(isfinite(value) ? json_real(value) : json_null());
}

Json *json_new_object(void) {
  return made(json_object());
}

Json *json_new_array(void) {
  return made(json_array());
}

void json_put(Json *object, const char *key, Json *value) {
  CHECK(json_object_set_new(object, key, value) == 0, "no memory for JSON");
}

void json_put_text(Json *object, const char *key, const char *value) {
  json_put(object, key, text_value(value));
}

void json_put_whole(Json *object, const char *key, int64_t value) {
  json_put(object, key, made(json_integer(value)));
}

void json_put_real(Json *object, const char *key, double value) {
  json_put(object, key, real_value(value));
}

void json_put_bool(Json *object, const char *key, bool value) {
  json_put(object, key, made(json_boolean(value)));
}

void json_add(Json *array, Json *value) {
  CHECK(json_array_append_new(array, value) == 0, "no memory for JSON");
}

void json_add_text(Json *array, const char *value) {
  json_add(array, text_value(value));
}

void json_add_whole(Json *array, int64_t value) {
  json_add(array, made(json_integer(value)));
}

void json_add_real(Json *array, double value) {
  json_add(array, real_value(value));
}

void json_add_null(Json *array) {
  json_add(array, made(json_null()));
}

/* 0.1 as people write it, not 0.10000000000000001. */
static const size_t MOST_DIGITS = JSON_REAL_PRECISION(15);

char *json_text(const Json *value, bool indented) {
  char *text = json_dumps(value, (indented ? JSON_INDENT(2) : JSON_COMPACT) | MOST_DIGITS);
  CHECK(text, "no memory for JSON");
  char *copy = memory_copy_text(text);
  free(text);
  return copy;
}

void json_release(Json *value) {
  json_decref(value);
}
