#pragma once
/* A list of texts that grows. A TextList that is all zeros is empty and ready to use.
 */

#include <stddef.h>

typedef struct TextList {
  size_t count;
  char **values; /* owned, and each of them */
} TextList;

/* Appends a copy of a text. */
void text_list_add(TextList *list, const char *text);

/* Appends a text that the list takes over. */
void text_list_take(TextList *list, char *text);

/* Releases all texts; the list is empty again. */
void text_list_release(TextList *list);
