/* The half of config/yaml_tree.h that writes. */

#include <ctype.h>
#include <string.h>

#include "config/yaml_tree.h"

void yaml_append_scalar(Text *out, const char *text) {
  bool plain = *text && strcmp(text, "null") != 0 && strcmp(text, "~") != 0;
  for (const char *c = text; *c && plain; c++) {
    plain = isalnum((unsigned char)*c) || strchr("_./", *c) || (c > text && *c == '-');
  }
  if (plain) {
    text_append(out, "%s", text);
    return;
  }
  text_append(out, "\"");
  for (const char *c = text; *c; c++) {
    if (*c == '"' || *c == '\\') {
      text_append(out, "\\%c", *c);
    } else if ((unsigned char)*c < 0x20) {
      text_append(out, "\\x%02x", (unsigned char)*c);
    } else {
      text_append(out, "%c", *c);
    }
  }
  text_append(out, "\"");
}

/* What was read without quotes stays without, unless another place would read it in pieces. */
static void append_scalar_node(Text *out, const YamlNode *node) {
  if (yaml_is_null(node)) {
    text_append(out, "null");
  } else if (!node->quoted && *node->text && !strpbrk(node->text, ",[]{}")) {
    text_append(out, "%s", node->text);
  } else {
    yaml_append_scalar(out, node->text);
  }
}

void yaml_append_value(Text *out, const YamlNode *node) {
  if (node->type == YAML_SCALAR) {
    append_scalar_node(out, node);
    return;
  }
  bool is_map = node->type == YAML_MAP;
  text_append(out, is_map ? "{" : "[");
  for (size_t i = 0; i < node->count; i++) {
    if (i > 0) text_append(out, ", ");
    if (is_map) {
      yaml_append_scalar(out, node->keys[i]);
      text_append(out, ": ");
    }
    yaml_append_value(out, node->items[i]);
  }
  text_append(out, is_map ? "}" : "]");
}
