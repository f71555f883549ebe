#pragma once
/* JSON documents, built and read in memory: the only door to the JSON library.
 *
 * Ownership   a value that is put into another belongs to it; the outermost is released with
 *             json_release. Building cannot fail but for memory, which is fatal.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct json_t Json;

/* A new, empty object or array. */
Json *json_new_object(void);
Json *json_new_array(void);

/* Sets a member of an object. */
void json_put(Json *object, const char *key, Json *value);
void json_put_text(Json *object, const char *key, const char *value); /* NULL: null */
void json_put_whole(Json *object, const char *key, int64_t value);
void json_put_real(Json *object, const char *key, double value); /* not finite: null */
void json_put_bool(Json *object, const char *key, bool value);

/* Appends to an array. */
void json_add(Json *array, Json *value);
void json_add_text(Json *array, const char *value);
void json_add_whole(Json *array, int64_t value);
void json_add_real(Json *array, double value); /* not finite: null */
void json_add_null(Json *array);

/* The document as text, on one line or indented. Ownership: memory_release. */
char *json_text(const Json *value, bool indented);

/* Reads a document.
 *
 * Range       `source` names it in messages; a key may stand once in an object
 * Ownership   *out is released with json_release
 * Errors      ERR_DATA; *out is then NULL
 */
Status json_parse(const char *text, size_t length, const char *source, Json **out);

/* What a document holds; borrowed. Every function takes NULL and values of another type, which hold
 * nothing.
 *
 * Range       json_member, json_item: NULL if there is none; json_count, json_count_members: 0 of
 *             what is no array or object; json_as_text: NULL, json_as_whole: false if the value is
 *             none
 */
const Json *json_member(const Json *object, const char *key);
size_t json_count(const Json *array);
size_t json_count_members(const Json *object);
const Json *json_item(const Json *array, size_t index);
const char *json_as_text(const Json *value);
bool json_as_whole(const Json *value, int64_t *out);
double json_as_real(const Json *value); /* NaN if it is no number */

/* A place in an object; all zeros: before its first member. */
typedef struct JsonCursor {
  void *at;
} JsonCursor;

/* The next member of an object, in the order of the text; false behind the last. Borrowed. */
bool json_next(const Json *object, JsonCursor *cursor, const char **key, const Json **value);

/* Releases a document; NULL is fine. */
void json_release(Json *value);
