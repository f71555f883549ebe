#pragma once
/* A table with a row of every type, and its reading from YAML. For tests. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "unit/config/shapes.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

typedef struct Inner {
  int64_t whole;
  bool flag;
} Inner;

typedef struct Settings {
  bool flag;
  int64_t whole, bounded, size;
  double real, part;
  char *text, *path;
  int choice;
  IntList wholes;
  TextList texts;
  Inner inner;
  KindSetting shape, tagged, maybe;
  KindList shapes;
} Settings;

static const char *const colours[] = {"red", "green", "blue", NULL};

static const Option inner_options[] = {
    {.key = "whole",
     .type = OPTION_INT,
     .offset = offsetof(Inner, whole),
     .fallback = "5",
     .identity = true},
    {.key = "flag", .type = OPTION_BOOL, .offset = offsetof(Inner, flag), .fallback = "true"},
    {.key = NULL},
};

#define ROW(field, option_type)                                                                    \
  .key = #field, .type = option_type, .offset = offsetof(Settings, field)

static const Option options[] = {
    {ROW(flag, OPTION_BOOL), .fallback = "false"},
    {ROW(whole, OPTION_INT), .help = "a number that has to be there", .identity = true},
    {ROW(bounded, OPTION_INT), .fallback = "2", .min = 1, .max = 64},
    {ROW(size, OPTION_INT), .fallback = "auto", .min = 1, .max = 9, .word = "auto",
     .word_value = 0},
    {ROW(real, OPTION_REAL), .fallback = "0.5"},
    {ROW(part, OPTION_REAL), .fallback = "null", .min = 0, .max = 1, .above_min = true,
     .below_max = true, .word = "null", .word_value = -1},
    {ROW(text, OPTION_TEXT), .fallback = "null"},
    {ROW(path, OPTION_PATH), .fallback = "a/b.csv"},
    {ROW(choice, OPTION_CHOICE), .fallback = "green", .choices = colours},
    {ROW(wholes, OPTION_INT_LIST), .fallback = "[1, 2]", .min = 1, .max = 99},
    {ROW(texts, OPTION_TEXT_LIST), .fallback = "[]"},
    {ROW(inner, OPTION_GROUP), .group = inner_options},
    {ROW(shape, OPTION_KIND), .fallback = "point", .kinds = &shape_kinds, .identity = true},
    {ROW(tagged, OPTION_KIND), .fallback = "point", .kinds = &shape_kinds, .tag = "name",
     .untagged = "circle"},
    {ROW(maybe, OPTION_KIND), .fallback = "null", .kinds = &shape_kinds},
    {ROW(shapes, OPTION_KIND_LIST), .fallback = "[]", .kinds = &shape_kinds},
    {.key = NULL},
};

static inline Status read_settings(const char *yaml, Settings *settings) {
  YamlNode *root;
  if (yaml_read_text(yaml, "test.yaml", &root) != OK) fail_msg("%s", status_message());
  memset(settings, 0, sizeof *settings);
  Status status = options_read(options, root, settings);
  yaml_destroy(root);
  return status;
}

static inline Settings read_good(const char *yaml) {
  Settings settings;
  if (read_settings(yaml, &settings) != OK) fail_msg("%s", status_message());
  return settings;
}

/* A document that differs from a good one in `yaml`; `message` begins behind the file's name. */
static inline void assert_refused(const char *yaml, const char *message) {
  Settings settings, zeros;
  char expected[512];
  snprintf(expected, sizeof expected, "test.yaml:%s", message);
  assert_int_equal(read_settings(yaml, &settings), ERR_CONFIG);
  assert_string_equal(status_message(), expected);
  memset(&zeros, 0, sizeof zeros);
  assert_memory_equal(&settings.shapes, &zeros.shapes, sizeof zeros.shapes);
  assert_null(settings.text);
  assert_null(settings.shape.kind);
}
