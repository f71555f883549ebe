#pragma once
/* A configuration to begin with, for data that was looked at: complete, with a reason beside every
 * line, and good enough to train as it is.
 *
 * Ranks       local
 */

#include "data/data_outline.h"

/* The text of a configuration.
 *
 * Range       path: of the file that it is for, shown in it; outline: NULL for points around a line
 * Ownership   memory_release
 */
char *config_starter_text(const char *path, const DataOutline *outline);

/* What was found in the data, in a few words: "150 samples of 4 numbers, 3 classes". Ownership:
 * memory_release. */
char *config_starter_summary(const DataOutline *outline);
