#pragma once
/* JSON documents, built in memory: the only door to the JSON library.
 *
 * Ownership   a value that is put into another belongs to it; the outermost is released with
 *             json_release. Building cannot fail but for memory, which is fatal.
 */

#include <stdbool.h>
#include <stdint.h>

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

/* Releases a document; NULL is fine. */
void json_release(Json *value);
