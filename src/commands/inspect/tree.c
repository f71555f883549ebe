/* `lockstep inspect --tree`: the file as HDF5 holds it. */

#include <stdio.h>
#include <string.h>

#include "commands/command_json.h"
#include "commands/inspect/subjects.h"

enum { SHOWN_BYTES = 60 }; /* of a value: model_config alone has thousands */

static void print_value(const char *value) {
  size_t length = strcspn(value, "\n");
  bool is_cut = length > SHOWN_BYTES || value[length];
  printf(" = %.*s%s", (int)(length > SHOWN_BYTES ? SHOWN_BYTES : length), value,
         is_cut ? " ..." : "");
}

/* "kernel:0  float32 784x512", "@step = 45", "state/" */
static void print_item(void *context, const H5Item *item) {
  (void)context;
  bool is_root = item->depth == 0, is_group = item->sort == H5_ITEM_GROUP;
  printf("%*s%s%s%s", (int)(2 * item->depth), "", item->value ? "@" : "", item->name,
         is_group && !is_root ? "/" : "");
  if (item->sort == H5_ITEM_DATASET) {
    printf("  %s%s%s", item->type, item->shape ? " " : "", item->shape ? item->shape : "");
  }
  if (item->value) print_value(item->value);
  puts("");
}

static void add_item(void *context, const H5Item *item) {
  static const char *const sorts[] = {
      [H5_ITEM_GROUP] = "group", [H5_ITEM_DATASET] = "dataset", [H5_ITEM_ATTRIBUTE] = "attribute"};
  Json *entry = json_new_object();
  json_put_text(entry, "sort", sorts[item->sort]);
  json_put_text(entry, "path", item->path);
  json_put_text(entry, "name", item->name);
  json_put_text(entry, "type", item->type);
  json_put_text(entry, "shape", item->shape);
  json_put_text(entry, "value", item->value);
  json_add(context, entry);
}

Status inspect_tree(const Checkpoint *checkpoint, bool json) {
  if (!json) return checkpoint_walk(checkpoint, print_item, NULL);
  Json *document = json_new_object(), *items = json_new_array();
  json_put_text(document, "checkpoint", checkpoint_path(checkpoint));
  json_put(document, "items", items);
  Status status = checkpoint_walk(checkpoint, add_item, items);
  if (status == OK) {
    command_print_json(document);
  } else {
    json_release(document);
  }
  return status;
}
