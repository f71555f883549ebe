#pragma once
/* Tables of kinds for the tests of config/: shapes, and fills within them.
 *
 * A circle has a short option, `circle: 2` for `circle: {radius: 2}`, and so has a sheet, whose
 * short option is a kind: `sheet: dots`. A point has no options.
 */

#include <math.h>

#include "config/options.h"

typedef struct DotsOptions {
  int64_t count;
} DotsOptions;

static const Option dots_options[] = {
    {.key = "count",
     .type = OPTION_INT,
     .offset = offsetof(DotsOptions, count),
     .fallback = "3",
     .min = 1,
     .max = 9,
     .help = "how many"},
    {.key = NULL},
};

static const Kind plain = {.name = "plain"};
static const Kind dots = {
    .name = "dots", .options = dots_options, .options_size = sizeof(DotsOptions)};
static const Kind *const fills[] = {&plain, &dots, NULL};
static const KindTable fill_kinds = {.noun = "fill", .kinds = fills};

typedef struct CircleOptions {
  double radius;
  KindSetting fill;
} CircleOptions;

static const Option circle_options[] = {
    {.key = "radius",
     .type = OPTION_REAL,
     .offset = offsetof(CircleOptions, radius),
     .fallback = "1",
     .min = 0,
     .max = INFINITY,
     .help = "in centimetres"},
    {.key = "fill",
     .type = OPTION_KIND,
     .offset = offsetof(CircleOptions, fill),
     .fallback = "plain",
     .kinds = &fill_kinds,
     .help = "what is inside"},
    {.key = NULL},
};

typedef struct SheetOptions {
  KindSetting fill;
} SheetOptions;

static const Option sheet_options[] = {
    {.key = "fill",
     .type = OPTION_KIND,
     .offset = offsetof(SheetOptions, fill),
     .kinds = &fill_kinds,
     .help = "what is on it"},
    {.key = NULL},
};

static const char *const circle_aliases[] = {"disc", "round", NULL};
static const Kind circle = {.name = "circle",
                            .aliases = circle_aliases,
                            .options = circle_options,
                            .options_size = sizeof(CircleOptions),
                            .short_option = "radius"};
static const Kind sheet = {.name = "sheet",
                           .options = sheet_options,
                           .options_size = sizeof(SheetOptions),
                           .short_option = "fill"};
static const Kind point = {.name = "point"};
static const Kind *const shapes[] = {&circle, &sheet, &point, NULL};
static const KindTable shape_kinds = {.noun = "shape", .kinds = shapes};
