#pragma once
/* Numbers too small for the full precision of their type.
 *
 * Moments of gradients that have become 0 decay through them for many steps, and many processors
 * compute with them a hundred times slower than with others.
 */

/* From now on this thread takes operands below the smallest normal number (2^-126 for float) for 0,
 * and gives 0 for results below it: the same on every processor of one kind.
 *
 * Source      Intel 64 and IA-32 Architectures Software Developer's Manual 1, 10.2.3.3 and 10.2.3.4
 * Range       elsewhere than on x86-64 nothing changes
 */
void denormals_flush(void);
