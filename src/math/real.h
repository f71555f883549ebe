#pragma once
/* The number type of the computing core: float, or double where LOCKSTEP_REAL_DOUBLE is defined.
 *
 * Training runs in float. The double build serves the gradient checks, where central differences
 * need the digits.
 */

#include <math.h>

#ifdef LOCKSTEP_REAL_DOUBLE
typedef double real;
#else
typedef float real;
#endif

/* Square root, exactly rounded, in the precision of `real`. */
static inline real real_root(real value) {
#ifdef LOCKSTEP_REAL_DOUBLE
  return sqrt(value);
#else
  return sqrtf(value);
#endif
}
