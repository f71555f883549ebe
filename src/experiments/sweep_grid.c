#include "experiments/sweep_grid.h"

#include <ctype.h>
#include <stdbool.h>
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

static Status add_value(SweepAxis *axis, const char *value, size_t length) {
  Text text = {0};
  while (length > 0 && value[0] == ' ') value++, length--;
  text_append_bytes(&text, value, length);
  if (length == 0) return fail(ERR_USAGE, "--over %s: found an empty value", axis->key);
  for (size_t i = 0; i < axis->values.count; i++) {
    if (strcmp(axis->values.values[i], text.bytes) != 0) continue;
    Status status = fail(ERR_USAGE, "--over %s: found the value %s twice", axis->key, text.bytes);
    text_release(&text);
    return status;
  }
  text_list_take(&axis->values, text_take(&text));
  return OK;
}

static Status read_values(SweepAxis *axis, const char *text) {
  for (;;) {
    size_t length = value_length(text);
    TRY(add_value(axis, text, length));
    if (!text[length]) return OK;
    text += length + 1;
  }
}

static Status check_size(const SweepGrid *grid) {
  if (sweep_grid_points(grid) <= SWEEP_MOST_POINTS) return OK;
  return fail(ERR_USAGE, "--over: found %zu points, expected %d at most", sweep_grid_points(grid),
              SWEEP_MOST_POINTS);
}

Status sweep_grid_add(SweepGrid *grid, const char *text) {
  const char *equals = strchr(text, '=');
  if (!equals || equals == text) {
    return fail(ERR_USAGE, "--over %s: expected KEY=V1,V2, as in training.batch_size=32,128", text);
  }
  if (grid->n_axes == SWEEP_MOST_AXES) {
    return fail(ERR_USAGE, "--over %s: expected %d keys at most", text, SWEEP_MOST_AXES);
  }
  SweepAxis *axis = &grid->axes[grid->n_axes++];
  Text key = {0};
  text_append_bytes(&key, text, (size_t)(equals - text));
  axis->key = text_take(&key);
  for (size_t i = 0; i + 1 < grid->n_axes; i++) {
    if (strcmp(grid->axes[i].key, axis->key) == 0) {
      return fail(ERR_USAGE, "--over %s: given twice", axis->key);
    }
  }
  TRY(read_values(axis, equals + 1));
  return check_size(grid);
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

static bool has_twin(const SweepGrid *grid, size_t point, const char *part) {
  bool found = false;
  for (size_t i = 0; i < sweep_grid_points(grid) && !found; i++) {
    char *other = folder_part(grid, i);
    found = i != point && strcmp(other, part) == 0;
    memory_release(other);
  }
  return found;
}

char *sweep_run_name(const SweepGrid *grid, size_t point, int64_t seed) {
  char *part = folder_part(grid, point);
  Text text = {0};
  text_append(&text, "%s", part);
  if (has_twin(grid, point, part)) text_append(&text, "_point=%zu", point + 1);
  text_append(&text, "_seed=%lld", (long long)seed);
  memory_release(part);
  return text_take(&text);
}
