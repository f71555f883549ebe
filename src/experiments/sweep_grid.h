#pragma once
/* The grid of a sweep: every combination of the values of some keys, each with some seeds.
 *
 * The last key varies fastest. Knows nothing of runs.
 *
 * Ranks       local
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "base/text_list.h"

typedef struct SweepAxis {
  char *key;       /* "training.batch_size" */
  TextList values; /* as written; YAML text */
} SweepAxis;

enum { SWEEP_MOST_AXES = 8, SWEEP_MOST_POINTS = 10000 };

typedef struct SweepGrid {
  size_t n_axes;
  SweepAxis axes[SWEEP_MOST_AXES];
} SweepGrid;

/* Adds an axis from "KEY=V1,V2,...". Commas within brackets, braces and quotes divide nothing.
 *
 * Ownership   sweep_grid_release
 * Errors      ERR_USAGE for a text without '=', an empty or repeated value, a key that is there
 *             already, too many axes or points
 */
Status sweep_grid_add(SweepGrid *grid, const char *text);

/* Adds an axis from its values, which are copied. Errors: ERR_USAGE, as sweep_grid_add. */
Status sweep_grid_add_axis(SweepGrid *grid, const char *key, const TextList *values);

/* True if the grid has an axis of that key. */
bool sweep_grid_has(const SweepGrid *grid, const char *key);

/* Releases all axes. */
void sweep_grid_release(SweepGrid *grid);

/* Number of points. */
size_t sweep_grid_points(const SweepGrid *grid);

/* A point's value on an axis, as written; borrowed. */
const char *sweep_grid_value(const SweepGrid *grid, size_t point, size_t axis);

/* The last part of an axis's key, "batch_size", or the whole key where two end alike; borrowed. */
const char *sweep_grid_label(const SweepGrid *grid, size_t axis);

/* "batch_size=32, shuffle=true". Ownership: memory_release. */
char *sweep_point_name(const SweepGrid *grid, size_t point);

/* A name for the folder of each point, unlike that of any other: "batch_size=32", with an
 * underscore for whatever is no letter, digit, dot, dash or equals sign, and the number of the
 * point where two would be alike.
 *
 * Shapes      names (points)
 * Ownership   of each: memory_release
 */
void sweep_grid_folders(const SweepGrid *grid, char **names);
