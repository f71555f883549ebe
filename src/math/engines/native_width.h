#pragma once
/* The native engine at each width of vectors that it has kernels for: the same bits at all.
 *
 * math/engines/native.c chooses among them, product by product. The kernels are written once, in
 * native_products.h and native_tile.h, and compiled by the file of each width, which says what a
 * vector is.
 */

#include "math/engine.h"

#if defined(__x86_64__) && !defined(LOCKSTEP_REAL_DOUBLE)
#define NATIVE_KERNELS 1
#endif

/* Each can run on some processors only, and none in the double build. They have no version of their
 * own. */
extern const Engine native_256, native_512;

/* With no more outputs than that, an input gradient is formed from the packed w. */
enum { NATIVE_SMALL_WIDTH = 64 };

/* From now on every product is computed with vectors of so many bits, 256 or 512; 0: each product
 * with those that suit it, as at the start. For tests. False if this processor has no such vectors:
 * nothing has changed then. */
bool native_choose_width(size_t bits);
