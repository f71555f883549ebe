#include "experiments/sweep_grid.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* Length of the first value of a list. */
static size_t value_length(const char *text) {
  int depth = 0;
  char quote = '\0';
  size_t i = 0;
  for (; text[i]; i++) {
    char c = text[i];
    if (quote) {
      if (c == '\\' && quote == '"' && text[i + 1]) i++;
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (strchr("[{", c)) {
      depth++;
    } else if (strchr("]}", c)) {
      depth--;
    } else if (c == ',' && depth <= 0) {
      break;
    }
  }
  return i;
}

static void split_values(const char *text, TextList *values) {
  for (;;) {
    size_t length = value_length(text), begin = strspn(text, " "), end = length;
    while (end > begin && text[end - 1] == ' ') end--;
    Text value = {0};
    text_append_bytes(&value, text + begin, end > begin ? end - begin : 0);
    text_list_take(values, text_take(&value));
    if (!text[length]) return;
    text += length + 1;
  }
}

static Status check_values(const char *key, const TextList *values) {
  for (size_t i = 0; i < values->count; i++) {
    const char *value = values->values[i];
    if (!*value) return fail(ERR_USAGE, "--over %s: found an empty value", key);
    for (size_t j = 0; j < i; j++) {
      if (strcmp(values->values[j], value) != 0) continue;
      return fail(ERR_USAGE, "--over %s: found the value %s twice", key, value);
    }
  }
  return OK;
}

static Status check_size(const SweepGrid *grid) {
  if (sweep_grid_points(grid) <= SWEEP_MOST_POINTS) return OK;
  return fail(ERR_USAGE, "--over: found %zu points, expected %d at most", sweep_grid_points(grid),
              SWEEP_MOST_POINTS);
}

bool sweep_grid_has(const SweepGrid *grid, const char *key) {
  for (size_t i = 0; i < grid->n_axes; i++) {
    if (strcmp(grid->axes[i].key, key) == 0) return true;
  }
  return false;
}

Status sweep_grid_add_axis(SweepGrid *grid, const char *key, const TextList *values) {
  if (grid->n_axes == SWEEP_MOST_AXES) {
    return fail(ERR_USAGE, "--over %s: expected %d keys at most", key, SWEEP_MOST_AXES);
  }
  if (sweep_grid_has(grid, key)) return fail(ERR_USAGE, "--over %s: given twice", key);
  TRY(check_values(key, values));
  SweepAxis *axis = &grid->axes[grid->n_axes++];
  axis->key = memory_copy_text(key);
  for (size_t i = 0; i < values->count; i++) text_list_add(&axis->values, values->values[i]);
  return check_size(grid);
}

Status sweep_grid_add(SweepGrid *grid, const char *text) {
  const char *equals = strchr(text, '=');
  if (!equals || equals == text) {
    return fail(ERR_USAGE, "--over %s: expected KEY=V1,V2, as in training.batch_size=32,128", text);
  }
  Text key = {0};
  TextList values = {0};
  text_append_bytes(&key, text, (size_t)(equals - text));
  split_values(equals + 1, &values);
  Status status = sweep_grid_add_axis(grid, key.bytes, &values);
  text_list_release(&values);
  text_release(&key);
  return status;
}

void sweep_grid_release(SweepGrid *grid) {
  for (size_t i = 0; i < grid->n_axes; i++) {
    memory_release(grid->axes[i].key);
    text_list_release(&grid->axes[i].values);
  }
  *grid = (SweepGrid){0};
}

size_t sweep_grid_points(const SweepGrid *grid) {
  size_t count = 1;
  for (size_t i = 0; i < grid->n_axes; i++) count *= grid->axes[i].values.count;
  return count;
}

const char *sweep_grid_value(const SweepGrid *grid, size_t point, size_t axis) {
  for (size_t i = grid->n_axes - 1; i > axis; i--) point /= grid->axes[i].values.count;
  const TextList *values = &grid->axes[axis].values;
  return values->values[point % values->count];
}

static const char *last_part(const char *key) {
  const char *dot = strrchr(key, '.');
  return dot ? dot + 1 : key;
}

const char *sweep_grid_label(const SweepGrid *grid, size_t axis) {
  const char *label = last_part(grid->axes[axis].key);
  for (size_t i = 0; i < grid->n_axes; i++) {
    if (i != axis && strcmp(last_part(grid->axes[i].key), label) == 0) return grid->axes[axis].key;
  }
  return label;
}

static void append_point(const SweepGrid *grid, size_t point, const char *between, Text *text) {
  for (size_t i = 0; i < grid->n_axes; i++) {
    text_append(text, "%s%s=%s", i ? between : "", sweep_grid_label(grid, i),
                sweep_grid_value(grid, point, i));
  }
}

char *sweep_point_name(const SweepGrid *grid, size_t point) {
  Text text = {0};
  append_point(grid, point, ", ", &text);
  return text_take(&text);
}

/* The point's part of a folder's name. */
static char *folder_part(const SweepGrid *grid, size_t point) {
  Text text = {0};
  append_point(grid, point, "_", &text);
  for (char *c = text.bytes; *c; c++) {
    if (!isalnum((unsigned char)*c) && !strchr(".-=", *c)) *c = '_';
  }
  if (text.length > 100) text.bytes[100] = '\0';
  return text_take(&text);
}

/* A name and the point that it is of. */
typedef struct PointName {
  size_t point;
  char *name;
} PointName;

static int by_name(const void *a, const void *b) {
  return strcmp(((const PointName *)a)->name, ((const PointName *)b)->name);
}

/* Names that are alike stand beside each other when they are sorted; these get their number. */
void sweep_grid_folders(const SweepGrid *grid, char **names) {
  size_t count = sweep_grid_points(grid);
  PointName *sorted = NEW_ARRAY(PointName, count);
  for (size_t i = 0; i < count; i++) sorted[i] = (PointName){i, folder_part(grid, i)};
  qsort(sorted, count, sizeof *sorted, by_name);
  for (size_t i = 0; i < count; i++) {
    bool has_twin = (i > 0 && by_name(&sorted[i - 1], &sorted[i]) == 0) ||
                    (i + 1 < count && by_name(&sorted[i], &sorted[i + 1]) == 0);
    Text text = {0};
    text_append(&text, "%s", sorted[i].name);
    if (has_twin) text_append(&text, "_point=%zu", sorted[i].point + 1);
    names[sorted[i].point] = text_take(&text);
  }
  for (size_t i = 0; i < count; i++) memory_release(sorted[i].name);
  memory_release(sorted);
}
