#pragma once
/* How many cores this process may keep busy. */

#include <stddef.h>

/* The processors that this process may run on, no more than the container's share of time allows;
 * at least 1. Hardware threads count as processors. */
size_t cores_usable(void);
