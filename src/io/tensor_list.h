#pragma once
/* Named arrays in an order: what a file of weights holds.
 *
 * Knows nothing of formats and models: the readers of io/ fill a list, the writers take one.
 */

#include <stddef.h>

#include "base/array.h"

typedef struct NamedArray {
  char *name;
  Array array;
} NamedArray;

/* What the order of a list says. */
typedef enum TensorOrder {
  ORDER_OF_SAVING, /* somebody's choice: from a model's input to its output, if names do not tell */
  ORDER_OF_LAYERS, /* from a model's input to its output, whatever the names */
  ORDER_OF_NAMES,  /* how the names are sorted */
  ORDER_UNUSED,    /* nothing: the names alone tell what is what */
} TensorOrder;

typedef struct TensorList {
  size_t count;
  NamedArray *items;
  TensorOrder order;
} TensorList;

/* Appends an array under a name. A list that is all zeros is empty and ready to use.
 *
 * Ownership   takes the values of `array`
 */
void tensor_list_add(TensorList *list, const char *name, Array array);

/* The item of that name, or NULL. Borrowed. */
const NamedArray *tensor_list_find(const TensorList *list, const char *name);

/* Releases the names and arrays and empties the list. */
void tensor_list_release(TensorList *list);
