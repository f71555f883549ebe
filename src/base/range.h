#pragma once
/* A half-open range of anything that is counted: rows, shards, blocks, elements.
 */

#include <stddef.h>

typedef struct Range {
  size_t begin, end;
} Range;

/* Number of things in the range. */
static inline size_t range_count(Range range) {
  return range.end > range.begin ? range.end - range.begin : 0;
}
