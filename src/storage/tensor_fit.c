#include "storage/tensor_fit.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* ---- names ---- */

/* "weight" of "features.0.weight". */
static const char *last_part(const char *name) {
  const char *last = name;
  for (const char *c = name; *c; c++) {
    if (*c == '.' || *c == '/') last = c + 1;
  }
  return last;
}

static bool is_bias(const char *name) {
  return strncmp(last_part(name), "bias", 4) == 0;
}

static bool is_weight(const char *name) {
  return strcmp(last_part(name), "weight") == 0;
}

static char *layer_of(const char *name) {
  Text layer = {0};
  text_append_bytes(&layer, name, (size_t)(last_part(name) - name));
  return text_take(&layer);
}

/* Layer by layer, the bias last. */
static int compare_names(const void *a, const void *b) {
  const char *a_name = (*(const NamedArray *const *)a)->name;
  const char *b_name = (*(const NamedArray *const *)b)->name;
  char *a_layer = layer_of(a_name), *b_layer = layer_of(b_name);
  int order = text_compare_naturally(a_layer, b_layer);
  memory_release(a_layer);
  memory_release(b_layer);
  if (order == 0) order = is_bias(a_name) - is_bias(b_name);
  return order ? order : text_compare_naturally(a_name, b_name);
}

/* True if two names differ in their numbers alone. */
static bool differ_by_number(const char *a, const char *b) {
  while (*a || *b) {
    if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
      while (isdigit((unsigned char)*a)) a++;
      while (isdigit((unsigned char)*b)) b++;
    } else if (*a++ != *b++) {
      return false;
    }
  }
  return true;
}

/* ---- which tensor of the file is which of the model ---- */

static const NamedArray *find_by_name(const TensorList *tensors, const ParameterTensor *wanted) {
  Text name = {0};
  text_append(&name, "%s/%s", wanted->layer, wanted->name);
  const NamedArray *found = tensor_list_find(tensors, name.bytes);
  name.bytes[strlen(wanted->layer)] = '.';
  if (!found) found = tensor_list_find(tensors, name.bytes);
  text_release(&name);
  return found;
}

/* Finds every tensor by its name. Errors: ERR_DATA for the first that is not there. */
static Status choose_by_name(const TensorList *tensors, const char *source, const ParameterMap *map,
                             const NamedArray **chosen) {
  for (size_t t = 0; t < map->n_tensors; t++) {
    const ParameterTensor *wanted = &map->tensors[t];
    chosen[t] = find_by_name(tensors, wanted);
    if (!chosen[t]) {
      return fail(ERR_DATA, "%s: another model: it has no tensor %s of a layer %s", source,
                  wanted->name, wanted->layer);
    }
  }
  return OK;
}

/* Two layers that could change places unseen: names without numbers do not tell which is first. */
static Status check_order(const NamedArray *const *sorted, size_t count, const char *source) {
  for (size_t i = 0; i < count; i++) {
    for (size_t j = i + 1; j < count; j++) {
      const NamedArray *a = sorted[i], *b = sorted[j];
      bool alike =
          shape_is_same(&a->array.shape, &b->array.shape) && is_bias(a->name) == is_bias(b->name);
      if (!alike || differ_by_number(a->name, b->name)) continue;
      return fail(ERR_DATA,
                  "%s: found '%s' and '%s' of the same shape, which says nothing of their order; "
                  "name the tensors LAYER.kernel and LAYER.bias, or number the layers",
                  source, a->name, b->name);
    }
  }
  return OK;
}

static Status choose_by_order(const TensorList *tensors, const char *source,
                              const NamedArray **chosen) {
  for (size_t i = 0; i < tensors->count; i++) chosen[i] = &tensors->items[i];
  if (tensors->order != ORDER_OF_NAMES) return OK;
  qsort(chosen, tensors->count, sizeof *chosen, compare_names);
  return check_order(chosen, tensors->count, source);
}

static Status choose(const TensorList *tensors, const char *source, const ParameterMap *map,
                     const NamedArray **chosen) {
  if (tensors->order == ORDER_OF_LAYERS) return choose_by_order(tensors, source, chosen);
  Status by_name = choose_by_name(tensors, source, map, chosen);
  if (by_name == OK || tensors->order == ORDER_UNUSED) return by_name;
  return choose_by_order(tensors, source, chosen);
}

/* ---- numbers ---- */

static Status check_shape(const NamedArray *item, const char *source, const ParameterTensor *wanted,
                          bool transposed) {
  Shape expected = wanted->shape;
  if (transposed) expected = (Shape){2, {wanted->shape.dims[1], wanted->shape.dims[0]}};
  if (shape_is_same(&item->array.shape, &expected)) return OK;
  char found_text[SHAPE_TEXT_BYTES], expected_text[SHAPE_TEXT_BYTES];
  return fail(ERR_DATA, "%s: %s: another model: found the shape %s, expected %s for %s of layer %s",
              source, item->name, shape_text(&item->array.shape, found_text),
              shape_text(&expected, expected_text), wanted->name, wanted->layer);
}

static Status copy_tensor(const NamedArray *item, const char *source, const ParameterTensor *wanted,
                          real *parameters) {
  bool transposed = is_weight(item->name) && wanted->shape.n_dims == 2;
  TRY(check_shape(item, source, wanted, transposed));
  size_t columns = wanted->shape.dims[wanted->shape.n_dims - 1], rows = wanted->count / columns;
  for (size_t i = 0; i < wanted->count; i++) {
    size_t from = transposed ? i % columns * rows + i / columns : i;
    real value = (real)array_at(&item->array, from);
    if (!isfinite(value)) {
      return fail(ERR_DATA, "%s: %s: found %g at index %zu, expected finite numbers", source,
                  item->name, (double)value, from);
    }
    parameters[wanted->offset + i] = value;
  }
  return OK;
}

Status tensor_fit(const TensorList *tensors, const char *source, const ParameterMap *map,
                  real *parameters) {
  if (tensors->count != map->n_tensors) {
    return fail(ERR_DATA, "%s: another model: found %zu tensors, expected %zu", source,
                tensors->count, map->n_tensors);
  }
  const NamedArray **chosen = NEW_ARRAY(const NamedArray *, map->n_tensors);
  Status status = choose(tensors, source, map, chosen);
  for (size_t t = 0; t < map->n_tensors && status == OK; t++) {
    status = copy_tensor(chosen[t], source, &map->tensors[t], parameters);
  }
  memory_release(chosen);
  return status;
}
