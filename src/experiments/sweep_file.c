#include "experiments/sweep_file.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "config/expand.h"
#include "config/options.h"
#include "io/path.h"

typedef struct FileOptions {
  char *config;
  int64_t seeds;
  double target;
} FileOptions;

static const Option options[] = {
    {.key = "config", .type = OPTION_PATH, .offset = offsetof(FileOptions, config)},
    {.key = "seeds",
     .type = OPTION_INT,
     .offset = offsetof(FileOptions, seeds),
     .fallback = "1",
     .min = 1,
     .max = 100000},
    {.key = "target",
     .type = OPTION_REAL,
     .offset = offsetof(FileOptions, target),
     .fallback = "null",
     .word = "null",
     .word_value = NAN},
    {.key = NULL},
};

/* Takes an item out of a map; NULL if there is none. */
static YamlNode *take(YamlNode *map, const char *key) {
  YamlNode *found = yaml_find(map, key);
  for (size_t i = 0; i < map->count; i++) {
    if (map->items[i] != found) continue;
    memory_release(map->keys[i]);
    map->count--;
    memmove(&map->keys[i], &map->keys[i + 1], (map->count - i) * sizeof map->keys[0]);
    memmove(&map->items[i], &map->items[i + 1], (map->count - i) * sizeof map->items[0]);
    break;
  }
  return found;
}

static Status check_map(const YamlNode *node, const char *key, const char *expected) {
  char place[YAML_PLACE_BYTES];
  if (node->type == YAML_MAP && node->count > 0) return OK;
  return fail(ERR_CONFIG, "%s: %s: expected %s", yaml_place(node, place), key, expected);
}

/* Commas and quotes of a value are its own: values are never put into one text. */
static Status read_axis(const char *key, const YamlNode *node, SweepGrid *grid) {
  char place[YAML_PLACE_BYTES];
  if (node->type != YAML_LIST || node->count == 0) {
    return fail(ERR_CONFIG, "%s: over.%s: expected a list of values", yaml_place(node, place), key);
  }
  TextList values = {0};
  for (size_t i = 0; i < node->count; i++) {
    Text text = {0};
    yaml_append_value(&text, node->items[i]);
    text_list_take(&values, text_take(&text));
  }
  Status status = sweep_grid_add_axis(grid, key, &values);
  text_list_release(&values);
  return status;
}

static Status read_axes(const YamlNode *over, SweepGrid *grid) {
  TRY(check_map(over, "over", "keys with lists of values, as in training.batch_size: [8, 32]"));
  for (size_t i = 0; i < over->count; i++) TRY(read_axis(over->keys[i], over->items[i], grid));
  return OK;
}

static Status read_changes(const YamlNode *set, TextList *changes) {
  if (!set || yaml_is_null(set)) return OK;
  TRY(check_map(set, "set", "keys with values, as in training.epochs: 10"));
  for (size_t i = 0; i < set->count; i++) {
    Text text = {0};
    text_append(&text, "%s=", set->keys[i]);
    yaml_append_value(&text, set->items[i]);
    text_list_take(changes, text_take(&text));
  }
  return OK;
}

static Status read_options(const YamlNode *root, const char *folder, SweepFile *out) {
  FileOptions read;
  TRY(options_read(options, root, &read));
  out->seeds = read.seeds;
  out->target = read.target;
  Status status = path_resolve(read.config, folder, &out->config);
  options_release(options, &read);
  return status;
}

static Status read_sweep(YamlNode *root, const char *folder, SweepFile *out) {
  YamlNode *over = take(root, "over"), *set = take(root, "set");
  Status status = read_axes(over, &out->grid);
  if (status == OK) status = read_changes(set, &out->changes);
  if (status == OK) status = read_options(root, folder, out);
  yaml_destroy(over);
  yaml_destroy(set);
  return status;
}

Status sweep_file_read(const char *path, SweepFile *out, bool *is_sweep) {
  *out = (SweepFile){.seeds = 1, .target = NAN};
  YamlNode *root;
  TRY(yaml_read_file(path, &root));
  *is_sweep = root->type == YAML_MAP && yaml_find(root, "over");
  Status status = OK;
  if (*is_sweep) {
    char *folder = path_folder(path);
    status = read_sweep(root, folder, out);
    memory_release(folder);
  }
  yaml_destroy(root);
  if (status != OK) sweep_file_release(out);
  return status;
}

void sweep_file_release(SweepFile *file) {
  memory_release(file->config);
  sweep_grid_release(&file->grid);
  text_list_release(&file->changes);
  *file = (SweepFile){.seeds = 1, .target = NAN};
}
